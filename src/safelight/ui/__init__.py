"""The window. The only place that knows Qt; it never imports torch and never runs SQL on its own thread."""
