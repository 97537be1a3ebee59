"""
Serve the nightly and the quarterly flow from one process until it is told to end.

    python -m flows.serving --settings hotspots.toml --nightly "20 3 * * *" --quarterly "..."

`hotspots schedule --serve` starts this beside a server of its own. One run at a time: the limit is
this process's, for a limit kept in the server's database would outlive a run that was killed.
"""

from __future__ import annotations

import argparse
import contextlib
import signal
from typing import TYPE_CHECKING, cast

from prefect import serve
from prefect.schedules import Cron

from flows.nightly import nightly
from flows.quarterly import quarterly

if TYPE_CHECKING:
    from prefect import Flow
    from prefect.client.schemas.objects import State
    from prefect.deployments.runner import RunnerDeployment

TIMEZONE = "Europe/London"


def main(arguments: list[str] | None = None) -> None:
    """
    Serve both flows.

    Parameters
    ----------
    arguments : list of str, optional
        Those of the command line if not given.
    """
    parser = argparse.ArgumentParser(prog="python -m flows.serving")
    parser.add_argument("--settings", required=True, help="settings file of the area")
    parser.add_argument("--out", help="folder of the outputs; beside the settings if not given")
    parser.add_argument("--nightly", required=True, help="when, as five fields of cron")
    parser.add_argument("--quarterly", required=True, help="when, as five fields of cron")
    asked = parser.parse_args(arguments)
    # A shell that starts something in the background has it ignore Ctrl-C, which is how we end.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    parameters = {"settings": asked.settings, "out": asked.out}
    with contextlib.suppress(KeyboardInterrupt):
        serve(
            _deployment(nightly, asked.nightly, parameters),
            _deployment(quarterly, asked.quarterly, parameters),
            pause_on_shutdown=False,
            print_starting_message=False,
            limit=1,
        )


def _deployment(
    flow: Flow[..., State[None]], when: str, parameters: dict[str, str | None]
) -> RunnerDeployment:
    schedule = Cron(when, timezone=TIMEZONE)
    made = flow.to_deployment(flow.name, schedule=schedule, parameters=parameters)
    return cast("RunnerDeployment", made)  # outside a coroutine it is no coroutine


if __name__ == "__main__":
    main()
