"""Rules applied to a run in progress: findings are reported once they persist, and withdrawn if they stop holding."""
