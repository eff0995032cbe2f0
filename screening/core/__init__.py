"""Values and pure functions: conditions, rulesets, evaluation. Standard library only."""
