"""One case as it is kept: its row, its history, its assessments, and the one way to write it."""
