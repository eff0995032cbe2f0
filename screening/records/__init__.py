"""Files and the clock."""
