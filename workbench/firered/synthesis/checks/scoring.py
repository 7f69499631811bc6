"""The score of a made pair: its property is measured, what must stay is compared."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from firered.synthesis.checks import color, geometry, keeps, letters, local, whole
from firered.synthesis.checks.evidence import Evidence, Found, region_of
from firered.templating import truth as pixel_truth
from firered.templating.planes import Pixels

if TYPE_CHECKING:
    from firered.synthesis.making import Making
    from firered.synthesis.primitives import Measured, Primitive

# Properties whose target may have another size than the source.
RESIZED = frozenset({"enlarged", "viewed", "cut_out"})


@dataclass(frozen=True)
class Score:
    """What the pixels of a made pair say."""

    property: str  # "removed undone" of an inverse
    asked: float
    measured: float
    followed: float  # 0..1
    kept: float  # 0..1
    changed_area: float  # share of the pixels, 0..1
    psnr: float  # dB between source and target


def score(
    source: Pixels, target: Pixels, making: "Making", primitive: "Primitive", clean: Pixels | None = None
) -> Score:
    """Judge a pair by its pixels (H, W, 3); an inverse is measured the other way round."""
    start, end = (target, source) if making.inverse else (source, target)
    rule = primitive.measure
    evidence = evidence_of(start, end, making, rule, clean)
    found = measure(rule, evidence)
    fits = evidence.same_size or rule.property in RESIZED
    return Score(
        property=f"{rule.property} undone" if making.inverse else rule.property,
        asked=rule.asked,
        measured=found.measured,
        followed=found.followed,
        kept=keeps.kept(evidence, rule.keeps) if fits else 0.0,
        changed_area=pixel_truth.changed_area(source, target),
        psnr=pixel_truth.psnr(source, target),
    )


def measure(rule: "Measured", evidence: Evidence) -> Found:
    """Find the property that a primitive names; sizes that differ follow nothing unless the property allows it."""
    if not evidence.same_size and rule.property not in RESIZED:
        return Found(0.0, 0.0)
    return PROPERTIES[rule.property](evidence)


def evidence_of(
    source: Pixels, target: Pixels, making: "Making", rule: "Measured", clean: Pixels | None
) -> Evidence:
    """What a check looks at, of the way there."""
    return Evidence(
        source=source,
        target=target,
        asked=rule.asked,
        limits=rule.limits,
        region=None if making.mask is None else making.mask.decoded(),
        truth=making.truth,
        values={name: said.value for name, said in making.wish.slots.items() if said.value is not None},
        clean=clean,
    )


def composed(evidence: Evidence) -> Found:
    """All steps of a compound edit show: the least of them, each in its own mask."""
    found = [PROPERTIES[step["property"]](_of_step(evidence, step)) for step in _steps(evidence)]
    if not found:
        return local.changed(evidence)
    done = sum(each.followed >= 0.5 for each in found)
    return Found(done / len(found), min(each.followed for each in found))


def _steps(evidence: Evidence) -> list[dict[str, Any]]:
    """Steps of a compound edit by their properties; things of reference pictures are steps that insert them."""
    figures = [
        {"property": "inserted", "mask": figure.get("object"), "truth": figure}
        for figure in evidence.truth.get("figures", ())
    ]
    return [
        *figures,
        *(step for step in evidence.truth.get("steps", ()) if step.get("property") in PROPERTIES),
    ]


def _of_step(evidence: Evidence, step: dict[str, Any]) -> Evidence:
    """The same two pictures, for one step."""
    region = region_of(step.get("mask"), evidence.target.shape[:2])
    return replace(
        evidence,
        region=evidence.region if region is None else region,
        truth=step.get("truth", {}),
        values=step.get("values", {}),
    )


PROPERTIES: dict[str, Callable[[Evidence], Found]] = {
    function.__name__: function
    for function in (
        local.changed, local.exact, local.removed, local.inserted, local.replaced, letters.lettering,
        whole.background, whole.blurred, whole.cut_out, whole.restored, whole.enlarged, whole.redrawn,
        color.recolored, geometry.moved, geometry.resized, geometry.flipped, geometry.viewed, geometry.posed, composed,
    )
}  # fmt: skip
