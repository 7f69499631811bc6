"""The support vectors of BRISQUE: 36 features of a picture in, its quality out. Nothing of the package is run."""

import io
import pickle
from pathlib import Path
from typing import TYPE_CHECKING, Any

from firered.errors import ModelError
from firered.models import packaged, registry

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

FEATURES = 36


class Brisque:
    """A support vector regression with a radial kernel, as libsvm writes it."""

    name = "brisque"

    def __init__(self) -> None:
        entry = registry.entry(self.name)
        if registry.state(entry) == "missing":
            raise ModelError(f"model {self.name!r}: not installed ({entry.command})")
        vectors, ranges = packaged.check(entry)
        self.revision = entry.revision
        self._gamma, self._rho, self._weights, self._vectors = read_vectors(vectors.read_text("utf-8"))
        self._low, self._high = read_ranges(ranges)

    def score(self, features: "Floats") -> "Floats":
        """Quality (B,) of features (B, 36): about 0 (pristine) to 100 (poor), and somewhat beyond."""
        import numpy as np

        scaled = -1 + 2 * (features - self._low) / (self._high - self._low)
        squares = ((scaled[:, None, :] - self._vectors[None]) ** 2).sum(axis=2)
        return np.asarray(np.exp(-self._gamma * squares) @ self._weights - self._rho)


def read_vectors(text: str) -> tuple[float, float, "Floats", "Floats"]:
    """Parse a libsvm model: gamma, rho, weights (N,) and support vectors (N, 36); features left out are 0."""
    import numpy as np

    header, _, body = text.partition("\nSV\n")
    settings = dict(line.split(maxsplit=1) for line in header.splitlines())
    if (settings.get("svm_type"), settings.get("kernel_type")) != ("epsilon_svr", "rbf"):
        raise ModelError("model 'brisque': not a regression with a radial kernel (install it again)")
    lines = [line.split() for line in body.splitlines() if line.strip()]
    vectors = np.zeros((len(lines), FEATURES))
    for number, line in enumerate(lines):
        for index, value in (pair.split(":") for pair in line[1:]):
            vectors[number, int(index) - 1] = float(value)
    weights = np.array([float(line[0]) for line in lines])
    return float(settings["gamma"]), float(settings["rho"]), weights, vectors


def read_ranges(path: Path) -> tuple["Floats", "Floats"]:
    """Lowest and highest values (36,) of the features in training, from a pickle that may hold numbers only."""
    import numpy as np

    found = _NumbersOnly(io.BytesIO(path.read_bytes())).load()
    return np.array(found["min_"], dtype=float), np.array(found["max_"], dtype=float)


class _NumbersOnly(pickle.Unpickler):
    """Opens lists, dictionaries, numbers and texts; whatever would import something is refused."""

    def find_class(self, module: str, name: str) -> Any:
        """Refuse."""
        raise ModelError(f"model 'brisque': its ranges ask for {module}.{name} (do not use this file)")
