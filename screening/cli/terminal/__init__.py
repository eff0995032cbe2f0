"""The common parts of commands: options, errors, output, the records."""
