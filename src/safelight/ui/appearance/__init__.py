"""The colours, measures and icons of the window."""
