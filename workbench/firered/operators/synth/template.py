"""Model-free template synthesis, Sec. 2.3: a photograph, a parametric filter, an exact pair."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Any, ClassVar

from firered.operator import Operator
from firered.pictures import Pictures
from firered.rows import Image, KeptPhoto, Pair, Row, id_of, id_of_sha256
from firered.templating.filters import Filter, Language, Templates, templates

if TYPE_CHECKING:
    from firered.pictures import Pixels
    from firered.templating.edits import Edit, TextTruth

# Below this a layout has no room for letters.
LEAST_SIDE = 64


@dataclass(frozen=True, kw_only=True)
class Template(Operator):
    """Makes pairs of at most `max_side` pixels, balanced over the tasks of the filters."""

    reads: ClassVar[type[Row]] = KeptPhoto
    writes: ClassVar[tuple[type[Row], ...]] = (Image, Pair)

    filters: list[str] = field(default_factory=list)  # empty: all
    languages: list[Language] = field(default_factory=lambda: ["en", "zh"])  # of letters in pictures
    font: str = ""  # a font file; empty: the fonts of OpenCV
    per_image: int = 4
    max_side: int = 512
    quality: int = 92
    seed: int = 0

    def setup(self) -> None:
        """Check the filters and the letters; raises TemplateError."""
        from firered.templating.choice import check_letters, chosen_filters

        read = templates()
        check_letters(chosen_filters(self.filters, self.languages, read), self.languages, self.font, read)

    def __call__(self, rows: Sequence[KeptPhoto], pictures: Pictures) -> Iterator[Iterable[Row]]:
        """Yield, for each photograph, its scaled copy, its targets and its pairs."""
        from firered.templating.choice import chosen_filters

        read = templates()
        filters = chosen_filters(self.filters, self.languages, read)
        for photo in rows:
            yield self._pairs(photo, pictures, filters, read)

    def _pairs(
        self, photo: KeptPhoto, pictures: Pictures, filters: Sequence[Filter], read: Templates
    ) -> list[Row]:
        from firered.templating.choice import offers, pick

        source, made = self._scaled(photo, pictures)
        random = Random(id_of("template", self.seed, photo.image_id))
        pixels = pictures.pixels(source.sha256)
        found = offers(filters, pixels, read)
        for chosen in pick(found, self.per_image, random, read):
            from firered.templating.edits import draw

            arguments = draw(chosen, random, read, self.languages, found[chosen.name])
            *pictured, pair = self._pair(source, chosen, arguments, pictures, read)
            made += [*pictured, pair.with_changes(photo_id=photo.image_id)]
        return made

    def _scaled(self, photo: KeptPhoto, pictures: Pictures) -> tuple[Image, list[Row]]:
        """The source of all pairs, and its row where it is not the photograph itself."""
        if min(photo.width, photo.height) < LEAST_SIDE:
            raise ValueError(f"picture of {photo.width}x{photo.height} is under {LEAST_SIDE} pixels a side")
        if max(photo.width, photo.height) <= self.max_side:
            return photo, []
        scaled = self._save(pictures.scaled(photo.sha256, self.max_side), "scaled", photo.licence, pictures)
        if min(scaled.width, scaled.height) < LEAST_SIDE:
            raise ValueError(
                f"picture of {photo.width}x{photo.height} is under {LEAST_SIDE} pixels a side once scaled"
            )
        return scaled, [scaled]

    def _pair(
        self, source: Image, chosen: Filter, arguments: dict[str, Any], pictures: Pictures, read: Templates
    ) -> list[Row]:
        from firered.templating.edits import arguments_before, values_of
        from firered.templating.pixels import apply

        made: list[Row] = []
        before = arguments_before(chosen, arguments)
        if before is not None:
            shown = values_of(chosen, before, read, self.font)
            drawn = apply(chosen.function, pictures.pixels(source.sha256), shown)
            source = self._save(drawn, "template", source.licence, pictures)
            made.append(source)
        values = values_of(chosen, arguments, read, self.font)
        # From the decoded blob, so that blob and values alone make the same target again.
        pixels = pictures.pixels(source.sha256)
        target = self._save(apply(chosen.function, pixels, values), "template", source.licence, pictures)
        text = _text_truth(chosen, shown if before else None, values, pixels)
        edit = self._edit(chosen, arguments, values, text)
        return [*made, target, _pair_row(source, target, chosen, edit, self.seed)]

    def _edit(
        self, chosen: Filter, arguments: dict[str, Any], values: dict[str, Any], text: "TextTruth | None"
    ) -> "Edit":
        from firered.templating.edits import Edit, asked

        return Edit(
            filter=chosen.name,
            version=chosen.version,
            function=chosen.function,
            arguments=arguments,
            values=values,
            asked=asked(chosen, arguments),
            unit=chosen.measure.unit,
            quality=self.quality,
            text=text,
        )

    def _save(self, pixels: "Pixels", origin: str, licence: str, pictures: Pictures) -> Image:
        sha256, size = pictures.save(pixels, quality=self.quality)
        height, width = pixels.shape[:2]
        return Image(id_of_sha256(sha256), sha256, width, height, size, "JPEG", "RGB", 1, origin, licence)


def _pair_row(source: Image, target: Image, chosen: Filter, edit: "Edit", seed: int) -> Pair:
    return Pair(
        pair_id=id_of("pair", source.image_id, target.image_id, chosen.name, chosen.version, edit.arguments),
        source_id=source.image_id,
        target_id=target.image_id,
        reference_ids=[],
        task=chosen.task,
        subtask=chosen.subtask,
        strategy="template",
        maker=chosen.name,
        parameters=edit.model_dump_json(),
        seed=seed,
        parent_id=None,
        photo_id=None,
        step=0,
    )


def _text_truth(
    chosen: Filter, before: dict[str, Any] | None, after: dict[str, Any], pixels: "Pixels"
) -> "TextTruth | None":
    """Strings and exact boxes of the letters in source and target; None for other filters."""
    if chosen.function != "draw_text":
        return None
    from firered.templating.edits import TextTruth
    from firered.templating.text import char_boxes

    height, width = pixels.shape[:2]
    layout = after["layout"]
    boxes = [
        char_boxes(width, height, shown["text"], shown["layout"], shown["font"]) if shown else []
        for shown in (before, after)
    ]
    return TextTruth(
        before=before["text"] if before else "",
        after=after["text"],
        box=layout["plate"]["box"] if layout["plate"] else layout["box"],
        before_chars=boxes[0],
        after_chars=boxes[1],
    )


OPERATOR = Template
