"""Encryption of what the records hold: keys of cases, padding, tokens for searching."""
