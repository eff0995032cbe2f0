"""An installation: its settings, keys and secrets, and the opening of its records."""
