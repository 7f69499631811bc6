"""Makers by structure: masks, boxes and points steer them; one a file, found by the file's name."""
