"""The services in a process of their own, and the messages between it and the window."""
