"""Two rulesets compared: where they differ, and the simplest patient who shows it."""
