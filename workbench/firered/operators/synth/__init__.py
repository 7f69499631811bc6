"""Production of pairs, Sec. 2.3."""
