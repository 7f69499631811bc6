"""The maker behind a card: an editing model that takes a picture and, if it listens to one, a sentence."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from random import Random
from typing import TYPE_CHECKING, Any

from firered.models import editor
from firered.models.editor import EditError, Editor, EditRequest
from firered.synthesis import damage, wishes
from firered.synthesis.experts import Card, styles
from firered.synthesis.makers import Made, Strategy
from firered.synthesis.making import Region, Wish
from firered.synthesis.primitives import met, primitive
from firered.synthesis.scene import Scene, mask_of
from firered.synthesis.words import canonical

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from firered.pictures import Pictures

    Pixels = NDArray[np.uint8]
    Binary = NDArray[np.bool_]

SMALL_FACE = 0.2  # of the height: smaller faces do not survive experts that invent detail


class Expert:
    """Offers and makes what its card says; `changes` are a run's settings of the editor."""

    strategy: Strategy = "expert"

    def __init__(self, card: Card, changes: Mapping[str, Any] | None = None) -> None:
        self.card = card
        self.name = card.name
        self.version = card.version
        self.needs = tuple(card.needs)
        self.model = card.editor  # its spec
        self.money = card.money  # for a pair
        self.settings = {**card.settings, **(changes or {})}  # of the editor
        # Pairs that are made at a time: as many as the editor is told to take at once, where it is told.
        self.batch = max(card.batch, int(self.settings.get("batch", 1)))

    @property
    def seconds(self) -> float | None:
        """Seconds of a pair of 512 pixels on the device that is set, None where they were not measured."""
        on_processor = str(self.settings.get("device", "cpu")) == "cpu"
        return self.card.seconds.cpu if on_processor else self.card.seconds.gpu

    @property
    def revision(self) -> str:
        """Identity of the editor's weights."""
        return self._editor.revision

    @property
    def _editor(self) -> Editor:
        return _loaded(self.card.editor, json.dumps(self.settings, sort_keys=True))

    def configured(self, **settings: Any) -> "Expert":
        """The expert with a run's settings: those under its own name, and of the others what its card sets, too."""
        common = {key: value for key, value in settings.items() if key in self.card.settings}
        return Expert(self.card, {**common, **settings.get(self.name, {})})

    def offers(self, scene: Scene, random: Random) -> list[Wish]:
        """One wish for each primitive that the photograph allows."""
        return list(self._offers(scene, random)) if self._takes(scene) else []

    def _takes(self, scene: Scene) -> bool:
        small = any(face.box.bottom - face.box.top < SMALL_FACE for face in scene.faces)
        legible = (self.card.faces or not small) and (self.card.texts or not scene.texts)
        return legible and min(scene.width, scene.height) >= self.card.limits.min_side

    def _offers(self, scene: Scene, random: Random) -> Iterator[Wish]:
        for name in self.card.primitives:
            asked = primitive(name)
            if met(asked.needs, scene):
                wish = wishes.drawn(asked, self.card.slots, scene, random)
                if wish is not None:
                    yield wish

    def make(self, wish: Wish, source: "Pixels", seed: int, pictures: "Pictures") -> Made:
        """Make one pair; raises ValueError with the reason where the editor gives nothing."""
        (made,) = self.make_many([wish], [source], [seed], pictures)
        if isinstance(made, Exception):
            raise made
        return made

    def make_many(
        self,
        wanted: Sequence[Wish],
        sources: "Sequence[Pixels]",
        seeds: Sequence[int],
        pictures: "Pictures",
    ) -> list[Made | Exception]:
        """Make pairs together; what fails of them is an exception in its place."""
        orders = [_order(self.card, *each, pictures) for each in zip(wanted, sources, seeds, strict=True)]
        references = [order.reference for order in orders if order.reference is not None]
        answers = self._editor.edit([*(order.request for order in orders), *references])
        styled = iter(answers[len(orders) :])
        return [
            _made(order, answer, None if order.reference is None else next(styled))
            for order, answer in zip(orders, answers[: len(orders)], strict=True)
        ]


@dataclass(frozen=True)
class _Order:
    """What an editor is asked for one pair, and what else the pair consists of."""

    request: EditRequest
    given: "Pixels"
    clean: "Pixels | None"
    reference: EditRequest | None  # a second picture that is to be painted in the same style
    plain: "tuple[Pixels, ...]"  # references as they are
    truth: Mapping[str, Any]


def _order(card: Card, wish: Wish, given: "Pixels", seed: int, pictures: "Pictures") -> _Order:
    fitted = _fitted(given, card)
    source, truth = _damaged(card, fitted, seed)
    others = tuple(pictures.scaled(each.sha256, max(source.shape[:2])) for each in wish.others.values())
    plain = others if card.reference == "plain" else ()
    request = EditRequest(
        images=(source, *plain),
        instruction=card.spoken.text.format(instruction=canonical(wish, card.spoken.language))
        if card.spoken
        else "",
        negative=card.spoken.negative if card.spoken else "",
        mask=_mask(wish, source),
        seed=seed,
        settings=_style(wish),
    )
    styled = replace(request, images=others, mask=None) if card.reference == "styled" else None
    return _Order(request, given, fitted if card.degrade else None, styled, plain, truth)


def _fitted(given: "Pixels", card: Card) -> "Pixels":
    """The middle of a picture whose sides are what the expert takes; raises ValueError where it is too large or small."""
    height, width = given.shape[:2]
    if min(height, width) < card.limits.min_side or max(height, width) > card.limits.max_side:
        taken = f"{card.limits.min_side} to {card.limits.max_side}"
        raise ValueError(f"picture of {width}x{height} pixels ({card.name} takes sides of {taken})")
    if height % card.limits.multiple == width % card.limits.multiple == 0:
        return given
    top, left = (side % card.limits.multiple // 2 for side in (height, width))
    high, wide = (side // card.limits.multiple * card.limits.multiple for side in (height, width))
    return given[top : top + high, left : left + wide]


def _damaged(card: Card, clean: "Pixels", seed: int) -> "tuple[Pixels, dict[str, Any]]":
    """The source that an expert is given, and what was done to it."""
    random = Random(seed)
    source, done = clean, []
    for each in card.degrade:
        arguments = damage.drawn(each.function, each.values, random)
        source = damage.apply(each.function, source, arguments)
        done.append({"function": each.function, **arguments})
    return source, {"damage": done} if done else {}


def _mask(wish: Wish, source: "Pixels") -> "Binary | None":
    region = wish.control.get("region")
    return None if region is None else mask_of(Region(**region), *source.shape[:2])


def _style(wish: Wish) -> dict[str, Any]:
    name = wish.control.get("style")
    return {} if name is None else {"style": styles()[name].index}


def _made(
    order: _Order, answer: "Pixels | EditError", styled: "Pixels | EditError | None"
) -> Made | Exception:
    failed = next((each for each in (answer, styled) if isinstance(each, EditError)), None)
    if failed is not None:
        # What is worth another try is told from what is not by the kind of error.
        return (ConnectionError if failed.transient else ValueError)(failed.reason)
    source = order.request.images[0]
    return Made(
        target=_pasted(order.request, answer),  # type: ignore[arg-type]
        source=None if source is order.given else source,
        references=order.plain if styled is None else (styled,),  # type: ignore[arg-type]
        mask=order.request.mask,
        truth=order.truth,
        pictures={} if order.clean is None else {"clean": order.clean},
    )


def _pasted(request: EditRequest, answer: "Pixels") -> "Pixels":
    """An answer with the source's own pixels outside of the mask, where there is one."""
    import numpy as np

    if request.mask is None or answer.shape != request.images[0].shape:
        return answer
    return np.where(request.mask[..., None], answer, request.images[0])


@cache
def _loaded(spec: str, settings: str) -> Editor:
    return editor.load(spec, **json.loads(settings))
