"""What was measured, and the questions that rules and rounds ask of it."""
