"""Text to values and back: rule files, cases, answers, JSON. Strings in, values out, no files."""
