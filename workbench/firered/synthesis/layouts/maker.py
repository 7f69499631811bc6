"""The maker of a family of layouts."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

from firered.synthesis.layouts import pair, typefaces
from firered.synthesis.layouts.drafts import draft, suits
from firered.synthesis.layouts.edits import EDITS
from firered.synthesis.layouts.model import Kind, Layout, Mount, layouts
from firered.synthesis.makers import Made, Strategy
from firered.synthesis.making import Wish
from firered.synthesis.scene import Scene

if TYPE_CHECKING:
    from firered.pictures import Pictures
    from firered.templating.planes import Pixels

_TRIES = 8


@dataclass(frozen=True)
class LayoutMaker:
    """Draws layouts of some kinds before and after an edit; every letter's place is known."""

    name: str
    kinds: tuple[Kind, ...]
    mounts: tuple[Mount, ...]
    version: int = 1
    strategy: Strategy = "template"

    @property
    def needs(self) -> tuple[str, ...]:
        """Packages of typefaces."""
        return typefaces.packages()

    @property
    def revision(self) -> str:
        """Digest of the typefaces."""
        return typefaces.digest()

    def layouts(self) -> list[Layout]:
        """Layouts of this family."""
        return [made for made in layouts().values() if made.kind in self.kinds and made.mount in self.mounts]

    def offers(self, scene: Scene, random: Random) -> list[Wish]:
        """One wish of each primitive that some layout allows; none for small or very long pictures."""
        files = [made for made in self.layouts() if suits(made, scene)]
        return [wish for name in EDITS for wish in _offered(name, files, scene, random)]

    def make(self, wish: Wish, source: "Pixels", seed: int, pictures: "Pictures") -> Made:
        """Draw both states; what is asked is fixed by the wish, the seed changes nothing."""
        return pair.made(wish, source)


def _offered(name: str, files: Sequence[Layout], scene: Scene, random: Random) -> list[Wish]:
    for _ in range(_TRIES if files else 0):
        found = draft(random.choice(files), scene, random)
        wish = EDITS[name](found, random) if found else None
        if wish:
            return [wish]
    return []
