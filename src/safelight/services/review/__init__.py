"""What a person decides of duplicates: into the trash, and back."""
