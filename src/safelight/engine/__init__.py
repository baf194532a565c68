"""The services in a separate process, and the messages between it and the window."""
