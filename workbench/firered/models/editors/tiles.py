"""A network over pictures of any size: reflected to a multiple, cut into tiles that overlap, blended again."""

import math
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Network = Callable[[Floats], Floats]  # (B, h, w, 3) -> (B, scale h, scale w, 3)


@dataclass(frozen=True)
class Tiling:
    """How pictures are cut; all numbers but the last two in pixels."""

    side: int  # most that a tile has
    overlap: int  # least that neighbours share
    multiple: int = 1  # of which each side must be one
    scale: int = 1  # pixels that the network makes of one
    batch: int = 1  # tiles of one size that it is given at a time


@dataclass(frozen=True)
class _Tile:
    picture: int
    top: int
    left: int
    values: "Floats"


def apply(network: "Network", pictures: "Sequence[Floats]", tiling: Tiling) -> "list[Floats]":
    """Run a network on pictures (H, W, 3), 0..1; returns (scale H, scale W, 3) each."""
    padded = [_reflected(picture, tiling.multiple) for picture in pictures]
    groups: defaultdict[tuple[int, ...], list[_Tile]] = defaultdict(list)
    for place, picture in enumerate(padded):
        for tile in _tiles(place, picture, tiling):
            groups[tile.values.shape].append(tile)
    sums = [_Sum(picture.shape, tiling) for picture in padded]
    for tiles in groups.values():
        for tile, values in _answers(network, tiles, tiling.batch):
            sums[tile.picture].add(tile, values)
    return [
        total.mean()[: height * tiling.scale, : width * tiling.scale]
        for total, (height, width) in zip(sums, (picture.shape[:2] for picture in pictures), strict=True)
    ]


def _answers(network: "Network", tiles: list[_Tile], batch: int) -> "Iterator[tuple[_Tile, Floats]]":
    import numpy as np

    for start in range(0, len(tiles), batch):
        some = tiles[start : start + batch]
        yield from zip(some, network(np.stack([tile.values for tile in some])), strict=True)


def _reflected(picture: "Floats", multiple: int) -> "Floats":
    import numpy as np

    height, width = picture.shape[:2]
    return np.pad(picture, ((0, -height % multiple), (0, -width % multiple), (0, 0)), mode="reflect")


def _tiles(place: int, picture: "Floats", tiling: Tiling) -> Iterator[_Tile]:
    height, width = picture.shape[:2]
    rows, columns = (_starts(length, tiling) for length in (height, width))
    for top in rows:
        for left in columns:
            part = picture[top : top + tiling.side, left : left + tiling.side]
            yield _Tile(place, top, left, part)


def _starts(length: int, tiling: Tiling) -> list[int]:
    """First pixels of the tiles along a side: evenly spread, so that all are of one size."""
    if length <= tiling.side:
        return [0]
    count = math.ceil((length - tiling.overlap) / (tiling.side - tiling.overlap))
    return [round(place * (length - tiling.side) / (count - 1)) for place in range(count)]


class _Sum:
    """Weighted sum of tiles; where tiles overlap, each fades toward its own edge."""

    def __init__(self, shape: tuple[int, ...], tiling: Tiling) -> None:
        import numpy as np

        self._tiling = tiling
        height, width = shape[0] * tiling.scale, shape[1] * tiling.scale
        self._values = np.zeros((height, width, 3), np.float32)
        self._weights = np.zeros((height, width, 1), np.float32)

    def add(self, tile: _Tile, values: "Floats") -> None:
        """Add a tile's answer in its place."""
        height, width = values.shape[:2]
        scale = self._tiling.scale
        place = (
            slice(tile.top * scale, tile.top * scale + height),
            slice(tile.left * scale, tile.left * scale + width),
        )
        fade = self._tiling.overlap * scale
        weight = _ramp(height, fade)[:, None, None] * _ramp(width, fade)[None, :, None]
        self._values[place] += values * weight
        self._weights[place] += weight

    def mean(self) -> "Floats":
        """Sum by weight."""
        mean: Floats = self._values / self._weights
        return mean


def _ramp(length: int, fade: int) -> "Floats":
    """Weights along a side: 1 inside, falling to nearly 0 over `fade` pixels at both ends."""
    import numpy as np

    from_edge = np.minimum(np.arange(length), np.arange(length)[::-1]) + 1
    return np.minimum(from_edge / np.float32(fade + 1), 1).astype(np.float32)
