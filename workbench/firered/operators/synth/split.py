"""Task splitting, Sec. 2.3: a compound request done one modification at a time, with a check after each."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from firered.operator import Operator
from firered.pictures import Codec, Pictures
from firered.rows import Image, Pair, Produced, Row, SplitRequest, SplitScore, id_of
from firered.synthesis import chain
from firered.synthesis.making import Making, Wish
from firered.synthesis.produce import NotInstalled, Saving, settings_of, start
from firered.synthesis.splitting import steps_of

if TYPE_CHECKING:
    from firered.synthesis.chain import Chain, Link
    from firered.synthesis.makers import Maker


@dataclass(frozen=True, kw_only=True)
class Split(Operator):
    """Makes, of each compound request, a pair for each step and one for the whole; a step that fails ends it.

    With fewer than two good steps there is no compound, and the request fails with the reason.
    """

    reads: ClassVar[type[Row]] = SplitRequest
    writes: ClassVar[tuple[type[Row], ...]] = (Image, Pair, Produced, SplitScore)
    batch_size: ClassVar[int] = 4
    postponed: ClassVar[tuple[type[Exception], ...]] = (NotInstalled,)
    expected: ClassVar[tuple[type[Exception], ...]] = (ValueError,)

    max_side: int = 512
    codec: Codec = "jpeg"
    quality: int = 92
    followed: float = 0.7  # least score of a step for doing what was asked
    kept: float = 0.5  # least score of a step for keeping the rest
    models: dict[str, Any] = field(default_factory=dict)  # device, dtype, ... of the experts
    one_shot: str = (
        ""  # editor that is given the whole request at once; '': the same steps without storing between
    )

    def __call__(self, rows: Sequence[SplitRequest], pictures: Pictures) -> Iterator[list[Row]]:
        """Yield the rows of each request."""
        for row in rows:
            yield self._pairs(row, pictures)

    def _pairs(self, row: SplitRequest, pictures: Pictures) -> list[Row]:
        saving = Saving(self.max_side, self.codec, self.quality)
        wish = Wish.model_validate_json(row.wish)
        image, _ = start(row, pictures, saving)
        rule = chain.Rule(self.followed, self.kept)
        found = chain.run(steps_of(wish), image, rule, pictures, saving, self._configure)
        if len(found.links) < 2:
            raise ValueError(found.stopped)
        images = [each for each in (image, *(link.target for link in found.links)) if each.origin]
        whole = self._whole(row, wish, found)
        steps = [_step_pair(row, whole, number, link) for number, link in enumerate(found.links, 1)]
        took = [sum(link.seconds for link in found.links), *(link.seconds for link in found.links)]
        about = [
            Produced(pair.pair_id, row.request_id, pair.maker, "", "", seconds, 0.0)
            for pair, seconds in zip((whole, *steps), took, strict=True)
        ]
        return [*images, whole, *steps, *about, self._against_one_shot(whole, found, pictures)]

    def _configure(self, maker: "Maker") -> "Maker":
        return settings_of(maker, self.models)

    def _whole(self, row: SplitRequest, wish: Wish, found: "Chain") -> Pair:
        """The compound pair, of the steps that were done."""
        done = [link.done.step for link in found.links]
        control = wish.control | {"steps": [step.model_dump(mode="json") for step in done]}
        making = Making(
            wish=wish.model_copy(update={"control": control}),
            maker="split",
            version=1,
            seed=row.seed,
            start=found.links[0].source.sha256,
            max_side=self.max_side,
            codec=self.codec,
            quality=self.quality,
            truth=found.truth(),
        )
        return Pair(
            pair_id=id_of("pair", row.request_id, self.settings()),
            source_id=found.links[0].source.image_id,
            target_id=found.target.image_id,
            reference_ids=[],
            task="compose",
            subtask="steps",
            strategy="split",
            maker="split",
            parameters=making.model_dump_json(),
            seed=row.seed,
            parent_id=row.parent_id,
            photo_id=row.photo_id,
            step=0,
        )

    def _against_one_shot(self, whole: Pair, found: "Chain", pictures: Pictures) -> SplitScore:
        from firered.synthesis.versus import compare

        saving = Saving(self.max_side, self.codec, self.quality)
        return compare(whole, found, self.one_shot, self.models, pictures, saving, self._configure)


def _step_pair(row: SplitRequest, whole: Pair, number: int, link: "Link") -> Pair:
    """The pair of one step; its parent is the compound pair, by which the turns of a conversation are found."""
    return Pair(
        pair_id=id_of("pair", whole.pair_id, number),
        source_id=link.source.image_id,
        target_id=link.target.image_id,
        reference_ids=[],
        task=link.done.step.task,
        subtask=link.done.step.subtask,
        strategy="split",
        maker=link.done.maker,
        parameters=link.parameters,
        seed=link.done.step.seed,
        parent_id=whole.pair_id,
        photo_id=row.photo_id,
        step=number,
    )


OPERATOR = Split
