"""A case and what is written to it: answers, chases, notes, handovers."""
