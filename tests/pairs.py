"""Rows of photographs and of template pairs, made from real pixels."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from firered.operators.synth.template import Template
from firered.pictures import Pictures, encode_jpeg
from firered.rows import Image, KeptPhoto, Pair, PairImages, Row, id_of_sha256


def with_red(pixels: np.ndarray) -> np.ndarray:
    """Picture with a plain red field over its left third, so that every filter has something to do."""
    painted = pixels.copy()
    painted[:, : pixels.shape[1] // 3] = (214, 40, 40)
    return painted


def photo(pictures: Pictures, pixels: np.ndarray) -> KeptPhoto:
    """Store a photograph and return its row."""
    data = encode_jpeg(pixels)
    sha256 = pictures.save_bytes(data)
    height, width = pixels.shape[:2]
    return KeptPhoto(id_of_sha256(sha256), sha256, width, height, len(data), "JPEG", "RGB", 1, "photo", "CC0")


def template_rows(pictures: Pictures, photos: Sequence[KeptPhoto], **settings: Any) -> list[list[Row]]:
    """Run the template operator; one list of rows a photograph."""
    return [list(rows) for rows in Template(**settings)(photos, pictures)]


def template_pairs(pictures: Pictures, pixels: np.ndarray, **settings: Any) -> list[PairImages]:
    """Pairs of one photograph as operators read them."""
    source = photo(pictures, pixels)
    (rows,) = template_rows(pictures, [source], **settings)
    images = {row.image_id: row for row in (source, *rows) if isinstance(row, Image)}
    return [with_blobs(row, images) for row in rows if isinstance(row, Pair)]


def with_blobs(pair: Pair, images: dict[int, Image]) -> PairImages:
    """Pair joined with the blobs of its pictures, as the view does."""
    fields = {name: getattr(pair, name) for name in PairImages.columns()[:-2]}
    return PairImages(
        **fields,
        source_sha256=images[pair.source_id].sha256,
        target_sha256=images[pair.target_id].sha256,
    )


def exchanged(pair: PairImages, inverse: Pair) -> PairImages:
    """Inverse of a pair joined with the same two blobs."""
    fields = {name: getattr(inverse, name) for name in PairImages.columns()[:-2]}
    return PairImages(**fields, source_sha256=pair.target_sha256, target_sha256=pair.source_sha256)
