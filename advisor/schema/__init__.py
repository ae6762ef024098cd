"""The results as typed values: what report.json, compare.json and the JSON of ``advisor read`` hold."""
