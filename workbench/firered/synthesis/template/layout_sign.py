"""Signs, notices, posters and cards that hang or lie in the photograph, in perspective."""

from firered.synthesis.layouts.maker import LayoutMaker

MAKER = LayoutMaker("layout_sign", ("sign", "poster", "card", "price"), ("plane",))
