"""Pixel functions of screening: numbers from pixels, Sec. 2.2; no catalog, no decisions."""
