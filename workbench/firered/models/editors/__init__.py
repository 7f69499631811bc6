"""Backends of the editor protocol, one module a kind of spec; what is embedded, one module a family."""
