"""Makers of model-free templates, one a file, found by the file's name."""
