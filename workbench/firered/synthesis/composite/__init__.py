"""Composites: cut-outs laid on photographs, with their light, softness, grain and shadows; faces; cloth."""
