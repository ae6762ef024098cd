"""Callbacks for the trainers of other packages; each file imports its package when it is imported itself."""
