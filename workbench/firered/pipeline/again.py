"""A pair made once more from what is stored with it, and its bytes compared."""

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from firered.catalog import Catalog
from firered.errors import RecipeError
from firered.pictures import Codec, Pictures, encode
from firered.synthesis import produce
from firered.synthesis.making import Making, is_making

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]

CODECS: dict[str, Codec] = {kind: codec for codec, kind in produce.FORMATS.items()}
BACK = {"source": "target", "target": "source"}
PAIR = """
select pair_images.*, source.format as source_format, target.format as target_format, pair.reference_ids as reference_ids
from pair_images
join pair using (pair_id)
join image as source on source.image_id = pair_images.source_id
join image as target on target.image_id = pair_images.target_id
where pair_images.pair_id = $pair_id
"""
IMAGES = "select image_id, sha256 from image where list_contains($keys, image_id)"


def again(root: Path, wait: float, pair_id: int) -> list[str]:
    """Make a pair once more and say what differs from what is stored; [] where every byte is the same.

    Raises RecipeError where there is no such pair, ModelError where what made it is another version now.
    """
    catalog = Catalog(root, wait=wait)
    found = catalog.sql(PAIR, {"pair_id": pair_id}).to_pylist()
    if not found:
        raise RecipeError(f"pair {pair_id}: not in this catalog (look at: firered sql 'from pair')")
    row, pictures = found[0], Pictures(catalog.blobs)
    made = (_of_maker if is_making(row["parameters"]) else _of_filter)(row, pictures)
    stored = {"source": row["source_sha256"], "target": row["target_sha256"]}
    if keys := row["reference_ids"]:
        sums = {each["image_id"]: each["sha256"] for each in catalog.sql(IMAGES, {"keys": keys}).to_pylist()}
        stored |= _numbered([sums[key] for key in keys])
    return [
        f"{side}: {sha256[:12]}, stored {stored.get(side, 'nothing')[:12]}"
        for side, sha256 in made.items()
        if sha256 != stored.get(side)
    ]


def _of_maker(row: dict[str, Any], pictures: Pictures) -> dict[str, str]:
    """Sums of the sides that the maker makes."""
    making = Making.model_validate_json(row["parameters"])
    made = produce.again(making, pictures, lambda maker: maker)
    given = pictures.pixels(making.start)

    def sum_of(pixels: "Pixels") -> str:
        return making.start if pixels is given else _sum(pixels, making.codec, making.quality)

    sides = {"target": sum_of(made.target)}
    # The source of a composition is another pair's target.
    if made.source is not None and row["strategy"] != "compose":
        sides["source"] = sum_of(made.source)
    if making.inverse:
        return {BACK[side]: sha256 for side, sha256 in sides.items()}
    return sides | _numbered([sum_of(pixels) for pixels in made.references])


def _of_filter(row: dict[str, Any], pictures: Pictures) -> dict[str, str]:
    """Sum of the side that the filter makes."""
    from firered.templating.edits import Edit
    from firered.templating.filters import templates
    from firered.templating.pixels import apply

    edit = Edit.model_validate_json(row["parameters"])
    made = templates().filters.get(edit.filter)
    if made is None or made.version != edit.version:
        now = f"version {made.version}" if made else "none"
        raise RecipeError(f"filter {edit.filter!r}: made by version {edit.version}, here is {now}")
    given, side = ("target", "source") if edit.inverse else ("source", "target")
    pixels = apply(edit.function, pictures.pixels(row[f"{given}_sha256"]), edit.values)
    return {side: _sum(pixels, CODECS[row[f"{side}_format"]], edit.quality)}


def _numbered(references: list[str]) -> dict[str, str]:
    return {f"reference {number}": sha256 for number, sha256 in enumerate(references, 2)}


def _sum(pixels: "Pixels", codec: Codec, quality: int) -> str:
    return hashlib.sha256(encode(pixels, codec=codec, quality=quality)).hexdigest()
