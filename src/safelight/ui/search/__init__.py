"""The search box: its text, its chips, what it completes, and why a photo is an answer."""
