"""What core and proof found, in sentences: shared words, then those for each audience."""
