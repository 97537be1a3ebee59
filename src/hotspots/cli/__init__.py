"""
The `hotspots` command: words for people, exit codes for machines, and no work of its own.

``commands``, ``country``, ``judging``, ``power``, ``reporting``, ``scheduling``, ``scoring``,
``simulating``, ``siting`` and ``standing`` hold the commands, ``recipes`` and ``service`` what a
schedule needs, ``words`` lays out what they found, ``telling`` speaks while they work and when
they fail.
"""

from hotspots.cli.commands import Kind, app, main
from hotspots.cli.country import national
from hotspots.cli.judging import intervention
from hotspots.cli.power import power
from hotspots.cli.reporting import report
from hotspots.cli.scheduling import schedule
from hotspots.cli.scoring import score
from hotspots.cli.simulating import simulate
from hotspots.cli.siting import site
from hotspots.cli.standing import doctor, status, verify

__all__ = [
    "Kind",
    "app",
    "doctor",
    "intervention",
    "main",
    "national",
    "power",
    "report",
    "schedule",
    "score",
    "simulate",
    "site",
    "status",
    "verify",
]
