"""Managing models, and choosing the one that answers searches."""
