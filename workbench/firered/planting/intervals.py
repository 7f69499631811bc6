"""How sure a share is."""

from math import sqrt

SIGMAS = 1.959964  # of a normal distribution, that hold 95 %


def wilson(count: int, total: int) -> tuple[float, float]:
    """95 % interval of a share, Wilson's score interval; (0, 1) where nothing was counted."""
    if total == 0:
        return 0.0, 1.0
    share, weight = count / total, SIGMAS**2 / total
    middle = (share + weight / 2) / (1 + weight)
    half = SIGMAS / (1 + weight) * sqrt(share * (1 - share) / total + weight / (4 * total))
    return max(0.0, middle - half), min(1.0, middle + half)
