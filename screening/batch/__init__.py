"""Many answer sets at once: the program of a ruleset over columns of answers."""
