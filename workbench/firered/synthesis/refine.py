"""Expert refinement, Sec. 2.3: the card of an expert that was trained further on its own best pairs.

Its name is that of the expert with the number of the revision, so that it has an acceptance rate of its own.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from firered.errors import TemplateError
from firered.models.editors import own
from firered.synthesis.experts import Card, Seconds

REVISION = re.compile(r"_r(\d+)$")


def card_of_refined(card: Card, trained: Path, primitives: Sequence[str] = ()) -> Card:
    """Card of the next revision of an expert.

    `trained` is the folder of a training run, or adapters (a folder or a .safetensors) for the pipeline behind the
    card; `primitives` are those it was refined on, by default all of the card. Raises TemplateError.
    """
    place = trained.resolve()
    chosen = {name: card.primitives[name] for name in _known(card, primitives)}
    changes: dict[str, Any] = {"name": next_name(card), "version": card.version + 1, "primitives": chosen}
    if own.is_run(place):
        # What the card says of another editor does not hold for a run: not its settings, nor its time.
        changes |= {
            "editor": f"path:{place}",
            "settings": {"device": "auto"},
            "needs": [],
            "seconds": Seconds(),
        }
    else:
        changes["settings"] = {
            **card.settings,
            "lora": [*card.settings.get("lora", ()), _adapters(card, place)],
        }
    return Card.model_validate({**card.model_dump(), **changes})


def next_name(card: Card) -> str:
    """Name of the next revision: `retoucher`, `retoucher_r2`, `retoucher_r3`."""
    return f"{REVISION.sub('', card.name)}_r{card.version + 1}"


def write_card(card: Card, root: Path) -> Path:
    """Write a card into `root/experts`, whole or not at all; raises TemplateError where another one has its name."""
    place = root / "experts" / f"{card.name}.yaml"
    text = yaml.safe_dump(_plain(card), allow_unicode=True, sort_keys=False, width=110)
    if place.exists() and place.read_text(encoding="utf-8") != text:
        raise TemplateError(
            f"{place}: is there already with other content (remove it, or refine that expert)"
        )
    place.parent.mkdir(parents=True, exist_ok=True)
    temporary = place.with_name(f".{place.name}")
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(place)
    return place


def _plain(card: Card) -> dict[str, Any]:
    """What a card says beyond the defaults, in its order."""
    # A prompt without anything set still says that the expert is spoken to.
    spoken = {"prompt": card.prompt.model_dump()} if card.prompt else {}
    return {**card.model_dump(mode="json", exclude_defaults=True), "version": card.version, **spoken}


def _known(card: Card, primitives: Sequence[str]) -> list[str]:
    unknown = sorted(set(primitives) - set(card.primitives))
    if unknown:
        known = ", ".join(card.primitives)
        raise TemplateError(f"expert {card.name!r}: has no primitive {unknown[0]!r} (one of: {known})")
    return [name for name in card.primitives if not primitives or name in primitives]


def _adapters(card: Card, place: Path) -> dict[str, Any]:
    if not card.editor.startswith(("hf:", "path:")):
        raise TemplateError(f"expert {card.name!r}: {card.editor} takes no adapters (hf: and path: do)")
    if not any(place.glob("*.safetensors")) and place.suffix != ".safetensors":
        raise TemplateError(
            f"{place}: no finished run and no adapters (give the out folder of a training run)"
        )
    return {"spec": f"path:{place}", "weight": 1.0}
