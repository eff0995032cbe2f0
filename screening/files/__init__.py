"""Rule, example, answer and source files. No database."""
