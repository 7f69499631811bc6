"""The tables of the truth as Markdown, between the markers of a page, one column group a set."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from firered.errors import FireRedError
from firered.planting.defects import Defect, defects
from firered.planting.score import ANY, STRANGER, Scores, allowed
from firered.planting.truth import CLEAN

MARKER = "<!-- {}: {} -->"  # what stands there, and 'begin' or 'end'


def write(page: Path, sets: Mapping[str, Scores]) -> None:
    """Replace what stands between the markers 'truth' and 'defects' of a page by the tables of these sets."""
    text = page.read_text(encoding="utf-8")
    text = replaced(text, "truth", tables(sets), page)
    if MARKER.format("defects", "begin") in text:
        text = replaced(text, "defects", listing(), page)
    page.write_text(text, encoding="utf-8")


def replaced(text: str, name: str, table: str, page: Path) -> str:
    """Put a table between the markers of a name; raises FireRedError where there are none."""
    begin, end = (MARKER.format(name, side) for side in ("begin", "end"))
    before, found, rest = text.partition(begin)
    _, ended, after = rest.partition(end)
    if not found or not ended:
        raise FireRedError(
            f"{page}: no markers (put a line {begin!r} and a line {end!r} where the table goes)"
        )
    return f"{before}{begin}\n{table}{end}{after}"


def listing() -> str:
    """What each defect is, and what counts as finding it."""
    lines = [f"`{each.name}` | {each.about} | {_finder(each)}" for each in defects().values()]
    return f"\n{_table(['defect', 'what is planted', 'found when'], 3, lines)}\n"


def _finder(defect: Defect) -> str:
    said = {
        "same image": "it becomes the same image as its base",
        "duplicate": "one of the photograph and its copies is kept",
        "failed": "it fails with a reason",
        "upright": "it is stored upright",
        "angle": "`turned` rejects it, with the right angle",
        "came in": "it comes in and shows the right picture",
    }
    rejected = " or ".join(f"`{name}`" for name in defect.filters) + " rejects it"
    return said.get(defect.found, rejected)


def tables(sets: Mapping[str, Scores]) -> str:
    """Recall by defect and false positives by filter, with their intervals."""
    return f"\n{recalls(sets)}\n{wrongs(sets)}\n"


def recalls(sets: Mapping[str, Scores]) -> str:
    """One line a defect: aims, then for each set the recall, the controls rejected for the same, and any reason."""
    columns = [f"{name}: found | controls rejected for the same | plants out for any reason" for name in sets]
    lines = [_recall_line(defect, sets) for defect in defects().values()]
    return _table(["defect | aim", *columns], 2 + 3 * len(sets), lines)


def _recall_line(defect: Defect, sets: Mapping[str, Scores]) -> str:
    cells = [f"`{defect.name}`", f"≥ {defect.aim[0]:g}, ≤ {defect.aim[1]:g}" if defect.aim else "as measured"]
    for scores in sets.values():
        row = scores.recall(defect)
        met = None if defect.aim is None else row["found"] >= defect.aim[0] * row["plants"]
        cells += [_share(row["found"], row["plants"], row, met) if scores.asks(defect) else "no filter"]
        cells += [_false(defect, scores), f"{row['any_reason']}"]
    return " | ".join(cells)


def _false(defect: Defect, scores: Scores) -> str:
    wrong, controls = scores.false(defect), len(scores.of(CLEAN))
    if wrong is None or not controls or not scores.asks(defect):
        return "-"
    missed = " **not met**" if defect.aim and wrong > defect.aim[1] * controls else ""
    return f"{wrong / controls:.3f} ({wrong}/{controls}){missed}"


def wrongs(sets: Mapping[str, Scores]) -> str:
    """One line a filter: aim, then for each set the controls that it rejects and the healthy bases."""
    names = dict.fromkeys(name for scores in sets.values() for name in scores.judges)
    columns = [f"{name}: controls rejected | bases rejected" for name in sets]
    lines = [_wrong_line(name, sets) for name in (*names, ANY, STRANGER)]
    return _table(["filter | aim", *columns], 2 + 2 * len(sets), lines)


def _wrong_line(name: str, sets: Mapping[str, Scores]) -> str:
    aim = allowed(name)
    cells = [name if name in (ANY, STRANGER) else f"`{name}`", "as measured" if aim is None else f"≤ {aim:g}"]
    for scores in sets.values():
        row = scores.strangers() if name == STRANGER else scores.wrong(name)
        met = None if aim is None else row["rejected"] <= aim * row["controls"]
        cells += [_share(row["rejected"], row["controls"], row, met)]
        cells += ["" if row["bases_rejected"] is None else f"{row['bases_rejected']}"]
    return " | ".join(cells)


def _share(count: int, total: int, row: dict[str, Any], met: bool | None) -> str:
    if not total:
        return "-"
    missed = " **not met**" if met is False else ""
    return f"{count / total:.3f} ({count}/{total}; {row['low']:.2f} to {row['high']:.2f}){missed}"


def _table(head: list[str], columns: int, lines: list[str]) -> str:
    rule = "|".join(["---"] * columns)
    return "\n".join([f"| {' | '.join(head)} |", f"|{rule}|", *(f"| {line} |" for line in lines), ""])
