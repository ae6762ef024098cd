"""The user's file as one Task. Imports torch."""
