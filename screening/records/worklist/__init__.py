"""Many cases at once: the order of the worklist, and what is urgent in it."""
