"""Commands that put questions or assess answers."""
