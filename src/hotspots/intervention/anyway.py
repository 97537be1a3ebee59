"""What would be expected with nothing done: part of a bad year goes by itself."""

from __future__ import annotations


def expected_change(
    before: float, *, background: float, kept_excess: float, trend: float, ratio: float
) -> float:
    """
    Expect a change from regression to the mean and from what changed everywhere.

    Of what a place had above its background, only the kept excess comes again; the rest was
    chance. What it had up to its background comes again in full. Both follow the area's trend.

    Parameters
    ----------
    before : float
        Incidents of the place before.
    background : float
        Incidents it would have had before if they only followed their wider surroundings.
    kept_excess : float
        Share of the excess that came again at hotspots of the same set, 0 to 1.
    trend : float
        All incidents of the set in the area after, for those before.
    ratio : float
        Months after for months before.

    Returns
    -------
    float
        Incidents expected after, less those before at the same number of months.
    """
    excess = max(before - background, 0.0)
    return trend * (before - (1.0 - kept_excess) * excess) - ratio * before
