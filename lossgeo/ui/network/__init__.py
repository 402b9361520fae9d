"""What stands below the map of a network: what a plane hides, and the edge of stability."""
