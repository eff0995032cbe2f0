"""The pages of one case: answers, what is missing, history, closing."""
