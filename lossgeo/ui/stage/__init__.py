"""The linked stage (map, model and loss curve), and small maps."""
