"""The patient's way: questions, what matters, the sheet and its files. Nothing is stored."""
