"""Planning: what every maker offers for a scene, and a choice among it that is balanced over the tasks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

from firered.errors import RecipeError, TemplateError
from firered.rows import Request, id_of
from firered.synthesis import makers
from firered.synthesis.making import Making, Wish, is_making
from firered.synthesis.primitives import checked, met, primitive, primitives
from firered.synthesis.scene import Scene, mask_of

if TYPE_CHECKING:
    from firered.synthesis.makers import Maker

# Side of the grid on which an old edit's region is compared with what was known of the photograph.
GRID = 64


@dataclass(frozen=True)
class Choice:
    """How to choose: which makers, how many pairs of a photograph, how often each task."""

    makers: Sequence[str] = ()  # empty: all
    strategies: Sequence[str] = ()  # empty: all
    tasks: Mapping[str, float] | None = None  # weights; None: all tasks alike
    primitives: Sequence[str] = ()  # empty: all
    per_image: int = 3
    seeds: int = 1  # requests that differ in their seed alone
    siblings: int = 1  # wishes of one primitive that differ in their slots, for composition
    sample: float = 1.0  # share of the photographs
    seed: int = 0


@dataclass(frozen=True)
class Origin:
    """What a request starts from."""

    photo_id: int
    source_id: int
    parent_id: int | None = None
    depth: int = 0


def chosen_makers(choice: Choice) -> list["Maker"]:
    """Makers of a choice, in order of their names; raises TemplateError for an unknown one."""
    if choice.tasks is not None:
        known = {made.task for made in primitives().values()}
        for task in choice.tasks:
            if task not in known:
                raise TemplateError(f"plan: no task {task!r} (one of: {', '.join(sorted(known))})")
    for name in choice.primitives:
        primitive(name)
    loaded = [makers.load(name) for name in (choice.makers or makers.all_names())]
    return [maker for maker in loaded if not choice.strategies or maker.strategy in choice.strategies]


def check(choice: Choice) -> None:
    """Raise RecipeError for names that are unknown and numbers that make no sense."""
    ranges = {"per_image": (1, 1000), "seeds": (1, 100), "siblings": (1, 100), "sample": (0, 1)}
    for name, (low, high) in ranges.items():
        if not low <= getattr(choice, name) <= high:
            raise RecipeError(f"plan: {name}: {getattr(choice, name)} is not between {low} and {high}")
    known: dict[str, Sequence[str]] = {
        "maker": makers.all_names(),
        "primitive": list(primitives()),
        "task": sorted({made.task for made in primitives().values()}),
    }
    named = {"maker": choice.makers, "primitive": choice.primitives, "task": list(choice.tasks or ())}
    for kind, names in named.items():
        for name in names:
            if name not in known[kind]:
                raise RecipeError(f"plan: no {kind} {name!r} (one of: {', '.join(known[kind])})")


def requests(scene: Scene, origin: Origin, available: Sequence["Maker"], choice: Choice) -> list[Request]:
    """Requests for one photograph, or for the target of a pair; equal seeds give equal requests."""
    random = Random(id_of("plan", choice.seed, origin.source_id, origin.parent_id))
    if random.random() >= choice.sample:
        return []
    found = offers(scene, available, choice, random)
    rows = []
    for maker, picked in pick(found, choice, random):
        for wish in (picked, *siblings(maker, picked, scene, choice, random)):
            for number in range(choice.seeds):
                rows.append(_request(maker, wish, origin, random.getrandbits(31), number))
    return list({row.request_id: row for row in rows}.values())


def siblings(maker: "Maker", wish: Wish, scene: Scene, choice: Choice, random: Random) -> list[Wish]:
    """Other wishes of a primitive that has a rule of composition, on the same part of the picture."""
    found: list[Wish] = []
    if primitive(wish.primitive).compose is None:
        return found
    # A maker offers a few of many at a time, so it is asked more than once.
    for _ in range(4 * (choice.siblings - 1)):
        for other in maker.offers(scene, Random(random.getrandbits(64))):
            known = [wish.slots, *(each.slots for each in found)]
            if (
                other.primitive == wish.primitive
                and other.slots not in known
                and len(found) < choice.siblings - 1
            ):
                found.append(checked(other))
    return found


def offers(
    scene: Scene, available: Sequence["Maker"], choice: Choice, random: Random
) -> dict[str, dict[str, list[tuple["Maker", Wish]]]]:
    """What may be asked of a scene, by task and maker."""
    found: dict[str, dict[str, list[tuple[Maker, Wish]]]] = {}
    for maker in available:
        for wish in maker.offers(scene, Random(random.getrandbits(64))):
            made = primitive(wish.primitive)
            wanted = choice.tasks is None or choice.tasks.get(made.task, 0) > 0
            named = not choice.primitives or made.name in choice.primitives
            if wanted and named and met(made.needs, scene):
                found.setdefault(made.task, {}).setdefault(maker.name, []).append((maker, checked(wish)))
    return found


def pick(
    found: Mapping[str, Mapping[str, Sequence[tuple["Maker", Wish]]]], choice: Choice, random: Random
) -> list[tuple["Maker", Wish]]:
    """Draw tasks by weight, then a maker, then a wish; each task once before any comes again."""
    left = {task: {name: list(wishes) for name, wishes in by.items()} for task, by in sorted(found.items())}
    picked: list[tuple[Maker, Wish]] = []
    while left and len(picked) < choice.per_image:
        for task in _shuffled(left, choice, random):
            by = left[task]
            name = sorted(by)[random.randrange(len(by))]
            picked.append(by[name].pop(random.randrange(len(by[name]))))
            if not by[name]:
                del by[name]
        left = {task: by for task, by in left.items() if by}
    return picked[: choice.per_image]


def narrowed(scene: Scene, parameters: str) -> Scene:
    """A scene without what an earlier edit touched: what was found there may be gone."""
    if not is_making(parameters):
        return scene.model_copy(update={"targets": []})
    making = Making.model_validate_json(parameters)
    if making.mask is None:
        nothing: dict[str, list[object]] = {
            kind: [] for kind in ("masks", "objects", "texts", "faces", "poses", "targets")
        }
        return scene.model_copy(update=nothing)
    touched = mask_of(making.mask, GRID, GRID)

    def clear(left: float, top: float, right: float, bottom: float) -> bool:
        rows, columns = (
            slice(int(top * GRID), int(bottom * GRID) + 1),
            slice(int(left * GRID), int(right * GRID) + 1),
        )
        return not touched[rows, columns].any()

    def kept(found: Sequence[object]) -> list[object]:
        return [each for each in found if clear(**each.box.model_dump())]  # type: ignore[attr-defined]

    return scene.model_copy(
        update={
            "masks": kept(scene.masks),
            "objects": kept(scene.objects),
            "texts": kept(scene.texts),
            "faces": kept(scene.faces),
            "poses": [pose for pose in scene.poses if clear(*_around(pose.points))],
            "targets": [],
        }
    )


def _around(points: Sequence[float]) -> tuple[float, float, float, float]:
    across, down = points[0::3], points[1::3]
    return max(0.0, min(across)), max(0.0, min(down)), min(1.0, max(across)), min(1.0, max(down))


def _shuffled(tasks: Mapping[str, object], choice: Choice, random: Random) -> list[str]:
    """Tasks in random order, the heavier ones earlier (Efraimidis and Spirakis)."""
    weights = choice.tasks or {}
    keys = {task: random.random() ** (1 / weights.get(task, 1.0)) for task in tasks}
    return sorted(tasks, key=lambda task: -keys[task])


def _request(maker: "Maker", wish: Wish, origin: Origin, seed: int, number: int) -> Request:
    made = primitive(wish.primitive)
    text = wish.model_dump_json()
    group = id_of("group", origin.source_id, origin.parent_id, maker.name, maker.version, text)
    return Request(
        request_id=id_of("request", group, seed, number),
        group_id=group,
        photo_id=origin.photo_id,
        source_id=origin.source_id,
        parent_id=origin.parent_id,
        strategy=maker.strategy,
        maker=maker.name,
        maker_version=maker.version,
        primitive=made.name,
        task=made.task,
        subtask=made.subtask,
        wish=text,
        seed=seed,
        step=0,
        depth=origin.depth,
    )
