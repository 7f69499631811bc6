"""Pixel truth: what an edit changed, measured from source and target without a model."""

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np

from firered.pictures import decode, encode_jpeg
from firered.templating import truth_detail, truth_fit, truth_place, truth_style, truth_tone
from firered.templating.edits import Edit
from firered.templating.filters import Aspect, Filter, Measure, Number
from firered.templating.findings import Finding, correlation, shrunk
from firered.templating.pixels import apply
from firered.templating.planes import Pixels, Plane, chroma, luma
from firered.templating.tone import hue_weight

# The property of filters that are measured by making the target again.
AGAIN = "again"
# A value that moved less is the codec's work.
_MOVED = 12
# The property's name in a filter -> (source, target, values) -> what was found.
MEASURES: dict[str, Callable[[Pixels, Pixels, dict[str, Any]], Finding]] = {
    function.__name__: function
    for function in (
        truth_tone.brightness,
        truth_tone.exposure,
        truth_tone.contrast,
        truth_tone.saturation,
        truth_tone.warmth,
        truth_tone.vignette,
        truth_tone.colourlessness,
        truth_tone.hue,
        truth_tone.mix,
        truth_tone.recolor,
        truth_tone.channel_order,
        truth_tone.negative,
        truth_tone.range_loss,
        truth_tone.sepia,
        truth_detail.sharpness,
        truth_detail.blur,
        truth_detail.motion_blur,
        truth_detail.noise,
        truth_detail.compression,
        truth_detail.resolution,
        truth_detail.scratches,
        truth_style.levels,
        truth_style.sketch,
        truth_style.blocks,
        truth_style.dots,
        truth_style.relief,
        truth_style.text,
        truth_style.ink,
        truth_place.zoom,
        truth_place.rotation,
        truth_place.quarter_turns,
        truth_place.mirror,
    )
}


def measure(source: Pixels, target: Pixels, edit: Edit, made: Filter) -> Finding:
    """Find the amount of the named property; source and target are those of the forward edit."""
    if source.shape != target.shape and made.task != "viewpoint":
        return Finding(measured=0.0, agreement=0.0)
    if made.measure.property == AGAIN:
        return _made_again(source, target, edit, made)
    values = edit.values
    if edit.text is not None:
        # The forward strings, whichever way the pair points.
        before, after = (
            (edit.text.after, edit.text.before) if edit.inverse else (edit.text.before, edit.text.after)
        )
        chars = edit.text.before_chars if edit.inverse else edit.text.after_chars
        values = values | {"text_before": before, "text": after, "chars": chars}
    return MEASURES[made.measure.property](source, target, values)


def _made_again(source: Pixels, target: Pixels, edit: Edit, made: Filter) -> Finding:
    """Find the amount by trying those that the filter offers; without one, how much of the change it explains."""

    def stored(values: dict[str, Any]) -> Pixels:
        # Through the codec too: what it does to noise is no one's mistake.
        return decode(encode_jpeg(apply(edit.function, source, values), quality=edit.quality))

    name = made.measure.asked
    if not isinstance(name, str):
        return truth_fit.remade(source, target, stored(edit.values))
    parameter = made.parameters[name]
    assert isinstance(parameter, Number), (made.name, name)
    found = truth_fit.fitted(
        target, lambda amount: apply(edit.function, source, {**edit.values, name: amount}), parameter.values()
    )
    return truth_fit.agreeing(source, target, found, stored({**edit.values, name: found}))


def followed(found: Finding, wanted: float, rule: Measure) -> float:
    """How well the found amount meets the wanted one, 0..1; 0 at the tolerance, a relative error."""
    error = found.measured - wanted
    if rule.period is not None:
        error = (error + rule.period / 2) % rule.period - rule.period / 2
    closeness = 1 - abs(error) / (rule.within or rule.tolerance * abs(wanted))
    return float(np.clip(closeness, 0, 1) * np.clip(found.agreement, 0, 1))


def kept(source: Pixels, target: Pixels, edit: Edit, made: Filter, found: Finding) -> float:
    """How well the rest is kept, 0..1: the least of the aspects that the filter names."""
    if source.shape != target.shape and made.task != "viewpoint":
        return 0.0
    return min(
        float(np.clip(_aspect(aspect, source, target, edit, found), 0, 1)) for aspect in made.measure.keeps
    )


def changed_area(source: Pixels, target: Pixels) -> float:
    """Share of the pixels that changed visibly, 0..1; 1 where the sizes differ."""
    if source.shape != target.shape:
        return 1.0
    return float((cv2.absdiff(source, target).max(axis=-1) > _MOVED).mean())


def psnr(source: Pixels, target: Pixels) -> float:
    """Peak signal-to-noise ratio in dB, at most 100; 100 also where the sizes differ."""
    if source.shape != target.shape:
        return 100.0
    return float(min(100.0, cv2.PSNR(source, target)))


def _aspect(aspect: Aspect, source: Pixels, target: Pixels, edit: Edit, found: Finding) -> float:
    if aspect == "view":
        return found.view
    if aspect == "outside":
        return _outside(source, target, edit)
    if aspect == "others":
        return _others(source, target, edit)
    return _COMPARISONS[aspect](source, target)


def _structure(source: Pixels, target: Pixels) -> float:
    return correlation(_edges(source), _edges(target))


def _coarse(source: Pixels, target: Pixels) -> float:
    return correlation(shrunk(luma(source), 32), shrunk(luma(target), 32))


def _relief_edges(source: Pixels, target: Pixels) -> float:
    # A relief shows the edges across its light only.
    return 1.4 * correlation(_edges(source), shrunk(np.abs(luma(target) - 128), 128))


def _strokes(source: Pixels, target: Pixels) -> float:
    # Strokes follow relative steps: an edge between dark tones is drawn as strongly as one between bright ones.
    drawn = _slopes(shrunk(np.log(luma(source) + 12), 128))
    dark = shrunk(255 - luma(target), 128)
    return 1.4 * correlation(cv2.GaussianBlur(drawn, (0, 0), 1.5), cv2.GaussianBlur(dark, (0, 0), 1.5))


def _hue(source: Pixels, target: Pixels) -> float:
    first, second = chroma(source), chroma(target)
    product = np.conj(first) * second
    weight = float(np.abs(product).sum())
    # Greys have no hue to keep.
    return float(product.real.sum()) / weight if weight > 20 * product.size else 1.0


def _luma(source: Pixels, target: Pixels) -> float:
    return 1 - float(np.abs(luma(source) - luma(target)).mean()) / 48


def _edges(pixels: Pixels) -> Any:
    return _slopes(shrunk(luma(pixels), 128))


def _slopes(plane: Plane) -> Any:
    return cv2.magnitude(cv2.Sobel(plane, cv2.CV_32F, 1, 0), cv2.Sobel(plane, cv2.CV_32F, 0, 1))


def _outside(source: Pixels, target: Pixels, edit: Edit) -> float:
    """1 where nothing changed outside of the letters' box, 0 from a tenth of the picture on."""
    assert edit.text is not None
    height, width = source.shape[:2]
    moved = cv2.absdiff(source, target).max(axis=-1) > _MOVED
    left, top, right, bottom = (
        round(side * size) for side, size in zip(edit.text.box, (width, height) * 2, strict=True)
    )
    # Outlines and the codec's blocks reach a little beyond the box.
    moved[max(0, top - 12) : bottom + 12, max(0, left - 12) : right + 12] = False
    return 1 - 10 * float(moved.mean())


def _others(source: Pixels, target: Pixels, edit: Edit) -> float:
    """1 where the other colours stay, 0 where their chroma moved by 24 levels on average."""
    other = hue_weight(source, edit.values["color"]) == 0
    if not other.any():
        return 1.0
    return 1 - float(np.abs(chroma(target) - chroma(source))[other].mean()) / 24


_COMPARISONS: dict[str, Callable[[Pixels, Pixels], float]] = {
    "structure": _structure,
    "coarse": _coarse,
    "edges": _relief_edges,
    "strokes": _strokes,
    "hue": _hue,
    "luma": _luma,
}
