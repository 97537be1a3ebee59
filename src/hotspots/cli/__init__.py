"""
The `hotspots` command: words for people, exit codes for machines, and no work of its own.

``commands``, ``judging``, ``power``, ``reporting``, ``scoring``, ``simulating`` and ``siting`` hold
the commands, ``words`` lays out what they found, ``telling`` speaks while they work and when they
fail.
"""

from hotspots.cli.commands import Kind, app, main
from hotspots.cli.judging import intervention
from hotspots.cli.power import power
from hotspots.cli.reporting import report
from hotspots.cli.scoring import score
from hotspots.cli.simulating import simulate
from hotspots.cli.siting import site

__all__ = ["Kind", "app", "intervention", "main", "power", "report", "score", "simulate", "site"]
