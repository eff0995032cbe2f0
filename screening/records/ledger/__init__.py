"""The ledger of events: what each write adds to it, and how all of it is verified."""
