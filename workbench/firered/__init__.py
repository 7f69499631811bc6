"""FireRed workbench: a data engine for instruction-based image editing."""

__version__ = "0.1.0"
