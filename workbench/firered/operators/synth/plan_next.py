"""Planning of further edits, Sec. 2.3: any kept pair can be the source of the next."""

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from firered.operator import Operator
from firered.pictures import Pictures
from firered.rows import NextScene, Request, Row
from firered.synthesis import planning
from firered.synthesis.planning import Choice, Origin, chosen_makers, narrowed, requests
from firered.synthesis.scene import Scene


@dataclass(frozen=True, kw_only=True)
class PlanNext(Operator):
    """Writes requests that start from the target of a kept pair, up to a depth; what was edited is left alone."""

    reads: ClassVar[type[Row]] = NextScene
    writes: ClassVar[tuple[type[Row], ...]] = (Request,)
    batch_size: ClassVar[int] = 64

    max_depth: int = 2  # edits in a row
    makers: list[str] = field(default_factory=list)
    strategies: list[str] = field(default_factory=list)
    tasks: dict[str, float] | None = None
    primitives: list[str] = field(default_factory=list)
    per_image: int = 1
    seeds: int = 1
    siblings: int = 1  # wishes of one primitive that differ in their slots, from which `bridge` makes pairs
    sample: float = 0.25  # share of the pairs
    seed: int = 0

    def check(self) -> None:
        """Check names and numbers; raises RecipeError."""
        planning.check(self.choice())

    def choice(self) -> Choice:
        """These settings, as planning takes them."""
        return Choice(**{name.name: getattr(self, name.name) for name in dataclasses.fields(Choice)})

    def __call__(self, rows: Sequence[NextScene], pictures: Pictures) -> Iterator[list[Request]]:
        """Yield the requests that follow each pair."""
        choice = self.choice()
        available = chosen_makers(choice)
        for row in rows:
            if row.depth >= self.max_depth:
                yield []
                continue
            scene = narrowed(Scene.of(row), row.parameters)
            yield requests(
                scene, Origin(row.photo_id, row.image_id, row.pair_id, row.depth), available, choice
            )


OPERATOR = PlanNext
