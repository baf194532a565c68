"""Application logic without Qt: scan, watch, decode, index, search."""
