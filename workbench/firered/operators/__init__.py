"""Operators: one file each; the folder is the kind of work."""
