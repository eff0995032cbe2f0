"""Changes of rights by two people, and the review of who has which."""
