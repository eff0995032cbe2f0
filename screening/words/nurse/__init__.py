"""Sentences for the nurse, without markup."""
