"""The patient's pages, which store nothing: questions, what matters, the sheet and its files."""
