"""The stages of a refresh: each a name, a plain function, what it reads and what it writes."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hotspots import store
from hotspots.pipeline import inputs as run_inputs
from hotspots.pipeline.memory import few_looks
from hotspots.pipeline.run import Outcome, Run, begin, complete, session

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NOTES, SCORE_NOTES, UNTESTED = "notes.json", "score_notes.json", "untested.json"


@dataclass(frozen=True)
class Stage:
    """
    One step of a refresh.

    Attributes
    ----------
    name : str
    says : str
        What it does, for the progress line.
    work : callable
        Does it, on a Run.
    reads, writes : tuple of str
        Tables, or "inputs" and "pages".
    """

    name: str
    says: str
    work: Callable[[Run], None]
    reads: tuple[str, ...]
    writes: tuple[str, ...]

    def run(self, run: Run) -> None:
        """Do the work, unless this very run did it before it was killed."""
        begin(run)
        if not run.is_done(self.name):
            with few_looks():
                self.work(run)
            if run.draft_folder.exists():  # the last stage puts it in place and takes it away
                run.mark_done(self.name)


def fetch(run: Run) -> None:
    """Make sure that every input file is there as it was when it was hashed."""
    run_inputs.require_unchanged(run.inputs)


def ingest(run: Run) -> None:
    """Read the input files into tables, every row accounted for."""
    import pandas as pd

    from hotspots import schema
    from hotspots.pipeline.ingest import ingest as read_all
    from hotspots.pipeline.manifest import require_districts

    until = None if run.until is None else pd.Timestamp(f"{run.until}-01")
    by_name = {each.name: each for each in schema.STORED}
    with store.Writing() as writing:

        def write(name: str, table: pd.DataFrame) -> None:
            # The age of the data is an alert too, and is known only on the day of publication.
            is_alerts = name == schema.ALERTS.name
            folder = run.draft_folder if is_alerts else run.draft_tables
            writing.write(table, schema.ALERTS if is_alerts else by_name[name], folder)

        tables, notes = read_all(run.settings, until=until, done=write)
    # Before the stage counts as done: a later run with the first files back would take it up.
    run_inputs.require_unchanged(run.inputs)
    require_districts(run, tables["areas"])
    store.write_json(list(notes), run.draft_folder / NOTES)


def detect(run: Run) -> None:
    """Draw hotspots in every window and describe those of the last one."""
    from hotspots import schema
    from hotspots.pipeline.assemble import detect_tables

    wanted = (schema.POINTS, schema.COUNTS, schema.COVERAGE, schema.AREAS, schema.PLACES)
    found = detect_tables(run.settings, *(store.read_table(t, run.draft_tables) for t in wanted))
    written = (
        schema.HOTSPOTS, schema.MEMBERS, schema.HISTORY, schema.SERIES, schema.MIX,
        schema.PAST_MAPS,
    )  # fmt: skip
    for each in written:
        store.write_table(found[each.name], each, run.draft_tables)


def measure(run: Run) -> None:
    """Measure what stands at each hotspot, what is unusual about it, and what goes with crime."""
    from hotspots import schema
    from hotspots.pipeline import surroundings

    tables = {t.name: store.read_table(t, run.draft_tables) for t in surroundings.READS}
    found = surroundings.measured(run.settings, tables)
    store.write_table(found.environment, schema.ENVIRONMENT, run.draft_tables)
    store.write_table(found.factors, schema.FACTORS, run.draft_tables)
    store.write_table(found.unusual, schema.UNUSUAL, run.draft_tables)
    store.write_json([list(each) for each in found.untested], run.draft_folder / UNTESTED)


def score(run: Run) -> None:
    """Score the hotspots of earlier months by what came after, beside every baseline."""
    from hotspots import schema
    from hotspots.pipeline import foretold
    from hotspots.pipeline.assemble import score_tables

    scored = score_tables(run.settings, run.draft_tables)
    store.write_table(scored.table, schema.SCORES, run.draft_tables)
    coverage = store.read_table(schema.COVERAGE, run.draft_tables)
    notes = foretold.notes(scored.unused, coverage, is_tested=not scored.table.empty)
    store.write_json(list(notes), run.draft_folder / SCORE_NOTES)


def interventions(run: Run) -> None:
    """Compare each area where something was done with places like it."""
    from hotspots import schema
    from hotspots.pipeline.assemble import harm_weights
    from hotspots.pipeline.interventions.judge import intervention_tables

    weights = harm_weights(run.settings)
    found = intervention_tables(run.settings, run.draft_tables, weights=weights)
    for each in (schema.INTERVENTIONS, schema.ACTION_AREAS, schema.ACTION_CHART):
        store.write_table(found[each.name], each, run.draft_tables)


def publish(run: Run) -> None:
    """Write the pages and the manifest, then put everything in place at once."""
    from hotspots import publish as pages
    from hotspots.pipeline.assemble import publication
    from hotspots.pipeline.manifest import made_on, write_alerts, write_manifest
    from hotspots.pipeline.site import hotspot_sites

    shutil.rmtree(run.draft_maps, ignore_errors=True)
    run.draft_maps.mkdir(parents=True)
    notes = [
        note
        for name in (NOTES, SCORE_NOTES)
        for note in store.read_json(run.draft_folder / name) or []
    ]
    day = made_on(run)
    write_alerts(run, day)
    untested = store.read_json(run.draft_folder / UNTESTED) or []
    content = publication(
        run.settings,
        run.draft_tables,
        made_on=day,
        untested=tuple((factor, group, reason) for factor, group, reason in untested),
        not_refreshed=run.not_refreshed,
    )
    sites = hotspot_sites(run.settings, run.draft_tables, content)
    pages.write(content, run.draft_maps, sites=sites)
    run_inputs.require_unchanged(run.inputs)
    write_manifest(run, content, made_on=day, notes=notes)
    complete(run)


STAGES: tuple[Stage, ...] = (
    Stage("fetch", "looking at the inputs", fetch, ("inputs",), ()),
    Stage(
        "ingest",
        "reading records and council files",
        ingest,
        ("inputs",),
        (
            "incidents", "set_aside", "account", "points", "counts", "coverage", "revisions",
            "areas", "deprivation", "lamps", "places", "streets", "observations", "actions",
        ),
    ),
    Stage(
        "detect",
        "drawing hotspots, month by month",
        detect,
        ("points", "counts", "coverage", "areas", "places"),
        ("hotspots", "members", "history", "series", "mix", "past_maps"),
    ),
    Stage(
        "measure",
        "measuring their surroundings",
        measure,
        (
            "hotspots", "members", "points", "counts", "coverage", "lamps", "places",
            "deprivation", "streets", "observations",
        ),
        ("environment", "factors", "unusual"),
    ),
    Stage(
        "score",
        "scoring earlier hotspots by what came after",
        score,
        ("points", "counts", "coverage", "areas", "past_maps"),
        ("scores",),
    ),
    Stage(
        "interventions",
        "comparing places where something was done",
        interventions,
        (
            "actions", "points", "counts", "coverage", "hotspots", "past_maps", "scores",
        ),
        ("interventions", "action_areas", "action_chart"),
    ),
    Stage("publish", "writing maps and files", publish, ("all tables",), ("alerts", "pages")),
)  # fmt: skip
"""The stages in order; ``hotspots refresh`` and ``flows/nightly.py`` run the same ones."""


def refresh(
    settings_file: Path,
    *,
    out: Path | None = None,
    until: str | None = None,
    force: bool = False,
    offline: bool = False,
    say: Callable[[str], None],
) -> Outcome:
    """
    Bring an area's tables and maps up to date, without a server.

    Parameters
    ----------
    settings_file, out, until, force, offline
        As for ``session``.
    say : callable
        Told what is being done.

    Returns
    -------
    Outcome
        ``is_new`` is False where nothing had changed and nothing was done.
    """
    with session(settings_file, out=out, until=until, force=force, offline=offline, say=say) as run:
        for words in run.said:
            say(words)
        if not run.is_current:
            for stage in STAGES:
                say(stage.says)
                stage.run(run)
        return run.outcome()
