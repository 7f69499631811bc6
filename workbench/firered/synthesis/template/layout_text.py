"""Headlines, captions, subtitles, logos, posters and cards, over a photograph or round it."""

from firered.synthesis.layouts.maker import LayoutMaker

MAKER = LayoutMaker("layout_text", ("text", "subtitle", "logo", "poster", "card"), ("overlay", "framed"))
