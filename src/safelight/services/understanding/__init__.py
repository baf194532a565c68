"""What the photos of a library show, found without a query."""
