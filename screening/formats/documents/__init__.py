"""JSON documents: answers, assessments, rulesets."""
