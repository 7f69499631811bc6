"""Texts and their vectors."""

from dataclasses import dataclass
from typing import ClassVar

from firered.rows.base import Row, id_of


@dataclass(frozen=True)
class Text(Row):
    """A caption of an image or an instruction of a pair."""

    text_id: int
    subject_id: int  # image_id or pair_id
    tier: str  # original structured | detailed concise user
    language: str  # en zh
    text: str
    phrase_id: int  # equal texts in one language share it, so nothing is embedded twice
    once: ClassVar[bool] = True

    @classmethod
    def of(cls, subject_id: int, tier: str, language: str, text: str) -> "Text":
        """Make the row of a text."""
        text_id = id_of("text", subject_id, tier, language, text)
        return cls(text_id, subject_id, tier, language, text, id_of("phrase", language, text))


@dataclass(frozen=True)
class KeptPhrase(Row):
    """A distinct instruction of kept pairs, in one language (view)."""

    phrase_id: int
    language: str
    text: str


@dataclass(frozen=True)
class Vector(Row):
    """An embedding; `space` names the encoder and what was embedded, and is the Lance table."""

    subject_id: int
    space: str
    vector: list[float]  # unit length
