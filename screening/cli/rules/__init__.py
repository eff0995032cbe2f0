"""Commands about rulesets: check, show, prove, compare, examples, versions."""
