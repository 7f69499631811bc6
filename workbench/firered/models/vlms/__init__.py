"""Backends of the protocol of vision-language models, one module a kind of spec."""
