"""Rules on the fit of the curves."""
