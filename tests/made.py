"""Requests and made pairs of real makers, as the operators read and write them."""

from collections.abc import Sequence

import numpy as np

from firered.operators.synth.control import Control
from firered.pictures import Pictures
from firered.rows import ControlRequest, Image, Pair, PairImages, Request, Row
from firered.synthesis import makers, planning
from firered.synthesis.scene import Scene
from pairs import photo


def bare(pictures: Pictures, pixels: np.ndarray) -> Scene:
    """A scene of which nothing is known but its size."""
    row = photo(pictures, pixels)
    return Scene(image_id=row.image_id, sha256=row.sha256, width=row.width, height=row.height, licence="CC0")


def asked(scene: Scene, maker: str = "outpaint", **choice: object) -> list[Request]:
    """What a maker is asked for in a scene."""
    chosen = planning.Choice(makers=[maker], **choice)  # type: ignore[arg-type]
    return planning.requests(
        scene, planning.Origin(scene.image_id, scene.image_id), [makers.load(maker)], chosen
    )


def as_read(request: Request, scene: Scene) -> ControlRequest:
    """A request as its operator reads it."""
    return ControlRequest(
        request.request_id, request.photo_id, request.source_id, scene.sha256, scene.licence, request.parent_id,
        request.strategy, request.maker, request.maker_version, request.wish, request.seed, request.step, request.depth,
    )  # fmt: skip


def produced(
    requests: Sequence[Request], scene: Scene, pictures: Pictures, **settings: object
) -> list[list[Row]]:
    """Rows of each request, made by the operator."""
    operator = Control(**settings)  # type: ignore[arg-type]
    return list(operator([as_read(request, scene) for request in requests], pictures))


def with_blobs(rows: Sequence[Row], scene: Scene) -> PairImages:
    """The pair among these rows as operators read it."""
    (pair,) = (row for row in rows if isinstance(row, Pair))
    blobs = {row.image_id: row.sha256 for row in rows if isinstance(row, Image)} | {
        scene.image_id: scene.sha256
    }
    return PairImages(
        pair.pair_id, pair.source_id, pair.target_id, pair.task, pair.subtask, pair.strategy, pair.maker,
        pair.parameters, pair.seed, pair.parent_id, pair.photo_id, blobs[pair.source_id], blobs[pair.target_id],
    )  # fmt: skip
