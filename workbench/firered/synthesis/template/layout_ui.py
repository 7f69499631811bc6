"""Buttons, badges, price tags and screens of programs."""

from firered.synthesis.layouts.maker import LayoutMaker

MAKER = LayoutMaker("layout_ui", ("price", "button", "badge", "screen"), ("overlay", "framed"))
