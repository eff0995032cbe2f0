"""The pages of auditors: search, trace, replay, impact, ledger, statistics."""
