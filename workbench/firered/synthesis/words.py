"""Instructions of made pairs: the clauses of their primitive, with the words of their slots."""

from random import Random

from firered.synthesis.making import Said, Wish
from firered.synthesis.primitives import Primitive, Slot, primitive
from firered.templating.filters import Language, Templates, templates
from firered.templating.words import Tier, amount, grammar, quoted, sentence


def instruction(wish: Wish, *, tier: Tier, language: Language, random: Random) -> str:
    """One instruction for a wish; equal random states give equal sentences."""
    made, forms = primitive(wish.primitive), grammar()
    kept = made.stays[language] if made.stays else ""
    words = slot_words(wish, made, templates(), language)
    if "steps" in wish.control:
        from firered.synthesis import splitting

        steps = splitting.steps_of(wish)
        words["steps"] = splitting.joined(steps, language, detailed=tier == "detailed", random=random)
    clauses = made.clauses(language)
    return sentence(clauses, words, kept, forms, tier=tier, language=language, random=random)


def canonical(wish: Wish, language: Language = "en") -> str:
    """The sentence that a model is sent: the first detailed clause, always the same."""
    made = primitive(wish.primitive)
    words = slot_words(wish, made, templates(), language)
    said = made.words[language].detailed[0].format_map(words)
    return f"{said[:1].upper()}{said[1:]}{'。' if language == 'zh' else '.'}"


def slot_words(wish: Wish, made: Primitive, read: Templates, language: Language) -> dict[str, str]:
    """What each slot becomes in a language: strings in quotation marks, numbers with their unit."""
    return {
        name: _word(made.slots[name], said, read, language)
        for name, said in wish.slots.items()
        if name in made.slots
    }


def _word(slot: Slot, said: Said, read: Templates, language: Language) -> str:
    if slot.kind == "text":
        return quoted(said.value, language)
    if slot.kind == "number":
        assert slot.unit is not None
        return amount(abs(said.value), slot.unit, read, language)
    return said.en if language == "en" else said.zh
