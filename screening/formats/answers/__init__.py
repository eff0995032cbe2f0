"""Answers as text, typed or stored, and days in particular."""
