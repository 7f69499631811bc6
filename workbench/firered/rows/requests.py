"""Production: what is known of a photograph, what is asked of a maker, and what it took, Sec. 2.3."""

from dataclasses import dataclass
from typing import ClassVar

from firered.rows.base import Row


@dataclass(frozen=True)
class Scene(Row):
    """A kept photograph with everything that perception found in it, as JSON lists (view)."""

    image_id: int
    sha256: str
    width: int
    height: int
    licence: str
    masks: str
    objects: str
    texts: str
    faces: str
    poses: str
    targets: str
    others: str  # other kept photographs, for backgrounds, cut-outs and references


@dataclass(frozen=True)
class NextScene(Row):
    """A kept pair whose target may be edited again, with what was known of its photograph (view)."""

    pair_id: int
    image_id: int  # of the target
    sha256: str
    width: int
    height: int
    licence: str
    masks: str
    objects: str
    texts: str
    faces: str
    poses: str
    targets: str
    others: str
    photo_id: int
    parameters: str  # of the pair
    depth: int  # edits that led here, 1 for a pair made from a photograph


@dataclass(frozen=True)
class Request(Row):
    """One pair to be made: which maker, which primitive, which slots, which seed."""

    request_id: int
    group_id: int  # requests that differ in their seed alone
    photo_id: int
    source_id: int
    parent_id: int | None  # pair whose target is the source
    strategy: str  # expert control template split
    maker: str
    maker_version: int
    primitive: str
    task: str
    subtask: str
    wish: str  # JSON: slots, control signals, other pictures
    seed: int
    step: int
    depth: int  # edits before this one
    once: ClassVar[bool] = True


@dataclass(frozen=True)
class Requested(Row):
    """A request of a kept photograph with the blob of its source (view)."""

    request_id: int
    photo_id: int
    source_id: int
    source_sha256: str
    licence: str
    parent_id: int | None
    strategy: str
    maker: str
    maker_version: int
    wish: str
    seed: int
    step: int
    depth: int


@dataclass(frozen=True)
class ExpertRequest(Requested):
    """A request of an expert by instruction (view)."""


@dataclass(frozen=True)
class ControlRequest(Requested):
    """A request of an expert by structure (view)."""


@dataclass(frozen=True)
class TemplateRequest(Requested):
    """A request of a model-free template that is not a filter (view)."""


@dataclass(frozen=True)
class SplitRequest(Requested):
    """A compound request, done step by step (view)."""


@dataclass(frozen=True)
class Produced(Row):
    """What a pair was made by, and what it took."""

    pair_id: int
    request_id: int
    maker: str
    model: str  # spec of the model, '' where there is none
    revision: str  # digest of the weights and data
    seconds: float  # of this machine's time
    money: float  # in the currency of the expert's card
    once: ClassVar[bool] = True


@dataclass(frozen=True)
class Ingredient(Row):
    """Another photograph that a pair shows."""

    pair_id: int
    photo_id: int


@dataclass(frozen=True)
class PerceptionScore(Row):
    """A check of a pair by a perception model: what was asked, what was found."""

    pair_id: int
    check: str  # text object identity expression pose ...
    asked: str
    found: str
    score: float  # 0..1


@dataclass(frozen=True)
class SplitScore(Row):
    """A compound edit done step by step against the same done at once."""

    pair_id: int  # of the compound pair
    steps: int  # that were done
    stopped: str  # why there were no more, '' where all were done
    one_shot: str  # editor, or how it was done at once
    split_followed: float  # least score of the steps in the last picture, 0..1
    one_shot_followed: float
    psnr: float  # dB between both
    once: ClassVar[bool] = True


@dataclass(frozen=True)
class Sibling(Row):
    """Two kept pairs of one source and one primitive: one target leads to the other (view)."""

    sibling_id: int
    pair_id: int
    other_id: int
    source_id: int  # target of the first
    target_id: int  # target of the second
    parameters: str
    other_parameters: str
    photo_id: int
