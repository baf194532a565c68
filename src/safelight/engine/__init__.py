"""The services in a process of their own, and the line between it and the window."""
