"""Judging of pairs and edits, Sec. 2.6."""
