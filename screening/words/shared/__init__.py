"""Words that all audiences share."""
