"""Screening of images and pairs, Sec. 2.2."""
