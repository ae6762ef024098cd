"""Looks at model and data before anything is trained."""
