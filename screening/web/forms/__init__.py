"""Questions as form fields."""
