"""Commands of operators: data, keys, ledger, erasure, users."""
