"""Commands that serve: the application, the demonstration, a witness."""
