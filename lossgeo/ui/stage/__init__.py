"""The linked stage: map, model and loss curve, and the small maps beside it."""
