"""The parts of ``safelight bench`` that need the window; each runs in a process of its own."""
