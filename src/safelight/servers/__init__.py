"""Servers through which other programs use a library: MCP and HTTP. Each needs an extra."""
