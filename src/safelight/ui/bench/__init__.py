"""The parts of ``safelight bench`` that need a window. Each runs in its own process."""
