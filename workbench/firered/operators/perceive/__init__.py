"""Operators of Sec. 2.3 that say what is where in a photograph."""
