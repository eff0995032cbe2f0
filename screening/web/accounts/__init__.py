"""Signing in, sessions, second factors, and who may open which page."""
