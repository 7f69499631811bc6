"""Numbers for people: counts, shares, times, sizes, decibels, and the story in one line."""

from collections.abc import Mapping
from typing import Any

MINUS = "\u2212"


def thousands(value: int | None) -> str:
    """12345 as 12,345; a dash where nothing was counted."""
    return "\u2013" if value is None else f"{value:,}"


def number(value: float | None, digits: int = 2) -> str:
    """A measured value with this many decimals, a true minus sign, and a dash where there is none."""
    return "\u2013" if value is None else f"{value:,.{digits}f}".replace("-", MINUS)


def signed(value: float | None, digits: int = 1) -> str:
    """A gain with its sign."""
    return "\u2013" if value is None else f"{value:+,.{digits}f}".replace("-", MINUS)


def share(part: float, whole: float = 1.0) -> str:
    """Part of a whole in per cent; small but real parts never read as 0 %."""
    if not whole:
        return "\u2013"
    percent = 100 * part / whole
    if 0 < percent < 0.1:
        return "<0.1 %"
    return f"{percent:.0f} %" if percent >= 10 or percent == 0 else f"{percent:.1f} %"


def duration(seconds: float | None) -> str:
    """Seconds as 0.4 s, 41 s, 3 min 05 s or 1 h 12 min."""
    if seconds is None:
        return "\u2013"
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def size(value: int) -> str:
    """Bytes as kB, MB or GB."""
    amount = float(value)
    for unit in ("B", "kB", "MB"):
        if amount < 999.5:
            return f"{amount:.0f} {unit}" if unit == "B" or amount >= 10 else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:,.1f} GB"


def plural(value: int, word: str) -> str:
    """1 pair, 2 pairs."""
    return f"{thousands(value)} {word}" if value == 1 else f"{thousands(value)} {word}s"


def story(totals: Mapping[str, int], gaps: int, over_copy: float | None) -> str:
    """What happened, in one line; what did not happen is left out."""
    if not totals["photographs"] and not totals["pairs"]:
        return "Nothing has come in yet"
    parts = []
    if totals["photographs"]:
        parts += [
            f"{plural(totals['photographs'], 'photograph')} in",
            f"{thousands(totals['kept_photographs'])} kept",
        ]
    if totals["pairs"]:
        parts += [
            f"{plural(totals['pairs'], 'pair')} made",
            f"{thousands(totals['kept_pairs'])} kept",
            plural(gaps, "gap"),
        ]
    if over_copy is not None:
        parts.append(f"model {signed(over_copy)} dB against copying")
    return ", ".join(parts)


def settings(values: Mapping[str, Any]) -> str:
    """Parameters as `high 0.99, low 0.01`."""
    return ", ".join(f"{key} {value}" for key, value in values.items())
