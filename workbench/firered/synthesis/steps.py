"""One atomic step of a compound edit: a maker's wish or a filter, done, judged and put into words alike."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Any

from firered.synthesis.checks.scoring import score as score_of
from firered.synthesis.making import Making, Region, Wish
from firered.synthesis.primitives import checked, primitive
from firered.synthesis.words import slot_words
from firered.templating import truth
from firered.templating.edits import Edit, asked, draw, values_of
from firered.templating.filters import Language, Strict, templates
from firered.templating.words import clauses_for, grammar
from firered.templating.words import slot_words as filter_words

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from firered.pictures import Pictures
    from firered.synthesis.makers import Maker
    from firered.synthesis.produce import Saving

    Pixels = NDArray[np.uint8]


class Step(Strict):
    """Either a maker and its wish, or a filter and its arguments."""

    maker: str = ""
    wish: Wish | None = None
    filter: str = ""
    arguments: dict[str, Any] = {}
    seed: int = 0

    @property
    def task(self) -> str:
        """Task of the step."""
        return templates().filters[self.filter].task if self.filter else primitive(self._wish.primitive).task

    @property
    def subtask(self) -> str:
        """Subtask of the step."""
        if self.filter:
            return templates().filters[self.filter].subtask
        return primitive(self._wish.primitive).subtask

    @property
    def name(self) -> str:
        """The filter, or the primitive."""
        return self.filter or self._wish.primitive

    @property
    def _wish(self) -> Wish:
        assert self.wish is not None, self
        return self.wish


@dataclass(frozen=True)
class Done:
    """A step that was done: its pixels before they are stored, and what its pair will store."""

    target: "Pixels"
    maker: str
    parameters: Callable[[str], str]  # sha256 of the source's blob -> JSON
    region: Region | None
    truth: dict[str, Any]
    step: Step  # with the slots that became known


def do(
    step: Step,
    source: "Pixels",
    pictures: "Pictures",
    saving: "Saving",
    configure: "Callable[[Maker], Maker]",
) -> Done:
    """Do one step; raises ValueError where the picture does not allow it."""
    return (
        _filtered(step, source, saving) if step.filter else _made(step, source, pictures, saving, configure)
    )


def _filtered(step: Step, source: "Pixels", saving: "Saving") -> Done:
    from firered.templating.choice import offers
    from firered.templating.pixels import apply

    read = templates()
    made = read.filters[step.filter]
    if step.filter not in offers([made], source, read):
        raise ValueError(f"step {step.filter!r}: the picture lacks what the filter changes")
    values = values_of(made, step.arguments, read, "")
    edit = Edit(
        filter=made.name,
        version=made.version,
        function=made.function,
        arguments=step.arguments,
        values=values,
        asked=asked(made, step.arguments),
        unit=made.measure.unit,
        quality=saving.quality,
    )
    target = apply(made.function, source, values)
    return Done(target, made.name, lambda _: edit.model_dump_json(), None, {}, step)


def _made(
    step: Step,
    source: "Pixels",
    pictures: "Pictures",
    saving: "Saving",
    configure: "Callable[[Maker], Maker]",
) -> Done:
    from firered.synthesis.produce import ready

    maker = ready(step.maker, configure)
    assert step.wish is not None, step
    made = maker.make(step.wish, source, step.seed, pictures)
    if made.source is not None or made.references:
        raise ValueError(f"step {step.maker!r}: draws its own source, so it cannot follow another step")
    wish = checked(step.wish.model_copy(update={"slots": {**step.wish.slots, **made.slots}}))
    region = None if made.mask is None else Region.of(made.mask)
    found = dict(made.truth) | {
        name: pictures.save(each, codec="png")[0] for name, each in made.pictures.items()
    }

    def parameters(start: str) -> str:
        return Making(
            wish=wish,
            maker=maker.name,
            version=maker.version,
            model=getattr(maker, "model", ""),
            revision=maker.revision,
            seed=step.seed,
            start=start,
            max_side=saving.max_side,
            codec=saving.codec,
            quality=saving.quality,
            mask=region,
            truth=found,
        ).model_dump_json()

    known = step.model_copy(update={"wish": wish})
    return Done(made.target, maker.name, parameters, region, found, known)


def judged(parameters: str, source: "Pixels", target: "Pixels", pictures: "Pictures") -> tuple[float, float]:
    """How well a step was followed and the rest kept, 0..1 each, by the model-free checks."""
    if not parameters.startswith('{"wish"'):
        edit = Edit.model_validate_json(parameters)
        made = templates().filters[edit.filter]
        found = truth.measure(source, target, edit, made)
        return truth.followed(found, edit.asked, made.measure), truth.kept(source, target, edit, made, found)
    making = Making.model_validate_json(parameters)
    clean = making.truth.get("clean")
    score = score_of(
        source, target, making, primitive(making.wish.primitive), pictures.pixels(clean) if clean else None
    )
    return score.followed, score.kept


def clause(step: Step, language: Language, *, detailed: bool, random: Random) -> str:
    """A verb phrase for a step, with its slots filled."""
    if step.filter:
        made, read = templates().filters[step.filter], templates()
        edit = Edit(
            filter=made.name,
            version=made.version,
            function=made.function,
            arguments=step.arguments,
            values={},
            asked=0,
            unit="",
            quality=0,
        )
        options = clauses_for(edit, made, language)
        words = filter_words(edit, read, grammar(), language)
    else:
        assert step.wish is not None, step
        asks = primitive(step.wish.primitive)
        options, words = asks.clauses(language), slot_words(step.wish, asks, templates(), language)
    said = options.detailed if detailed else options.concise
    return said[random.randrange(len(said))].format_map(words)


def filter_step(name: str, random: Random) -> Step:
    """A filter with arguments drawn for it."""
    made, read = templates().filters[name], templates()
    return Step(
        filter=name, arguments=draw(made, random, read, ("en", "zh"), {}), seed=random.getrandbits(31)
    )
