"""Configurations: hyper-parameters, schedules and the torch objects they stand for."""
