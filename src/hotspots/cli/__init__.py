"""
The `hotspots` command: words for people, exit codes for machines, and no work of its own.

``commands``, ``scoring`` and ``simulating`` hold the commands, ``words`` lays out what they
found, ``telling`` speaks while they work and when they fail.
"""

from hotspots.cli.commands import Kind, app, main
from hotspots.cli.scoring import score
from hotspots.cli.simulating import simulate

__all__ = ["Kind", "app", "main", "score", "simulate"]
