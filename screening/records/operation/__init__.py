"""Work of an operator on the records as a whole: backup, restore, rotation, erasure."""
