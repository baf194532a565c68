"""Trains the starter model that ships with Safelight. See README.md beside this file."""

from safelight.embedding.torchvision_fix import import_torchvision

import_torchvision()  # before timm and open_clip, which need it
