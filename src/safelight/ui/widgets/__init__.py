"""Widgets that several pages share. They know nothing of any page."""
