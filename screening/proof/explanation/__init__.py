"""The exact reasons of one result."""
