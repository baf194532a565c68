"""Which photos are duplicates, and why."""
