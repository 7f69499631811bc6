"""What the makers that put cut-outs on photographs share."""

from dataclasses import dataclass

from firered.models import stamps
from firered.synthesis.makers import Strategy


@dataclass(frozen=True)
class Stamper:
    """A template maker that needs the stamps."""

    name: str
    version: int = 1
    strategy: Strategy = "template"
    needs: tuple[str, ...] = (stamps.ENTRY,)

    @property
    def revision(self) -> str:
        """Digest of the stamps' package."""
        return stamps.revision()
