"""The nightly refresh as a Prefect flow: order, retries, schedule and one artifact; no logic."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from prefect import flow, task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE
from prefect.logging import get_run_logger
from prefect.states import Completed
from prefect.tasks import exponential_backoff

from hotspots import pipeline

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd
    from prefect import Task
    from prefect.client.schemas.objects import State


@flow(name="nightly", persist_result=False)
def nightly(settings: str = "hotspots.toml", out: str | None = None) -> State[None]:
    """
    Bring an area's tables and maps up to date with its data.

    Parameters
    ----------
    settings : str
        Settings file of the area.
    out : str, optional
        Folder for `data/processed` and `maps`; beside the settings file if not given.

    Returns
    -------
    State
        Completed; its message says whether there was anything new.
    """
    logger = get_run_logger()
    folder = Path(out) if out else None
    with pipeline.session(Path(settings), out=folder, say=logger.info) as run:
        for words in run.not_refreshed:
            logger.warning("not refreshed: %s", words)
        if run.is_current:
            words = f"Nothing new for {run.area_id}: nothing was done."
            logger.info(words)
            return Completed(message=_marked(words, run.not_refreshed))
        for stage in pipeline.STAGES:
            logger.info("%s: %s", stage.name, stage.says)
            _as_task(stage, run)()
        outcome = run.outcome()
    try:
        create_markdown_artifact(
            markdown=markdown(outcome),
            key=f"nightly-{outcome.area_id}",
            description="Row account and maps of the last refresh that did anything.",
        )
    except Exception:  # the maps are out, whatever becomes of the word about them
        logger.warning("the maps are published, but Prefect took no report of them", exc_info=True)
    words = f"New maps of {outcome.area_id} in {outcome.maps_folder}."
    return Completed(message=_marked(words, outcome.not_refreshed))


def _marked(words: str, not_refreshed: tuple[str, ...]) -> str:
    """Say in a run's message that sources were down, so that it shows in the list of runs."""
    return f"{words} {len(not_refreshed)} not refreshed." if not_refreshed else words


def _as_task(stage: pipeline.Stage, run: pipeline.Run) -> Task[[], None]:
    """Wrap a stage for this run; only fetching is retried, for the rest gives the same again."""

    # The run is a closure, not an argument: Prefect would hash and walk an argument's tables.
    def body() -> None:
        stage.run(run)

    make: Callable[[Callable[[], None]], Task[[], None]] = task(
        name=stage.name,
        retries=4 if stage.name == "fetch" else 0,
        retry_delay_seconds=exponential_backoff(backoff_factor=15),
        retry_jitter_factor=0.5,
        cache_policy=NO_CACHE,
        persist_result=False,
    )
    return make(body)


def markdown(outcome: pipeline.Outcome) -> str:
    """Write the row account and links to the maps for Prefect's pages."""
    links = [f"- [{path.name}]({path.resolve().as_uri()})" for path in outcome.to_open]
    counts = [f"| {_cell(group)} | {n:,} |" for group, n in outcome.hotspots.items()]
    return "\n".join(
        [
            f"# {outcome.area_id}",
            "## Maps",
            *links,
            "",
            "## Rows",
            *_account_table(outcome.rows_by_file()),
            "",
            "## Hotspots",
            "| crime group | hotspots |",
            "|---|---:|",
            *counts,
            "",
            *(f"- not refreshed: {words}" for words in outcome.not_refreshed),
            *(f"- {note}" for note in outcome.notes),
        ]
    )


def _account_table(rows: pd.DataFrame) -> list[str]:
    """Lay out the rows of every input file and their total."""
    return [
        "| file | " + " | ".join(rows.columns) + " |",
        "|---" + "|---:" * len(rows.columns) + "|",
        *(
            "| " + " | ".join([_cell(file), *(f"{n:,}" for n in counts)]) + " |"
            for file, *counts in rows.itertuples()
        ),
    ]


def _cell(text: object) -> str:
    return str(text).replace("|", r"\|")
