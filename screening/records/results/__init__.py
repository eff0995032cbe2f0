"""Assessments and the decisions on them, replayed, searched and counted."""
