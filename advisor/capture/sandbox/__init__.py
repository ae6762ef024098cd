"""Side effects of a script are blocked or redirected to a scratch folder, and listed."""
