"""Whether two pairs are one: PSNR and SSIM between their sources and between their targets."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from firered.operator import Operator
from firered.pictures import Pictures
from firered.rows import Row, Twin, TwinScore


@dataclass(frozen=True, kw_only=True)
class TwinCheck(Operator):
    """Compares pairs that may be the same, at few pixels."""

    # Of 128 pixels or more, what resizing and compression leave differs more than other words in one place do.
    max_side: int = 96

    reads: ClassVar[type[Row]] = Twin
    writes: ClassVar[tuple[type[Row], ...]] = (TwinScore,)
    batch_size: ClassVar[int] = 16

    def __call__(self, rows: Sequence[Twin], pictures: Pictures) -> Iterator[list[TwinScore]]:
        """Yield the score of each two pairs."""
        for row in rows:
            source = self._likeness(row.source_sha256, row.other_source_sha256, pictures)
            target = self._likeness(row.target_sha256, row.other_target_sha256, pictures)
            (source_psnr, source_ssim), (target_psnr, target_ssim) = source, target
            yield [
                TwinScore(
                    *(row.twin_id, row.pair_id, row.other_id),
                    source_psnr=source_psnr,
                    target_psnr=target_psnr,
                    source_ssim=source_ssim,
                    target_ssim=target_ssim,
                )
            ]

    def _likeness(self, sha256: str, other: str, pictures: Pictures) -> tuple[float, float]:
        """PSNR in dB and SSIM of two pictures, the second brought to the first one's size."""
        from firered.descriptors import likeness

        if sha256 == other:
            return likeness.SAME, 1.0
        first = pictures.scaled(sha256, self.max_side)
        second = likeness.laid_over(pictures.scaled(other, self.max_side), first.shape[:2])
        lumas = likeness.luma(first), likeness.luma(second)
        return likeness.psnr(first, second), likeness.ssim(*lumas)


OPERATOR = TwinCheck
