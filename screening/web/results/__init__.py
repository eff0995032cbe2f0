"""The pages of a result: assessment, decision, comparison, letter."""
