"""Findings of core and proof in sentences: shared words, then those for each audience."""
