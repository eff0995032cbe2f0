"""The service itself: server, headers, health, metrics."""
