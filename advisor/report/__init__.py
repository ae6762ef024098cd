"""What a run leaves for people: report.html, the terminal's lines, the index and the TensorBoard logs."""
