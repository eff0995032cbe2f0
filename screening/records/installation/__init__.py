"""Where an installation keeps its records, keys and secrets, and how they are opened."""
