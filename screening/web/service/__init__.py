"""The service itself: server, hosts, headers, health, metrics."""
