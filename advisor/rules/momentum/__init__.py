"""Rules on momentum."""
