"""Sentences for auditors and authors of rules, without markup."""
