"""What every command needs: options, errors, output, the records."""
