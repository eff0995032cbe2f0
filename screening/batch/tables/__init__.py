"""Tables on disk: answers in, results out, part by part."""
