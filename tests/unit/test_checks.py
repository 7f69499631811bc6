"""Pixel checks of made pairs: true pairs score high, planted wrong ones low, whatever the property."""

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import scene
from firered.descriptors import contour
from firered.pictures import decode, encode_jpeg
from firered.synthesis.checks import keeps, scoring
from firered.synthesis.checks.evidence import Evidence, box_of, ramp, region_of, window
from firered.synthesis.making import Making, Region, Said, Wish
from firered.synthesis.primitives import Measured, primitives

HEIGHT, WIDTH = 240, 320
BOX = (0.3, 0.3, 0.6, 0.7)
Pair = tuple[np.ndarray, np.ndarray, dict[str, Any]]  # source, target, what Evidence takes besides


def coded(pixels: np.ndarray) -> np.ndarray:
    """What a JPEG makes of pixels."""
    return decode(encode_jpeg(np.ascontiguousarray(pixels, np.uint8)))


def disc(radius: int = 50, x: int = 150, y: int = 120) -> np.ndarray:
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    cv2.circle(mask, (x, y), radius, 1, -1)
    return mask.astype(bool)


def wider(mask: np.ndarray, by: int = 5) -> np.ndarray:
    return cv2.dilate(mask.astype(np.uint8), np.ones((2 * by + 1, 2 * by + 1), np.uint8)).astype(bool)


def laid(ground: np.ndarray, over: np.ndarray, mask: np.ndarray, share: float = 1.0) -> np.ndarray:
    soft = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), 0.8)[..., None] * share
    return np.rint(ground * (1 - soft) + over * soft).astype(np.uint8)


def ground() -> np.ndarray:
    """A calm picture: two ramps and grain."""
    across = np.linspace(60, 160, WIDTH)[None, :, None] + np.linspace(0, 50, HEIGHT)[:, None, None]
    grain = np.random.default_rng(3).normal(0, 5, (HEIGHT, WIDTH, 3))
    return np.clip(across + grain + (0, 8, -12), 0, 255).astype(np.uint8)


def thing() -> np.ndarray:
    """Stripes of strong colours."""
    stripes = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    stripes[:] = (210, 60, 50)
    stripes[::14] = stripes[1::14] = stripes[2::14] = (250, 240, 90)
    stripes[:, ::18] = stripes[:, 1::18] = (20, 20, 90)
    return stripes


def removal(share: float = 1.0) -> Pair:
    source = coded(laid(ground(), thing(), disc()))
    target = np.where(wider(disc())[..., None], laid(ground(), thing(), disc(), 1 - share), source)
    return source, coded(target), {"region": wider(disc())}


def insertion(share: float = 1.0) -> Pair:
    source = coded(ground())
    return source, coded(laid(source, thing(), disc(), share)), {"region": wider(disc())}


def replacement(share: float = 1.0) -> Pair:
    source = coded(laid(ground(), thing(), disc()))
    other = np.rot90(np.tile(thing()[:, :, ::-1], (2, 1, 1)), 1)[:HEIGHT, :WIDTH]
    other = np.ascontiguousarray(cv2.GaussianBlur(other, (0, 0), 1)) // 2 + 40
    return source, coded(laid(source, other, disc(), share)), {"region": wider(disc())}


def recoloring(share: float = 1.0) -> Pair:
    source = coded(laid(ground(), np.full((HEIGHT, WIDTH, 3), (190, 50, 60), np.uint8), disc()))
    blue = np.full((HEIGHT, WIDTH, 3), (60, 90, 200), np.uint8)
    values = {"color": [40, 80, 210]}
    return source, coded(laid(source, blue, disc(), share)), {"region": wider(disc()), "values": values}


def backdrop(share: float = 1.0) -> Pair:
    source = coded(laid(scene(1), thing(), disc()))
    new = np.rint(scene(1) * (1 - share) + scene(6) * share)
    kept = {"subject": Region.of(disc()).model_dump()}
    return source, coded(laid(new, source, disc())), {"region": ~disc(46), "truth": kept}


def cut_out(share: float = 1.0) -> Pair:
    source = coded(laid(scene(1), thing(), disc()))
    white = np.rint(scene(1) * (1 - share) + 255 * share)
    kept = {"subject": Region.of(disc()).model_dump()}
    return source, coded(laid(white, source, disc())), {"region": ~disc(46), "truth": kept}


def restoration(share: float = 1.0) -> Pair:
    clean = scene(4)
    damaged = clean + np.random.default_rng(1).normal(0, 25, clean.shape)
    mended = damaged * (1 - share) + clean * share
    return *(coded(np.clip(each, 0, 255)) for each in (damaged, mended)), {"clean": clean}  # type: ignore[return-value]


def redrawing(share: float = 1.0) -> Pair:
    source = coded(scene(2))
    drawn = np.where(cv2.medianBlur(source, 5) > 120, 235, 45)
    return source, coded(source * (1 - share) + drawn * share), {}


def enlargement(share: float = 1.0) -> Pair:
    large = scene(4, 2 * HEIGHT, 2 * WIDTH)
    small = coded(cv2.resize(large, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA))
    return small, coded(large) if share == 1 else small, {}


def move(share: float = 1.0) -> Pair:
    boxes = [(0.1, 0.2, 0.3, 0.5), (0.6, 0.4, 0.8, 0.7)]
    shown = [coded(ground()) for _ in boxes]
    mask = np.zeros((HEIGHT, WIDTH), bool)
    for picture, box in zip(shown, boxes, strict=True):
        picture[window(box, picture.shape)] = cv2.resize(scene(3)[40:140, 60:160], (64, 72))
        mask[window(box, picture.shape)] = True
    target = shown[1] if share == 1 else shown[0]
    return (
        shown[0],
        coded(target),
        {"region": mask, "truth": dict(zip(("before", "after"), boxes, strict=True))},
    )


def view(share: float = 1.0) -> Pair:
    source = coded(scene(4))
    box = tuple(side * share + whole * (1 - share) for side, whole in zip(BOX, (0, 0, 1, 1), strict=True))
    seen = cv2.resize(source[window(box, source.shape)], (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
    return source, coded(seen), {"truth": {"window": list(BOX)}}


def letters(share: float = 1.0) -> Pair:
    source, target, chars = coded(ground()), coded(ground()), []
    for place, char in enumerate("SALE"):
        left = 60 + 45 * place
        if place < 4 * share:
            cv2.putText(target, char, (left, 140), cv2.FONT_HERSHEY_DUPLEX, 1.5, (255, 250, 240), 3)
        chars.append([char, left / WIDTH, 105 / HEIGHT, (left + 32) / WIDTH, 142 / HEIGHT])
    mask = np.zeros((HEIGHT, WIDTH), bool)
    mask[95:152, 50:250] = True
    return source, coded(target), {"region": mask, "truth": {"chars": chars}}


MADE: dict[str, tuple[Callable[[float], Pair], tuple[str, ...]]] = {
    "changed": (insertion, ("outside",)),
    "exact": (insertion, ("outside",)),
    "removed": (removal, ("outside",)),
    "inserted": (insertion, ("outside",)),
    "replaced": (replacement, ("outside",)),
    "recolored": (recoloring, ("outside",)),
    "background": (backdrop, ("subject",)),
    "cut_out": (cut_out, ("subject",)),
    "restored": (restoration, ("structure",)),
    "redrawn": (redrawing, ("structure",)),
    "enlarged": (enlargement, ()),
    "moved": (move, ("outside",)),
    "viewed": (view, ("view",)),
    "lettering": (letters, ("outside",)),
}
MASKED = [
    name
    for name, (made, _) in MADE.items()
    if "region" in made(1.0)[2] and name not in ("background", "cut_out")
]
BY_DEGREES = ("recolored", "background", "cut_out", "removed", "replaced", "inserted", "lettering")


def judged(name: str, source: np.ndarray, target: np.ndarray, about: dict[str, Any]) -> tuple[float, float]:
    """Followed and kept."""
    evidence = Evidence(source=source, target=target, **about)
    rule = Measured(property=name, keeps=list(MADE[name][1]))
    return scoring.measure(rule, evidence).followed, keeps.kept(evidence, rule.keeps)


@pytest.mark.parametrize("name", MADE)
def test_a_true_pair_is_followed_and_kept(name: str) -> None:
    followed, kept = judged(name, *MADE[name][0](1.0))
    assert (followed, kept) == (pytest.approx(1, abs=0.2), pytest.approx(1, abs=0.2))


@pytest.mark.parametrize("name", MADE)
def test_a_pair_without_an_edit_is_not_followed(name: str) -> None:
    source, _, about = MADE[name][0](1.0)
    assert judged(name, source, coded(source), about)[0] < 0.2


@pytest.mark.parametrize("name", MADE)
def test_the_target_of_another_pair_does_not_pass(name: str) -> None:
    source, target, about = MADE[name][0](1.0)
    other = cv2.resize(scene(9), target.shape[1::-1])
    followed, kept = judged(name, source, coded(other), about)
    assert followed < 0.5 or kept < 0.5


@pytest.mark.parametrize("name", BY_DEGREES)
def test_a_third_of_an_edit_is_not_followed(name: str) -> None:
    assert judged(name, *MADE[name][0](0.3))[0] < 0.5


@pytest.mark.parametrize("name", MASKED)
def test_damage_outside_of_the_mask_is_not_kept(name: str) -> None:
    source, target, about = MADE[name][0](1.0)
    damaged = target.copy()
    damaged[:50, :50] = 255 - damaged[:50, :50]
    assert judged(name, source, damaged, about)[1] < 0.2


def test_a_filled_hole_with_a_visible_border_is_not_removed() -> None:
    source, target, about = removal()
    brighter = np.where(about["region"][..., None], np.clip(target + 25.0, 0, 255), target)
    assert judged("removed", source, coded(brighter), about)[0] < 0.3


def test_a_rim_that_was_left_is_not_removed() -> None:
    source, target, about = removal()
    left = np.where(disc(44)[..., None], target, source)
    assert judged("removed", source, coded(left), about)[0] < 0.5


def test_a_smear_is_not_removed() -> None:
    grainy = np.clip(ground() + np.random.default_rng(0).normal(0, 25, (HEIGHT, WIDTH, 3)), 0, 255).astype(
        np.uint8
    )
    source = coded(laid(grainy, thing(), disc()))
    smear = np.where(wider(disc())[..., None], cv2.GaussianBlur(grainy, (0, 0), 9), source)
    assert judged("removed", source, coded(smear), {"region": wider(disc())})[0] < 0.3


def test_a_halo_around_the_subject_is_not_followed() -> None:
    source, target, about = backdrop()
    rim = wider(disc(), 2) & ~disc(48)
    target = np.where(rim[..., None], 255, target)
    assert judged("background", source, coded(target), about)[0] < 0.3


def test_another_colour_than_the_named_one_is_not_followed() -> None:
    source, target, about = recoloring()
    assert judged("recolored", source, target, about | {"values": {"color": [40, 170, 60]}})[0] < 0.2


def test_a_thing_that_was_copied_did_not_move() -> None:
    source, target, about = move()
    part = window(about["truth"]["before"], target.shape)
    target[part] = source[part]
    assert judged("moved", source, target, about)[0] < 0.2


def test_a_size_that_no_one_asked_for_follows_nothing() -> None:
    source, target, about = insertion()
    assert judged("changed", source, target[:200], about)[0] == 0


def test_an_inverse_is_measured_the_other_way_round() -> None:
    source, target, about = insertion()
    made = next(each for each in primitives().values() if each.measure.property == "inserted")
    making = Making(
        wish=Wish(primitive=made.name, slots={name: Said(en="thing", zh="物") for name in made.slots}),
        maker="m", version=1, seed=0, start="", max_side=512, codec="jpeg", quality=92,
        mask=Region.of(about["region"]),
    )  # fmt: skip
    there = scoring.score(source, target, making, made)
    back = scoring.score(target, source, making.model_copy(update={"inverse": True}), made)
    assert (back.followed, back.kept) == (there.followed, there.kept)
    assert (there.property, back.property) == ("inserted", "inserted undone")


def test_a_compound_edit_is_as_good_as_its_worst_step() -> None:
    source, target, about = insertion()
    done = {"property": "inserted", "mask": Region.of(about["region"]).model_dump()}
    missing = {"property": "inserted", "mask": Region.of(wider(disc(30, 270, 60))).model_dump()}
    for steps, followed, measured in (([done], 1, 1), ([done, missing], 0, 0.5)):
        evidence = Evidence(source=source, target=target, truth={"steps": steps})
        found = scoring.composed(evidence)
        assert (found.followed, found.measured) == (pytest.approx(followed, abs=0.2), measured)


@pytest.mark.parametrize("made", primitives().values(), ids=lambda made: made.name)
def test_every_primitive_asks_for_what_can_be_measured(made: Any) -> None:
    assert made.measure.property in scoring.PROPERTIES
    assert set(made.measure.keeps) <= set(keeps.ASPECTS)


@pytest.mark.parametrize("name", MADE)
@pytest.mark.parametrize("shape", [(1, 1), (3, 400), (64, 64)])
def test_pictures_of_any_shape_have_a_score(name: str, shape: tuple[int, int]) -> None:
    pixels = np.zeros((*shape, 3), np.uint8)
    about = {
        "region": np.ones(shape, bool),
        "values": {"color": [255, 0, 0]},
        "truth": {"window": [0, 0, 1, 1]},
    }
    assert judged(name, pixels, pixels, about)[0] < 0.5


# --- borders ----------------------------------------------------------------------------------------


@settings(max_examples=10, deadline=None)
@given(st.integers(25, 60), st.integers(90, 230), st.integers(80, 160), st.integers(0, 99))
def test_no_seam_shows_where_nothing_was_done(radius: int, x: int, y: int, seed: int) -> None:
    grain = np.random.default_rng(seed).normal(120, 12, (HEIGHT, WIDTH)).astype(np.float32)
    border = contour.Contour(disc(radius, x, y))
    assert contour.seam(grain, border) == pytest.approx(1, abs=0.2)
    assert contour.step(grain, border) == pytest.approx(1, abs=0.5)
    assert contour.texture(grain, border) == pytest.approx(1, abs=0.2)


def test_distances_are_negative_inside_and_jump_by_one_across_the_border() -> None:
    mask = np.zeros((HEIGHT, WIDTH), bool)
    mask[60:180, 80:240] = True
    away = contour.Contour(mask).away
    assert (away[mask] < 0).all() and (away[~mask] > 0).all()
    assert away[120, 236:244] == pytest.approx(np.arange(-3.5, 4.5))


def test_a_mask_that_is_everything_or_nothing_has_no_border() -> None:
    plane = ground()[..., 0].astype(np.float32)
    for mask in (np.ones((HEIGHT, WIDTH), bool), np.zeros((HEIGHT, WIDTH), bool)):
        border = contour.Contour(mask)
        assert (contour.seam(plane, border), contour.halo(plane, border)) == (0.0, (0.0, 0.0))


def test_a_patch_that_was_copied_repeats() -> None:
    random = np.random.default_rng(0).normal(120, 20, (HEIGHT, WIDTH)).astype(np.float32)
    copied = random.copy()
    copied[80:160, 150:200] = copied[80:160, 100:150]
    mask = np.zeros((HEIGHT, WIDTH), bool)
    mask[80:160, 100:200] = True
    assert contour.repetition(copied, mask) > 0.8
    assert contour.repetition(random, mask) < 0.3


# --- numbers ----------------------------------------------------------------------------------------


@given(st.floats(-10, 10), st.floats(-5, 5), st.floats(0.1, 5))
def test_a_ramp_stays_between_nothing_and_all(value: float, start: float, width: float) -> None:
    assert 0 <= ramp(value, start, start + width) <= 1
    assert ramp(value, start, start + width) == pytest.approx(1 - ramp(value, start + width, start))


def test_boxes_and_regions_are_read_from_what_is_stored() -> None:
    assert box_of([0.1, 0.2, 0.3, 0.4]) == box_of({"left": 0.1, "top": 0.2, "right": 0.3, "bottom": 0.4})
    assert box_of([0.3, 0.2, 0.1, 0.4]) is None and box_of("box") is None and box_of(None) is None
    stored = Region.of(disc()).model_dump()
    assert (region_of(stored, (HEIGHT, WIDTH)) == disc()).all()
    assert region_of(None, (4, 4)) is None
