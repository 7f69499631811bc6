"""What in a photograph could be edited, as a vision-language model names it, Sec. 2.3: the grounded lexicon."""

import json
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from string import Template
from typing import Any, ClassVar

from firered.models import vlm
from firered.models.remote import EXPECTED, TRANSIENT
from firered.operator import Operator
from firered.paths import shipped
from firered.pictures import Pictures
from firered.rows import EditTarget, KeptPhoto, Row

PLACED, UNPLACED = "vlm", "vlm_unplaced"
SLACK = 0.01  # by which a box may reach over the edge
LEAST_SIDE = 0.005  # of the picture; a thinner box holds nothing


@dataclass(frozen=True, kw_only=True)
class Discover(Operator):
    """Writes the targets that a model proposes; one whose box is impossible keeps its words and loses the box.

    Such a target's origin is 'vlm_unplaced', so that they can be counted.
    """

    model: str = "http://127.0.0.1:8000/v1"
    model_settings: dict[str, Any] = field(default_factory=dict)
    max_targets: int = 12
    scale: float = 1000.0  # the model's boxes run from 0 to this
    max_side: int = 1024  # pixels

    reads: ClassVar[type[Row]] = KeptPhoto
    writes: ClassVar[tuple[type[Row], ...]] = (EditTarget,)
    transient: ClassVar[tuple[type[Exception], ...]] = (*TRANSIENT, ConnectionError, TimeoutError)
    expected: ClassVar[tuple[type[Exception], ...]] = EXPECTED

    def setup(self) -> None:
        """Load the model; raises ModelError for wrong settings. A server is not asked anything yet."""
        assert self._vlm.name

    @cached_property
    def _vlm(self) -> vlm.VLM:
        return vlm.load(self.model, **self.model_settings)

    @cached_property
    def _schema(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(_prompt("discover.json"))
        return found

    @cached_property
    def _question(self) -> str:
        schema = json.dumps(self._schema, indent=1)
        return Template(_prompt("discover.md")).substitute(
            count=self.max_targets, scale=f"{self.scale:g}", schema=schema
        )

    @cached_property
    def _answered(self) -> dict[int, list[EditTarget]]:
        """Answers not handed over yet: after a row that fails, the runner asks again for those behind it."""
        return {}

    def __call__(self, rows: Sequence[KeptPhoto], pictures: Pictures) -> Iterator[list[EditTarget]]:
        """Yield the targets of each photograph; as many are asked about at a time as the model takes."""
        left = [row for row in rows if row.image_id not in self._answered]
        with ThreadPoolExecutor(max_workers=self._vlm.concurrency) as pool:
            asked = {row.image_id: pool.submit(self._targets, row, self._seen(row, pictures)) for row in left}
        self._answered.update({key: each.result() for key, each in asked.items() if each.exception() is None})
        for row in rows:
            yield self._handed(row.image_id, asked)

    def _handed(self, key: int, asked: dict[int, "Future[list[EditTarget]]"]) -> list[EditTarget]:
        return self._answered.pop(key) if key in self._answered else asked[key].result()

    def _seen(self, row: KeptPhoto, pictures: Pictures) -> Any:
        return pictures.scaled(row.sha256, self.max_side)

    def _targets(self, row: KeptPhoto, pixels: Any) -> list[EditTarget]:
        answer = self._vlm.ask([pixels], self._question, self._schema)
        named: dict[str, dict[str, Any]] = {}
        for target in answer.data["targets"][: self.max_targets]:
            words = target["en"].strip()
            if words and target["zh"].strip():
                named.setdefault(words.lower(), target)
        return [self._row(row.image_id, target) for target in named.values()]

    def _row(self, image_id: int, target: dict[str, Any]) -> EditTarget:
        box = box_of(target["box"], self.scale) if target["box"] is not None else None
        impossible = target["box"] is not None and box is None
        words = (target["kind"], target["en"].strip(), target["zh"].strip())
        sides = box or (None, None, None, None)
        return EditTarget(image_id, UNPLACED if impossible else PLACED, *words, *sides)


def box_of(numbers: Sequence[float], scale: float) -> tuple[float, float, float, float] | None:
    """Box relative to the picture, 0..1; None for one that is turned inside out, empty, or outside of it."""
    if len(numbers) != 4:
        return None
    relative = [float(number) / scale for number in numbers]
    if min(relative) < -SLACK or max(relative) > 1 + SLACK:
        return None
    left, top, right, bottom = (min(max(number, 0.0), 1.0) for number in relative)
    if right - left < LEAST_SIDE or bottom - top < LEAST_SIDE:
        return None
    return left, top, right, bottom


def _prompt(name: str) -> str:
    return (shipped("templates") / "prompts" / name).read_text(encoding="utf-8")


OPERATOR = Discover
