"""What is proved of a ruleset before it is used."""
