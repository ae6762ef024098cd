"""Randomness, memory and state of the process that trains. Imports torch."""
