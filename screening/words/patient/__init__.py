"""Sentences for the patient, without markup."""
