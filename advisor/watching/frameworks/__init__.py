"""Callbacks for the trainers of other packages; importing a file imports its package."""
