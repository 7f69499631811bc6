"""Production of pairs, Sec. 2.3: what may be asked of a photograph, who can make it, and making it."""
