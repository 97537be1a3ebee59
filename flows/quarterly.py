"""The quarterly reports as a Prefect flow: retries, time-outs and one artifact; no logic."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from prefect import flow, task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE
from prefect.logging import get_run_logger
from prefect.states import Completed
from prefect.tasks import exponential_backoff

from hotspots.pipeline import notifying
from hotspots.pipeline.report import report

if TYPE_CHECKING:
    from prefect.client.schemas.objects import State

    from hotspots.pipeline.report import Reported

TASK_LIMIT_S = 3600.0
"""The reports of the largest force take a few minutes; after an hour it hangs."""

FLOW_LIMIT_S = 6 * 3600.0
"""Five tries and the waits between them, of 1, 2, 4 and 8 minutes, end long before."""


@flow(name="quarterly", persist_result=False, timeout_seconds=FLOW_LIMIT_S)
def quarterly(
    settings: str = "hotspots.toml", out: str | None = None, quarter: str | None = None
) -> State[None]:
    """
    Write the reports of a quarter from the last refresh.

    Parameters
    ----------
    settings : str
        Settings file of the area.
    out : str, optional
        Folder that the refresh wrote to; beside the settings file if not given.
    quarter : str, optional
        Such as `2025-Q1`; the last complete quarter in the data if not given.

    Returns
    -------
    State
        Completed; its message names the quarter and the folder.
    """
    logger = get_run_logger()
    folder = Path(out) if out else None
    made: list[Reported] = []

    # A refresh that is at work holds the area's lock for a minute or two; then it is our turn.
    @task(
        name="report",
        retries=4,
        retry_delay_seconds=exponential_backoff(backoff_factor=60),
        retry_jitter_factor=0.5,
        timeout_seconds=TASK_LIMIT_S,
        cache_policy=NO_CACHE,
        persist_result=False,
    )
    def write() -> None:
        made.append(report(Path(settings), quarter=quarter, out=folder, say=logger.info))

    with notifying.watched(
        Path(settings), out=folder, what="The quarterly report", warn=logger.warning
    ):
        write()
    done = made[-1]
    try:
        create_markdown_artifact(
            markdown=markdown(done),
            key=f"quarterly-{done.area_id}",
            description="Reports of the last quarter that was reported on.",
        )
    except Exception:  # the reports are out, whatever becomes of the word about them
        logger.warning("the reports are written, but Prefect took no word of them", exc_info=True)
    return Completed(message=f"Reports of {done.area_id}, {done.title}, in {done.folder}.")


def markdown(made: Reported) -> str:
    """Write the headlines and links to the reports for Prefect's pages."""
    links = [f"- [{path.name}]({path.resolve().as_uri()})" for path in made.files]
    return "\n".join(
        [
            f"# {made.area_id}, {made.title}",
            *(f"- {each}" for each in (*made.cautions, *made.headlines)),
            "",
            "## Reports",
            *links,
        ]
    )
