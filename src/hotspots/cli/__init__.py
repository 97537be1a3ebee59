"""
The `hotspots` command: words for people, exit codes for machines, and no work of its own.

``commands`` holds the commands, ``words`` lays out what they found, ``telling`` speaks while they
work and when they fail.
"""

from hotspots.cli.commands import Kind, app, main

__all__ = ["Kind", "app", "main"]
