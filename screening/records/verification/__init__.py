"""Verifies the ledger, every row that it covers, and what a witness kept of it."""
