"""What a script would do to the outside is held back or sent to a scratch folder, and listed."""
