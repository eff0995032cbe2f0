"""Signed heads of the ledger, kept on another machine."""
