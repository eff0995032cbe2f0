"""Generated examples: edits of a ruleset that some example must tell from it."""
