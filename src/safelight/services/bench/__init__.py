"""Measuring the program on the machine at hand, in libraries made for it and thrown away."""
