"""
Public sources on the network: asked politely, and believed only where they prove what they sent.

``Web`` asks, and takes answers from allowed hosts only. The parts: ``limits`` how fast, how long
and how often; ``answers`` what came and whether it is what was expected; ``trouble`` what can go
wrong, in words; ``part`` a download that survives a kill; ``ranges`` a file read by pieces;
``files`` one file by its address.
"""

from hotspots.sources.web.answers import FILE, JSON, PAGE, ZIP, Answer, Expected, Head, Marks
from hotspots.sources.web.client import Web
from hotspots.sources.web.files import FileFetched, fetch_file
from hotspots.sources.web.limits import Clock, Limits
from hotspots.sources.web.ranges import RangeFile
from hotspots.sources.web.trouble import ChangedError, RangesIgnoredError, StatusError

__all__ = [
    "FILE",
    "JSON",
    "PAGE",
    "ZIP",
    "Answer",
    "ChangedError",
    "Clock",
    "Expected",
    "FileFetched",
    "Head",
    "Limits",
    "Marks",
    "RangeFile",
    "RangesIgnoredError",
    "StatusError",
    "Web",
    "fetch_file",
]
