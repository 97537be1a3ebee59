"""
police.uk on the network: its monthly archives, read by pieces, and its API.

``existing`` says what there is, ``publications`` takes one force out of an archive, ``checksums``
reads the MD5 sums of the archive page, ``opened`` remembers archives for the next force,
``answers`` asks the API about an area, and ``areas`` makes areas that it can answer.
"""

from hotspots.sources.police_uk.live.answers import AnswersFetched, fetch_answers
from hotspots.sources.police_uk.live.existing import (
    forces,
    last_updated,
    months_available,
    publications_for,
)
from hotspots.sources.police_uk.live.opened import Opened
from hotspots.sources.police_uk.live.publications import Fetched, fetch_publication

__all__ = [
    "AnswersFetched",
    "Fetched",
    "Opened",
    "fetch_answers",
    "fetch_publication",
    "forces",
    "last_updated",
    "months_available",
    "publications_for",
]
