"""What the program does: scan, watch, decode, index, search. Plain Python, no Qt."""
