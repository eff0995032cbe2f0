"""Examples: answers that a rule's author wrote beside the rule, with what must come of them."""
