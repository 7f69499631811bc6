"""Recipes: one YAML file is one run; strict, with positions in every message."""
