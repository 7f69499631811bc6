"""Planning: balanced over tasks, repeatable, and careful with what an earlier edit touched."""

from collections import Counter
from random import Random

import numpy as np
import pytest

from conftest import scene as painted
from firered.errors import TemplateError
from firered.pictures import Pictures
from firered.synthesis.making import Making, Region, Said, Wish
from firered.synthesis.planning import Choice, chosen_makers, narrowed, pick
from firered.synthesis.primitives import Conditions, checked, met
from firered.synthesis.scene import Box, Scene, SceneObject
from made import asked, bare

WISH = Wish(primitive="viewpoint_outpaint_left")


class Named:
    """Stands for a maker: only its name is looked at."""

    def __init__(self, name: str) -> None:
        self.name = name


def offered(tasks: dict[str, dict[str, int]]) -> dict[str, dict[str, list[tuple[Named, Wish]]]]:
    """So many wishes of each maker, by task."""
    return {
        task: {name: [(Named(name), WISH)] * count for name, count in by.items()}
        for task, by in tasks.items()
    }


def test_every_task_comes_once_before_any_comes_again() -> None:
    found = offered({"add": {"a": 9}, "remove": {"b": 1}, "text": {"c": 1}})
    for seed in range(20):
        first = pick(found, Choice(per_image=3), Random(seed))  # type: ignore[arg-type]
        assert {maker.name for maker, _ in first} == {"a", "b", "c"}


def test_heavier_tasks_are_drawn_more_often() -> None:
    found = offered({"add": {"a": 1}, "remove": {"b": 1}})
    choice = Choice(per_image=1, tasks={"add": 3.0, "remove": 1.0})
    drawn = Counter(pick(found, choice, Random(seed))[0][0].name for seed in range(400))  # type: ignore[arg-type]
    assert 0.68 < drawn["a"] / 400 < 0.82


def test_what_was_picked_is_not_taken_away_from_others() -> None:
    found = offered({"add": {"a": 2}})
    pick(found, Choice(per_image=2), Random(0))  # type: ignore[arg-type]
    assert len(found["add"]["a"]) == 2


def test_equal_seeds_give_equal_requests_and_seeds_of_one_wish_share_a_group(pictures: Pictures) -> None:
    scene = bare(pictures, painted(1))
    assert asked(scene, per_image=2, seed=1) == asked(scene, per_image=2, seed=1)
    assert asked(scene, per_image=2, seed=1) != asked(scene, per_image=2, seed=2)
    three = asked(scene, per_image=1, seeds=3)
    assert len({row.request_id for row in three}) == 3
    assert len({row.group_id for row in three}) == len({row.wish for row in three}) == 1


def test_a_sample_takes_about_its_share(pictures: Pictures) -> None:
    scene = bare(pictures, painted(1))
    taken = [
        bool(asked(scene.model_copy(update={"image_id": number}), per_image=1, sample=0.25))
        for number in range(400)
    ]
    assert 0.18 < sum(taken) / 400 < 0.32


@pytest.mark.parametrize(
    ("choice", "said"),
    [
        (Choice(makers=["nobody"]), "no maker 'nobody'"),
        (Choice(makers=["outpaint"], tasks={"fly": 1.0}), "no task 'fly'"),
        (Choice(makers=["outpaint"], primitives=["fly"]), "no primitive 'fly'"),
    ],
)
def test_a_name_that_is_unknown_is_refused_with_those_that_are(choice: Choice, said: str) -> None:
    with pytest.raises(TemplateError, match=said):
        chosen_makers(choice)


def test_what_an_earlier_edit_touched_is_left_alone() -> None:
    here, there = Box(left=0.1, top=0.1, right=0.3, bottom=0.3), Box(left=0.6, top=0.6, right=0.9, bottom=0.9)
    objects = [SceneObject(label="cup", score=1, box=here), SceneObject(label="dog", score=1, box=there)]
    scene = Scene(image_id=1, sha256="0" * 64, width=100, height=100, objects=objects)
    mask = np.zeros((50, 50), np.bool_)
    mask[5:12, 5:12] = True
    kept = narrowed(scene, making(Region.of(mask)).model_dump_json())
    assert [each.label for each in kept.objects] == ["dog"]
    assert narrowed(scene, making(None).model_dump_json()).objects == []


def making(mask: Region | None) -> Making:
    """How some pair was made."""
    return Making(
        wish=WISH,
        maker="outpaint",
        version=1,
        seed=0,
        start="0" * 64,
        max_side=512,
        codec="jpeg",
        quality=92,
        mask=mask,
    )


@pytest.mark.parametrize(
    ("needs", "meets"),
    [
        (Conditions(), True),
        (Conditions(min_side=101), False),
        (Conditions(max_aspect=1.5), False),
        (Conditions(face=True), False),
        (Conditions(subject=True), False),
    ],
)
def test_a_scene_meets_conditions_or_not(needs: Conditions, meets: bool) -> None:
    assert met(needs, Scene(image_id=1, sha256="0" * 64, width=200, height=100)) is meets


def test_a_wish_with_other_slots_than_its_primitive_is_refused() -> None:
    with pytest.raises(TemplateError, match="takes the slots percent, share, not none"):
        checked(WISH)
    wrong = {"percent": Said(en="a lot", zh="很多"), "share": Said(en="x", zh="x")}
    with pytest.raises(TemplateError, match="slot 'percent' is not a number"):
        checked(WISH.model_copy(update={"slots": wrong}))
