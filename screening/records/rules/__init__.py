"""Rulesets that were recorded, and which of them are in use."""
