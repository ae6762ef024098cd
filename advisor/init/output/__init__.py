"""The written task file."""
