"""Split against one shot, Sec. 2.3: the same compound request done step by step and all at once, judged alike."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from firered.rows import Pair, SplitScore
from firered.synthesis import chain
from firered.synthesis.checks.scoring import score
from firered.synthesis.making import Making
from firered.synthesis.primitives import primitive
from firered.synthesis.words import canonical
from firered.templating.truth import psnr

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from firered.models.editor import Editor
    from firered.pictures import Pictures
    from firered.synthesis.chain import Chain
    from firered.synthesis.makers import Maker
    from firered.synthesis.produce import Saving

    Pixels = NDArray[np.uint8]

AT_ONCE = "steps at once"


def compare(
    whole: Pair,
    found: "Chain",
    spec: str,
    models: Mapping[str, Any],
    pictures: "Pictures",
    saving: "Saving",
    configure: "Callable[[Maker], Maker]",
) -> SplitScore:
    """Scores of both; without an editor one shot means the same steps with nothing stored in between."""
    making = Making.model_validate_json(whole.parameters)
    start = pictures.pixels(found.links[0].source.sha256)
    steps = [link.done.step for link in found.links]
    if spec:
        once = _edited(spec, tuple(sorted(models.items())), start, canonical(making.wish), making.seed)
    else:
        once = chain.at_once(steps, start, pictures, saving, configure)
    split = pictures.pixels(found.target.sha256)
    rule = primitive(making.wish.primitive)
    one, many = score(start, once, making, rule), score(start, split, making, rule)
    return SplitScore(
        pair_id=whole.pair_id,
        steps=len(steps),
        stopped=found.stopped,
        one_shot=spec or AT_ONCE,
        split_followed=many.followed,
        one_shot_followed=one.followed,
        psnr=psnr(once, split),
    )


def _edited(
    spec: str, models: tuple[tuple[str, Any], ...], pixels: "Pixels", said: str, seed: int
) -> "Pixels":
    from firered.models.editor import EditRequest, edit_one

    return edit_one(_editor(spec, models), EditRequest(images=(pixels,), instruction=said, seed=seed))


@cache
def _editor(spec: str, models: tuple[tuple[str, Any], ...]) -> "Editor":
    from firered.models.editor import load

    return load(spec, **dict(models))
