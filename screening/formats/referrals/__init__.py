"""Referrals as text and as tables."""
