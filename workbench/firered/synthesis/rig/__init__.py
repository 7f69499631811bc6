"""Rendered people and things: a parametric body, its clothes and hair, cameras, light and a rasteriser."""
