"""Rule files to rulesets, and every mistake in them."""
