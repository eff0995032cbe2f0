"""The pages of rulesets: the document, its versions, recorded ones."""
