"""Planning of compound edits, Sec. 2.3: several atomic changes in one request."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import ClassVar

from firered.operator import Operator
from firered.pictures import Pictures
from firered.rows import Request, Row, id_of
from firered.rows import Scene as SceneRow
from firered.synthesis import planning
from firered.synthesis.planning import Choice, chosen_makers
from firered.synthesis.scene import Scene
from firered.synthesis.splitting import drawn, request_of

# Primitives that change the picture they are given: others draw a source of their own, which follows nothing.
CHAINING = (
    "add_object_pasted", "adjust_material", "adjust_subject_brighten", "adjust_subject_darken", "background_blur",
    "background_color", "background_gradient", "color_object", "color_pop", "remove_object", "remove_subject",
    "stylize_named",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class PlanSplit(Operator):
    """Writes one compound request for each photograph that offers enough."""

    reads: ClassVar[type[Row]] = SceneRow
    writes: ClassVar[tuple[type[Row], ...]] = (Request,)
    batch_size: ClassVar[int] = 64

    makers: list[str] = field(default_factory=list)  # empty: all
    primitives: list[str] = field(default_factory=lambda: list(CHAINING))  # empty: all
    filters: list[str] = field(
        default_factory=lambda: ["brightness", "contrast", "saturation", "warmth", "sharpen"]
    )
    least: int = 2  # steps
    most: int = 3
    sample: float = 1.0  # share of the photographs
    seed: int = 0

    def check(self) -> None:
        """Check the names; raises RecipeError."""
        planning.check(self._choice())

    def _choice(self) -> Choice:
        return Choice(makers=self.makers, primitives=self.primitives)

    def __call__(self, rows: Sequence[SceneRow], pictures: Pictures) -> Iterator[list[Request]]:
        """Yield the request for each photograph, or none."""
        available = chosen_makers(self._choice())
        for row in rows:
            random = Random(id_of("plan_split", self.seed, row.image_id))
            if random.random() >= self.sample:
                yield []
                continue
            count = random.randint(self.least, self.most)
            steps = drawn(Scene.of(row), available, self.primitives, self.filters, count, random)
            yield [request_of(row.image_id, row.image_id, steps, random.getrandbits(31))] if steps else []


OPERATOR = PlanSplit
