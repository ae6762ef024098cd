"""Randomness, memory and process state of the process that trains. Imports torch."""
