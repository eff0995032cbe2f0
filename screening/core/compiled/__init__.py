"""A ruleset compiled to decision diagrams over cells of answers."""
