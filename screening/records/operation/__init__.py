"""What an operator does with the records as a whole: settings, backup, rotation, erasure."""
