"""Planning of pairs, Sec. 2.3: what could be made of a photograph, and which of it is asked for."""

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from firered.operator import Operator
from firered.pictures import Pictures
from firered.rows import Request, Row
from firered.rows import Scene as SceneRow
from firered.synthesis import planning
from firered.synthesis.planning import Choice, Origin, chosen_makers, requests
from firered.synthesis.scene import Scene


@dataclass(frozen=True, kw_only=True)
class Plan(Operator):
    """Writes the requests for each photograph; looks at rows alone, at no picture, model or network."""

    reads: ClassVar[type[Row]] = SceneRow
    writes: ClassVar[tuple[type[Row], ...]] = (Request,)
    batch_size: ClassVar[int] = 64

    makers: list[str] = field(default_factory=list)  # empty: all
    strategies: list[str] = field(default_factory=list)  # empty: all
    tasks: dict[str, float] | None = None  # weights; None: all tasks alike
    primitives: list[str] = field(default_factory=list)  # empty: all
    per_image: int = 3
    seeds: int = 1  # requests that differ in their seed alone; the best is kept by the filter not_best
    siblings: int = 1  # wishes of one primitive that differ in their slots, from which `bridge` makes pairs
    sample: float = 1.0  # share of the photographs
    seed: int = 0

    def check(self) -> None:
        """Check names and numbers; raises RecipeError."""
        planning.check(self.choice())

    def choice(self) -> Choice:
        """These settings, as planning takes them."""
        return Choice(**{name.name: getattr(self, name.name) for name in dataclasses.fields(Choice)})

    def __call__(self, rows: Sequence[SceneRow], pictures: Pictures) -> Iterator[list[Request]]:
        """Yield the requests for each photograph."""
        choice = self.choice()
        available = chosen_makers(choice)
        for row in rows:
            yield requests(Scene.of(row), Origin(row.image_id, row.image_id), available, choice)


OPERATOR = Plan
