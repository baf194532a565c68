"""What users say about photos, shared with other programs."""
