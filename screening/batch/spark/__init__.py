"""The same on the machines of a Spark cluster."""
