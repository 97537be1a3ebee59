"""The nightly refresh as a Prefect flow: order, retries, time-outs, one artifact; no logic."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from prefect import flow, task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE
from prefect.logging import get_logger, get_run_logger
from prefect.states import Completed
from prefect.tasks import exponential_backoff

from hotspots import pipeline, store
from hotspots.pipeline import notifying
from hotspots.pipeline.folders import MANIFEST
from hotspots.pipeline.foretold import OWN_GROUND

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd
    from prefect import Flow, Task
    from prefect.client.schemas.objects import FlowRun, State

STAGE_LIMIT_S = 3600.0
"""The longest stage of the largest force takes a few minutes; after an hour it hangs."""

FLOW_LIMIT_S = 6 * 3600.0
"""A first download over a slow line takes hours; the next night's run must find the lock free."""

LINES_SHOWN = 20
"""Alerts that an artifact lists; the page of changes has all of them."""


def tell_of_crash(flow: Flow[..., Any], flow_run: FlowRun, state: State) -> None:
    """Tell whom the settings name that the process of a run died without a word."""
    del state
    asked = flow_run.parameters
    notifying.of_failure(
        Path(asked.get("settings", "hotspots.toml")),
        None,
        out=Path(asked["out"]) if asked.get("out") else None,
        what=f"The {flow.name} run",
        warn=get_logger("hotspots").warning,
    )


@flow(
    name="nightly",
    persist_result=False,
    timeout_seconds=FLOW_LIMIT_S,
    on_crashed=[tell_of_crash],
)
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
    with notifying.watched(Path(settings), out=folder, warn=logger.warning) as notify:
        outcome = _refreshed(Path(settings), folder)
    notify(outcome)
    if not outcome.is_new:
        words = f"Nothing new for {outcome.area_id}: nothing was done."
        logger.info(words)
        return Completed(message=_marked(words, outcome.not_refreshed))
    try:
        create_markdown_artifact(
            markdown=markdown(outcome),
            key=f"nightly-{outcome.area_id}",
            description="Row account, scores, changes and maps of the last refresh with news.",
        )
    except Exception:  # the maps are out, whatever becomes of the word about them
        logger.warning("the maps are published, but Prefect took no report of them", exc_info=True)
    words = f"New maps of {outcome.area_id} in {outcome.maps_folder}."
    return Completed(message=_marked(words, outcome.not_refreshed))


def _refreshed(settings: Path, out: Path | None) -> pipeline.Outcome:
    """Run the stages as tasks, unless there is nothing new; say how far it is."""
    logger = get_run_logger()
    with pipeline.session(settings, out=out, say=logger.info) as run:
        for words in run.not_refreshed:
            logger.warning("not refreshed: %s", words)
        if not run.is_current:
            for number, stage in enumerate(pipeline.STAGES, start=1):
                logger.info(
                    "%d of %d, %s: %s", number, len(pipeline.STAGES), stage.name, stage.says
                )
                begin_s = time.monotonic()
                _as_task(stage, run)()
                logger.info("%s took %.1f s", stage.name, time.monotonic() - begin_s)
        return run.outcome()


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
        timeout_seconds=STAGE_LIMIT_S,
        cache_policy=NO_CACHE,
        persist_result=False,
    )
    return make(body)


def markdown(outcome: pipeline.Outcome) -> str:
    """Write the row account, scores, changes and links to the maps for Prefect's pages."""
    manifest = store.read_json(outcome.maps_folder / MANIFEST) or {}
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
            *_scores(manifest),
            *_changes(manifest),
            *(f"- not refreshed: {words}" for words in outcome.not_refreshed),
            *(f"- {note}" for note in outcome.notes),
        ]
    )


def _scores(manifest: dict[str, Any]) -> list[str]:
    """Lay out what share of later crime the hotspots held, by the test over past months."""
    rows = [
        f"| {_cell(each['crime_group'])} | {each['horizon_months']} | {each['hit']:.1%} | "
        f"{each['area_share']:.2%} |"
        for each in manifest.get("scores", [])
        if each["budget"] == OWN_GROUND and each["hit"] is not None
    ]
    if not rows:
        return ["## Scores", "Not tested yet.", ""]
    head = "| crime group | months ahead | later crime in hotspots | of the area |"
    return ["## Scores", head, "|---|---:|---:|---:|", *rows, ""]


def _changes(manifest: dict[str, Any]) -> list[str]:
    """List what to know before a trend is read; the newest first."""
    alerts = sorted(manifest.get("alerts", []), key=lambda each: str(each["month"]), reverse=True)
    lines = [f"- {each['month']}: {each['words']}" for each in alerts[:LINES_SHOWN]]
    if more := len(alerts) - len(lines):
        lines.append(f"- and {more} more on the page of changes")
    return ["## Changes in the records", *(lines or ["Nothing to know."]), ""]


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
