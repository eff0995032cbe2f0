"""The proofs of a ruleset, made before it is used."""
