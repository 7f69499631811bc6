"""Captions and instructions, Sec. 2.5."""
