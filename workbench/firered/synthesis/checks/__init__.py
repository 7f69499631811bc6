"""Checks of made pairs, Sec. 2.6: whether the pixels show what was asked, and nothing else, without a model."""
