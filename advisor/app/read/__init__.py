"""Judging training runs from the logs that they left: TensorBoard, CSV, JSON lines, Hugging Face. No torch."""
