"""64-bit perceptual hashes of an image, of its mirror image and of two central crops."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from firered.operator import Operator
from firered.pictures import Pictures
from firered.rows import ImageHash as Hashed
from firered.rows import Photo, Row


@dataclass(frozen=True, kw_only=True)
class ImageHash(Operator):
    """Hash images for near-duplicate search."""

    reads = Photo
    writes = (Hashed,)
    version = 2

    def __call__(self, rows: Sequence[Photo], pictures: Pictures) -> Iterator[list[Row]]:
        """Yield the hashes of each image."""
        # Compiled code behind it, which only a worker needs.
        from firered.descriptors.hashes import hashes_of

        for row in rows:
            yield [Hashed(row.image_id, *hashes_of(pictures.luma(row.sha256)))]


OPERATOR = ImageHash
