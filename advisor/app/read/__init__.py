"""Judges training runs from their logs: TensorBoard, CSV, JSON lines, Hugging Face. No torch."""
