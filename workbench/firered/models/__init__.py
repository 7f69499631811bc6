"""Models: a registry of what can be had, its installer, and one narrow protocol for each kind."""
