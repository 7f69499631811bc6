"""Maps of a photograph's structure, Sec. 2.3: edges, depth, lines, as conditions of edits and as truth for them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from firered.models import regions
from firered.operator import Operator
from firered.pictures import Pictures
from firered.rows import KeptPhoto, Row, StructureMap


@dataclass(frozen=True, kw_only=True)
class Structure(Operator):
    """Writes one map of each photograph; run it once for each kind that is wanted."""

    kind: str = "edges"  # depth has 16 bits, all others 8
    model: str = "embedded:canny"  # or a checkpoint of depth estimation, or a folder for controlnet-aux
    detector: str = ""  # class of controlnet-aux, such as HEDdetector or MidasDetector
    revision: str = ""  # of the model; empty: whichever is there
    device: str = "cpu"
    max_side: int = 512  # pixels

    reads: ClassVar[type[Row]] = KeptPhoto
    writes: ClassVar[tuple[type[Row], ...]] = (StructureMap,)

    def setup(self) -> None:
        """Load the model; raises ModelError where it is not the revision that the settings name."""
        regions.check_revision(self._model.revision, self.revision, spec=self.model, operator=self.name())

    @cached_property
    def _model(self) -> regions.Perception:
        return regions.load(self.model, detector=self.detector, device=self.device)

    def __call__(self, rows: Sequence[KeptPhoto], pictures: Pictures) -> Iterator[list[StructureMap]]:
        """Yield the map of each picture; raises ValueError for a model that gives none."""
        for row in rows:
            found = self._model.find(pictures.scaled(row.sha256, self.max_side))
            if not found or found[0].matte is None:
                raise ValueError(f"{self.model} gives no map of this picture")
            most, dtype = (65535, "uint16") if self.kind == "depth" else (255, "uint8")
            plane = (found[0].matte * most).round().astype(dtype)
            yield [
                StructureMap(row.image_id, self.kind, self._model.name, pictures.save(plane, codec="png")[0])
            ]


OPERATOR = Structure
