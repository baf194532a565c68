"""The window. The only package that knows Qt. It never imports torch, and runs no SQL on the GUI thread."""
