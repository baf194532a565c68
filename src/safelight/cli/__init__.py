"""The commands. JSON goes to standard output, everything else to standard error."""
