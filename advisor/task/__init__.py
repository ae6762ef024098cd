"""What the user's file offers, as one Task. Knows torch."""
