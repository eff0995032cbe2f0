"""What was proved or compared, in plain sentences."""
