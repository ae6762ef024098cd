"""Output of a run for people: report.html, the terminal summary, the index and the TensorBoard logs."""
