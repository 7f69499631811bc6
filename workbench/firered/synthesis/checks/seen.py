"""What perception models see of an edit: words, things, faces, joints. Each check says nothing where it does not apply."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from firered.models.regions import Box, Region
from firered.synthesis.checks.evidence import ramp
from firered.templating.planes import Pixels

FOUND = (0.05, 0.3)  # score of a detector: a thing is not there, it is
SURE = 0.35  # score from which on the thing was there before
OVERLAP = 0.3  # share of the smaller box that lies in the other
PERSON = (0.7, 0.45)  # distance of two faces: two persons, one
MOUTH = (0.0, 0.6)  # share of the change of a mouth that was asked: none, enough
READ = 0.7  # likeness of a line that was read well
MOODS = {
    "happy": ("happy", "smil", "laugh", "grin", "joy", "cheer"),
    "surprise": ("surpris", "astonish", "amaze"),
    "angry": ("angry", "anger", "scowl", "furious"),
    "sad": ("sad", "unhappy", "sorrow", "frown"),
    "neutral": ("neutral", "calm", "relaxed"),
}
# Persons stay who they are in these tasks.
SAME_PERSON = frozenset({"beauty", "portrait", "background", "color", "lowlevel"})


@dataclass(frozen=True)
class SeenFace:
    """A face: box relative to the picture, identity (128,), mood and its share 0..1."""

    box: Box
    identity: NDArray[np.float32]
    mood: str
    mood_share: float
    mouth: tuple[float, float] = (0.0, 0.0)  # width and opening, over the distance of the eyes


class Eyes(Protocol):
    """Perception models behind one door; each is loaded at its first use."""

    def read(self, pixels: Pixels) -> list[str]:
        """Lines of text."""

    def things(self, pixels: Pixels) -> list[Region]:
        """Objects with their labels."""

    def faces(self, pixels: Pixels) -> list[SeenFace]:
        """Faces, the largest first."""

    def joints(self, pixels: Pixels) -> list[Region]:
        """Persons with their 17 joints (x, y, score)."""


@dataclass(frozen=True)
class Asked:
    """What a pair promises, of this direction: lines of text, things, persons."""

    task: str
    shows: Sequence[str] = ()  # lines that must be readable in the target
    lacks: Sequence[str] = ()  # lines of the source that must not be
    comes: str = ""  # label of a thing that appears
    goes: str = ""  # label of a thing that disappears
    place: Box | None = None  # of these things
    mood: str = ""
    joints: Mapping[str, Sequence[float]] | None = None  # of the target, by name of COCO's 17
    mouth: tuple[float, float] | None = (
        None  # by how much it gets wider and opens, over the distance of the eyes
    )


@dataclass(frozen=True)
class Seen:
    """One check."""

    check: str
    asked: str
    found: str
    score: float


def look(asked: Asked, source: Pixels, target: Pixels, eyes: Eyes) -> Iterator[Seen]:
    """All checks that apply to a pair."""
    if asked.shows or asked.lacks:
        yield from _text(asked, source, target, eyes)
    if asked.comes or asked.goes:
        yield from _things(asked, source, target, eyes)
    if asked.task in SAME_PERSON:
        yield from _identity(source, target, eyes)
    if asked.mood:
        yield from _mood(asked, target, eyes)
    if asked.mouth:
        yield from _mouth(asked.mouth, source, target, eyes)
    if asked.joints:
        yield from _joints(asked.joints, target, eyes)


# --- words ------------------------------------------------------------------------------------------


def likeness(first: str, second: str) -> float:
    """1 less the edit distance over the longer text, 0..1; case and spaces do not count."""
    one, two = ("".join(text.lower().split()) for text in (first, second))
    longest = max(len(one), len(two))
    return 1 - distance(one, two) / longest if longest else 1.0


def distance(first: str, second: str) -> int:
    """Levenshtein distance."""
    row = list(range(len(second) + 1))
    for place, char in enumerate(first, 1):
        above, row[0] = row[0], place
        for other, wanted in enumerate(second, 1):
            above, row[other] = row[other], min(row[other] + 1, row[other - 1] + 1, above + (char != wanted))
    return row[-1]


def best_line(wanted: str, lines: Sequence[str]) -> tuple[str, float]:
    """The line, or run of neighbouring lines, that is most like a text, and its likeness; '' where none was read."""
    runs = [
        " ".join(lines[first:last])
        for first in range(len(lines))
        for last in range(first + 1, min(first + 4, len(lines) + 1))
    ]
    return max(
        ((line, likeness(wanted, line)) for line in runs), key=lambda found: found[1], default=("", 0.0)
    )


def _text(asked: Asked, source: Pixels, target: Pixels, eyes: Eyes) -> Iterator[Seen]:
    lines = eyes.read(target)
    for wanted in asked.shows:
        line, score = best_line(wanted, lines)
        yield Seen("text", wanted, line, score)
    before = eyes.read(source) if asked.lacks else []
    for gone in asked.lacks:
        # What could not be read before proves nothing by not being read after.
        if best_line(gone, before)[1] >= READ:
            line, score = best_line(gone, lines)
            yield Seen("text gone", f"no {gone!r}", line, ramp(score, 0.95, 0.6))


# --- things -----------------------------------------------------------------------------------------


def label_of(words: str, labels: Sequence[str]) -> str:
    """The class that words name, the longest where several do; '' where none does."""
    said = f" {re.sub(r'[^a-z ]', ' ', words.lower())} "
    named = [label for label in labels if re.search(rf"\b{label}s?\b", said)]
    return max(named, key=len, default="")


def _things(asked: Asked, source: Pixels, target: Pixels, eyes: Eyes) -> Iterator[Seen]:
    before, after = eyes.things(source), eyes.things(target)
    if asked.goes and (sure := surest(asked.goes, before, asked.place)) >= SURE:
        left = surest(asked.goes, after, asked.place)
        yield Seen(
            "object gone", f"no {asked.goes}", f"{left:.2f}, was {sure:.2f}", ramp(left, sure, 0.5 * sure)
        )
    if asked.comes:
        had, has = (surest(asked.comes, found, asked.place) for found in (before, after))
        yield Seen("object", asked.comes, f"{has:.2f}, was {had:.2f}", ramp(has - had, *FOUND))


def surest(label: str, found: Sequence[Region], place: Box | None) -> float:
    """Score of the surest thing of a class at a place, 0..1; 0 where there is none."""
    here = (each.score for each in found if each.label == label and (place is None or meets(each.box, place)))
    return max(here, default=0.0)


def meets(first: Box, second: Box) -> bool:
    """Whether enough of the smaller of two boxes lies in the other."""
    across = min(first[2], second[2]) - max(first[0], second[0])
    down = min(first[3], second[3]) - max(first[1], second[1])
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (first, second)]
    return across > 0 and down > 0 and across * down >= OVERLAP * min(areas)


# --- persons ----------------------------------------------------------------------------------------


def _identity(source: Pixels, target: Pixels, eyes: Eyes) -> Iterator[Seen]:
    before = eyes.faces(source)
    after = eyes.faces(target) if before else []
    for face in before:
        same = [other for other in after if meets(face.box, other.box)]
        apart = min((float(np.linalg.norm(face.identity - other.identity)) for other in same), default=None)
        if apart is not None:
            yield Seen("identity", "the same person", f"distance {apart:.2f}", ramp(apart, *PERSON))


def mood_of(words: str) -> str:
    """The mood that words name, '' where they name none."""
    said = words.lower()
    return next((mood for mood, stems in MOODS.items() if any(stem in said for stem in stems)), "")


def _mood(asked: Asked, target: Pixels, eyes: Eyes) -> Iterator[Seen]:
    faces = eyes.faces(target)
    if faces:
        face = faces[0]
        score = face.mood_share if face.mood == asked.mood else 0.0
        yield Seen("expression", asked.mood, f"{face.mood} {face.mood_share:.2f}", score)


def _mouth(wanted: tuple[float, float], source: Pixels, target: Pixels, eyes: Eyes) -> Iterator[Seen]:
    before, after = eyes.faces(source), eyes.faces(target)
    if before and after:
        found = np.subtract(after[0].mouth, before[0].mouth)
        share = float(found @ np.array(wanted)) / float(np.square(wanted).sum())
        said = [f"wider by {wide:+.2f}, open by {high:+.2f}" for wide, high in (wanted, found.tolist())]
        yield Seen("mouth", said[0], said[1], ramp(share, *MOUTH))


JOINTS = (
    "nose", "left_eye", "right_eye", "left_ear", "right_ear", "left_shoulder", "right_shoulder", "left_elbow",
    "right_elbow", "left_wrist", "right_wrist", "left_hip", "right_hip", "left_knee", "right_knee", "left_ankle",
    "right_ankle",
)  # fmt: skip


def _joints(wanted: Mapping[str, Sequence[float]], target: Pixels, eyes: Eyes) -> Iterator[Seen]:
    persons = [person for person in eyes.joints(target) if person.points is not None]
    if persons:
        near = max(_share_near(wanted, person.points) for person in persons if person.points is not None)
        yield Seen("pose", f"{len(wanted)} joints", f"{near:.0%} in place", near)


def _share_near(wanted: Mapping[str, Sequence[float]], points: Any) -> float:
    """Share of the joints that were found within a tenth of the figure's height of where they are."""
    height = max(place[1] for place in wanted.values()) - min(place[1] for place in wanted.values())
    known = [(place, points[JOINTS.index(name)]) for name, place in wanted.items() if name in JOINTS]
    near = [
        np.hypot(place[0] - found[0], place[1] - found[1]) < 0.1 * max(height, 0.1) for place, found in known
    ]
    return float(np.mean(near)) if near else 0.0
