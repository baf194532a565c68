"""The commands that need no window. JSON goes to standard output, everything else to standard error."""
