"""Stages: what is computed for every photo, and the runner that schedules it."""
