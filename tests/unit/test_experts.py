"""Experts: cards that are refused where they are wrong, and the maker behind them."""

from collections.abc import Sequence
from pathlib import Path
from random import Random

import numpy as np
import pytest
import yaml
from numpy.typing import NDArray
from tests.conftest import scene as picture

from firered.errors import TemplateError
from firered.models.editor import EditError, EditRequest
from firered.pictures import Pictures
from firered.synthesis import expert, experts, makers
from firered.synthesis.expert import Expert
from firered.synthesis.experts import Card
from firered.synthesis.making import Region, Said, Wish
from firered.synthesis.primitives import checked
from firered.synthesis.scene import Box, Scene, SceneFace, SceneMask, SceneOther, SceneText

Pixels = NDArray[np.uint8]

PLAIN = Scene(image_id=1, sha256="", width=400, height=300)
BOX = Box(left=0.1, top=0.1, right=0.2, bottom=0.2)


class Inverting:
    """An editor that inverts; a picture whose first pixel is black is refused."""

    name, revision, device = "inverting", "1", "cpu"

    def __init__(self) -> None:
        self.asked: list[EditRequest] = []

    def edit(self, requests: Sequence[EditRequest]) -> list[Pixels | EditError]:
        """Answer each request."""
        self.asked += requests
        return [
            255 - each.images[0] if each.images[0][0, 0].any() else EditError("too dark", transient=True)
            for each in requests
        ]


class WithFake(Expert):
    """An expert whose editor stands in the test."""

    editor = Inverting()

    @property
    def _editor(self) -> Inverting:  # type: ignore[override]
        return self.editor


def card(**changes: object) -> Card:
    given = {
        "name": "fake",
        "editor": "embedded:patchmatch",
        "primitives": {"restore_denoise": 0.5},
        "licence": "none",
    }
    return Card.model_validate(given | changes)


def made_of(fake: Card, wish: Wish, pictures: Pictures, pixels: Pixels, seed: int = 1) -> makers.Made:
    return WithFake(fake).make(wish, pixels, seed, pictures)


def test_every_card_that_is_shipped_offers_wishes_that_its_primitives_take() -> None:
    other = SceneOther(image_id=2, sha256="0", width=300, height=300)
    whole = Region.of(np.ones((8, 8), np.bool_)).model_dump()
    subject = SceneMask(kind="salient", label="", score=1, area=1, box=BOX, matte="", **whole)
    rich = PLAIN.model_copy(update={"others": [other], "masks": [subject], "width": 640, "height": 480})
    for name in experts.cards():
        maker = makers.load(name)
        wishes = maker.offers(rich, Random(1))
        assert {wish.primitive for wish in wishes} == set(experts.cards()[name].primitives), name
        assert [checked(wish) for wish in wishes] == wishes
        assert maker.offers(rich, Random(1)) == wishes
        assert not maker.offers(rich.model_copy(update={"width": 40, "height": 40}), Random(1))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"name": "other"}, "bad.yaml: name: is 'other'"),
        ({"price": 1}, "bad.yaml: price: extra inputs"),
        ({"editor": "gpt"}, "bad.yaml: editor, needs: .*not a spec"),
        ({"needs": ["nothing"]}, "bad.yaml: editor, needs: no model 'nothing'"),
        ({"primitives": {}}, "bad.yaml: primitives"),
        ({"primitives": {"fly": 0.5}}, "bad.yaml: primitives: no primitive 'fly'"),
        ({"primitives": {"restore_denoise": 1.5}}, "bad.yaml: primitives.restore_denoise: 1.5"),
        ({"slots": {"factor": {"en": "2x", "zh": "2倍", "value": 2}}}, "bad.yaml: slots: no slot 'factor'"),
        ({"degrade": [{"function": "burn"}]}, "bad.yaml: degrade.0.function: no damage 'burn'"),
        (
            {"degrade": [{"function": "fog", "values": {"depth": 1}}]},
            "degrade.0.values: 'fog' takes density, not depth",
        ),
        ({"limits": {"min_side": 0}}, "bad.yaml: limits.min_side"),
        ({"money": -1}, "bad.yaml: money"),
    ],
)
def test_a_wrong_card_is_refused_with_its_file_and_key(
    tmp_path: Path, change: dict[str, object], said: str
) -> None:
    (tmp_path / "experts").mkdir()
    right = card(name="bad").model_dump(mode="json", exclude_defaults=True)
    (tmp_path / "experts" / "bad.yaml").write_text(yaml.safe_dump(right | change), encoding="utf-8")
    with pytest.raises(TemplateError, match=said):
        experts.cards(tmp_path)


def test_a_damaged_source_has_the_photograph_as_its_truth(pictures: Pictures) -> None:
    pixels = picture(1)
    fake = card(degrade=[{"function": "sensor_noise", "values": {"strength": [5.0, 9.0]}}])
    wish = Wish(primitive="restore_denoise")
    made, again, other = (made_of(fake, wish, pictures, pixels, seed) for seed in (1, 1, 2))
    assert made.source is not None and not np.array_equal(made.source, pixels)
    assert np.array_equal(made.pictures["clean"], pixels)
    assert np.array_equal(made.target, 255 - made.source) and np.array_equal(made.target, again.target)
    assert not np.array_equal(made.target, other.target)
    (done,) = made.truth["damage"]
    assert done["function"] == "sensor_noise" and 5 <= done["strength"] <= 9


def test_pictures_are_cut_to_the_multiple_that_an_expert_takes(pictures: Pictures) -> None:
    fake = card(limits={"min_side": 64, "max_side": 400, "multiple": 32})
    wish = Wish(primitive="restore_denoise")
    assert made_of(fake, wish, pictures, picture(1, 100, 130)).target.shape == (96, 128, 3)
    whole = picture(1, 96, 128)
    assert made_of(fake, wish, pictures, whole).source is None
    for size in ((63, 100), (100, 401)):
        with pytest.raises(ValueError, match="takes sides of 64 to 400"):
            made_of(fake, wish, pictures, picture(1, *size))


def test_only_the_mask_of_a_wish_changes(pictures: Pictures) -> None:
    pixels = picture(2, 64, 80)
    mask = np.zeros((64, 80), np.bool_)
    mask[10:30, 20:50] = True
    wish = Wish(primitive="restore_denoise", control={"region": Region.of(mask).model_dump()})
    made = made_of(card(), wish, pictures, pixels)
    assert made.mask is not None and np.array_equal(made.mask, mask)
    assert np.array_equal(made.target[~mask], pixels[~mask])
    assert np.array_equal(made.target[mask], 255 - pixels[mask])


def test_what_fails_in_a_batch_is_an_error_in_its_place(pictures: Pictures) -> None:
    dark = np.zeros((64, 64, 3), np.uint8)
    wishes = [Wish(primitive="restore_denoise")] * 2
    first, second = WithFake(card()).make_many(wishes, [dark, picture(1, 64, 64)], [1, 2], pictures)
    assert isinstance(first, ConnectionError) and str(first) == "too dark"
    assert isinstance(second, makers.Made)


def test_an_expert_that_listens_is_told_the_instruction(pictures: Pictures) -> None:
    fake = card(
        primitives={"restore_enlarge": 0.5},
        prompt={"language": "zh", "text": "请{instruction}", "negative": "模糊"},
    )
    wish = Wish(primitive="restore_enlarge", slots={"factor": Said(en="2x", zh="2倍", value=2)})
    WithFake.editor.asked.clear()
    made_of(fake, wish, pictures, picture(1))
    (request,) = WithFake.editor.asked
    assert request.instruction.startswith("请把图片放大2倍") and request.negative == "模糊"


def test_a_second_picture_is_painted_alike(pictures: Pictures) -> None:
    other = picture(3, 90, 120)
    sha256, _ = pictures.save(other)
    fake = card(primitives={"stylize_like": 0.5}, reference="styled")
    scene = PLAIN.model_copy(update={"others": [SceneOther(image_id=2, sha256=sha256, width=120, height=90)]})
    (wish,) = WithFake(fake).offers(scene, Random(1))
    WithFake.editor.asked.clear()
    made = made_of(fake, wish, pictures, picture(1))
    (reference,) = made.references
    assert np.array_equal(reference, 255 - pictures.pixels(sha256))
    styles = [request.settings["style"] for request in WithFake.editor.asked]
    assert styles[0] == styles[1] == experts.styles()[wish.control["style"]].index


def test_experts_that_invent_detail_are_spared_small_faces_and_letters() -> None:
    face = SceneFace(face=0, score=1, points=[], emotion="", emotion_score=0, age=0, box=BOX)
    strict = WithFake(card(faces=False, texts=False))
    assert strict.offers(PLAIN, Random(1))
    assert not strict.offers(PLAIN.model_copy(update={"faces": [face]}), Random(1))
    assert not strict.offers(
        PLAIN.model_copy(update={"texts": [SceneText(text="a", score=1, box=BOX)]}), Random(1)
    )


def test_a_run_sets_what_a_card_sets_and_anything_under_its_name() -> None:
    maker = Expert(card(settings={"device": "cpu", "batch": 1}, seconds={"cpu": 9, "gpu": 1}))
    changed = maker.configured(device="cuda", batch=4, dtype="float16", fake={"tile": 64}, other={"tile": 1})
    assert changed.settings == {"device": "cuda", "batch": 4, "tile": 64}
    assert (maker.batch, changed.batch) == (1, 4)
    assert (maker.seconds, changed.seconds) == (9, 1)


def test_styles_are_all_named_once_and_the_unclear_ones_are_not_offered() -> None:
    named = experts.styles()
    assert sorted(style.index for style in named.values()) == list(range(26))
    assert len({style.en for style in named.values()}) == len({style.zh for style in named.values()}) == 26
    fake = Expert(card(primitives={"stylize_named": 0.5}))
    drawn = {fake.offers(PLAIN, Random(seed))[0].control["style"] for seed in range(300)}
    assert drawn == {name for name, style in named.items() if style.clear}


@pytest.mark.slow
def test_the_same_wish_gives_the_same_bytes(pictures: Pictures) -> None:
    maker = makers.load("styles_named")
    (wish,) = maker.offers(PLAIN, Random(5))
    first, again = (maker.make(wish, picture(4, 128, 128), 3, pictures).target for _ in range(2))
    assert np.array_equal(first, again)
    assert maker.revision and expert.Expert(experts.cards()["styles_named"]).model == "embedded:styles-named"
