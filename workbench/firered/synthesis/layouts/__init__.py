"""Structured layouts: lettering, plates, marks and pictures, arranged by anchors and drawn with exact boxes."""
