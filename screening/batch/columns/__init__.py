"""The program of a ruleset over columns of answers."""
