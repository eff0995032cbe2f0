"""Results: assessments, what is still needed, warning signs, and the rules of decisions."""
