"""Accounts, roles and sites, and the steps by which rights change."""
