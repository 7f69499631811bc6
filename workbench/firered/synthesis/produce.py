"""From requests to pairs: the maker is called, its pictures are stored, and how it went is written down."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from firered.errors import ModelError
from firered.pictures import Codec, Pictures
from firered.rows import Image, Ingredient, Pair, Produced, Requested, Row, id_of, id_of_sha256
from firered.synthesis import makers
from firered.synthesis.making import Making, Region, Wish
from firered.synthesis.primitives import checked, primitive

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from firered.synthesis.makers import Made, Maker

    Pixels = NDArray[np.uint8]

# Below this there is no room for an edit that can be seen.
LEAST_SIDE = 64
SPLIT = "split"  # maker of compound pairs
FORMATS: dict[Codec, str] = {"jpeg": "JPEG", "webp": "WEBP", "png": "PNG"}


class NotInstalled(ModelError):
    """What a maker needs is not there yet: its requests wait for a later run."""


@dataclass(frozen=True)
class Saving:
    """How pictures are stored, and at which size they are edited."""

    max_side: int
    codec: Codec
    quality: int

    def save(self, pixels: "Pixels", origin: str, licence: str, pictures: Pictures) -> Image:
        """Store pixels; returns the row."""
        sha256, size = pictures.save(pixels, quality=self.quality, codec=self.codec)
        height, width = pixels.shape[:2]
        kind = FORMATS[self.codec]
        return Image(id_of_sha256(sha256), sha256, width, height, size, kind, "RGB", 1, origin, licence)


def produce(
    rows: Sequence[Requested], pictures: Pictures, saving: Saving, configure: "Callable[[Maker], Maker]"
) -> Iterator[list[Row] | Exception]:
    """Yield the rows of each request's pair; raises what its maker raises.

    Requests of one maker that lie next to each other and that it can batch are made together; what fails of them
    is an exception in its place, so that the others are not asked for, and paid, once more.
    """
    place = 0
    while place < len(rows):
        maker = ready(rows[place].maker, configure)
        together = _run_of(rows, place, maker)
        started = time.monotonic()
        started_from = [start(row, pictures, saving) for row in together]
        many = getattr(maker, "make_many", None)
        if many:
            made = many(
                [Wish.model_validate_json(row.wish) for row in together],
                [pixels for _, pixels in started_from],
                [row.seed for row in together],
                pictures,
            )
        else:
            (row,) = together = together[:1]
            wish = checked(Wish.model_validate_json(row.wish))
            made = [maker.make(wish, started_from[0][1], row.seed, pictures)]
        seconds = (time.monotonic() - started) / len(together)
        for row, (image, _), each in zip(together, started_from, made, strict=False):
            failed = isinstance(each, Exception)
            yield each if failed else pair_rows(row, maker, image, each, seconds, pictures, saving)
        place += len(together)


def ready(name: str, configure: "Callable[[Maker], Maker]") -> "Maker":
    """The maker of a name with the run's settings; raises NotInstalled where what it needs is missing."""
    maker = configure(makers.load(name))
    if lacking := makers.missing(maker):
        raise NotInstalled(f"maker {name!r}: not installed ({'; '.join(lacking)})")
    return maker


def _run_of(rows: Sequence[Requested], place: int, maker: "Maker") -> list[Requested]:
    """Requests from a place on that the maker takes at once."""
    most = getattr(maker, "batch", 1)
    found = [rows[place]]
    for row in rows[place + 1 : place + most]:
        if row.maker != rows[place].maker:
            break
        found.append(row)
    return found


def start(row: Requested, pictures: Pictures, saving: Saving) -> tuple[Image, "Pixels"]:
    """The picture that a maker is given, scaled down, stored and decoded again: blob and wish make the target."""
    pixels = pictures.pixels(row.source_sha256)
    height, width = pixels.shape[:2]
    if min(height, width) < LEAST_SIDE:
        raise ValueError(f"picture of {width}x{height} is under {LEAST_SIDE} pixels a side")
    if max(height, width) <= saving.max_side:
        size = pictures.store.size(row.source_sha256) or 0
        kept = Image(row.source_id, row.source_sha256, width, height, size, "", "RGB", 1, "", row.licence)
        return kept, pixels
    image = saving.save(pictures.scaled(row.source_sha256, saving.max_side), "scaled", row.licence, pictures)
    if min(image.height, image.width) < LEAST_SIDE:
        raise ValueError(f"picture of {width}x{height} is under {LEAST_SIDE} pixels a side once scaled")
    return image, pictures.pixels(image.sha256)


def pair_rows(
    row: Requested,
    maker: "Maker",
    given: Image,
    made: "Made",
    seconds: float,
    pictures: Pictures,
    saving: Saving,
) -> list[Row]:
    """Store a pair's pictures and return its rows."""
    wish = Wish.model_validate_json(row.wish)
    wish = checked(wish.model_copy(update={"slots": {**wish.slots, **made.slots}}))
    origin = maker.strategy

    def save(pixels: "Pixels") -> Image:
        return saving.save(pixels, origin, row.licence, pictures)

    source = given if made.source is None else save(made.source)
    # The picture itself, not a copy that was encoded once more.
    target = given if made.target is pictures.pixels(given.sha256) else save(made.target)
    references = [save(pixels) for pixels in made.references]
    truth = dict(made.truth) | {
        name: pictures.save(pixels, codec="png")[0] for name, pixels in made.pictures.items()
    }
    making = Making(
        wish=wish,
        maker=maker.name,
        version=maker.version,
        model=str(made.truth.get("editor") or getattr(maker, "model", "")),
        revision=maker.revision,
        seed=row.seed,
        start=given.sha256,
        max_side=saving.max_side,
        codec=saving.codec,
        quality=saving.quality,
        source_made=made.source is not None,
        mask=None if made.mask is None else Region.of(made.mask),
        truth=truth,
    )
    pair = _pair(row, maker, source, target, references, making)
    # What the maker was given is an image of the catalog even where the maker drew the source, too.
    images = {image.image_id: image for image in (given, source, target, *references) if image.origin}
    money = float(getattr(maker, "money", 0.0))
    revision = " ".join(filter(None, (making.revision, str(made.truth.get("editor_revision", "")))))
    about = Produced(pair.pair_id, row.request_id, maker.name, making.model, revision, seconds, money)
    used = sorted({other.image_id for other in wish.others.values()} - {row.photo_id})
    return [*images.values(), pair, about, *(Ingredient(pair.pair_id, photo_id) for photo_id in used)]


def _pair(
    row: Requested, maker: "Maker", source: Image, target: Image, references: Sequence[Image], making: Making
) -> Pair:
    asked = primitive(making.wish.primitive)
    return Pair(
        pair_id=id_of("pair", row.request_id, making.revision, making.max_side, making.codec, making.quality),
        source_id=source.image_id,
        target_id=target.image_id,
        reference_ids=[image.image_id for image in references],
        task=asked.task,
        subtask=asked.subtask,
        strategy=maker.strategy,
        maker=maker.name,
        parameters=making.model_dump_json(),
        seed=row.seed,
        parent_id=row.parent_id,
        photo_id=row.photo_id,
        step=row.step,
    )


def again(making: Making, pictures: Pictures, configure: "Callable[[Maker], Maker]") -> "Made":
    """Make a pair's pictures again from what is stored; on a CPU the same bytes."""
    if making.maker == SPLIT:
        return _in_steps(making, pictures, configure)
    maker = ready(making.maker, configure)
    if (maker.version, maker.revision) != (making.version, making.revision):
        found = f"version {maker.version}, revision {maker.revision or 'none'}"
        raise ModelError(
            f"maker {making.maker!r}: made by version {making.version}, revision {making.revision or 'none'},"
            f" this is {found} (install that revision)"
        )
    return maker.make(making.wish, pictures.pixels(making.start), making.seed, pictures)


def _in_steps(making: Making, pictures: Pictures, configure: "Callable[[Maker], Maker]") -> "Made":
    """A compound pair again: each step starts from the stored picture of the one before."""
    from firered.synthesis.makers import Made
    from firered.synthesis.splitting import steps_of
    from firered.synthesis.steps import do

    saving = Saving(making.max_side, making.codec, making.quality)
    sha256 = making.start
    for step in steps_of(making.wish):
        target = do(step, pictures.pixels(sha256), pictures, saving, configure).target
        sha256 = saving.save(target, SPLIT, "", pictures).sha256
    return Made(target=target)


def settings_of(maker: "Maker", settings: dict[str, Any]) -> "Maker":
    """The maker with a run's settings (device, precision, ...) where it has any."""
    configure = getattr(maker, "configured", None)
    return configure(**settings) if configure else maker
