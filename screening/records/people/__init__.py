"""Accounts, roles and sites, and the changes of them that two people make."""
