"""Planting: known defects put into real photographs, to measure what screening finds."""
