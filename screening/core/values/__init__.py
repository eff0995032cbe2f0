"""Values: answers, days, truths, and words with their sources."""
