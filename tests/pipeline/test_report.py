"""`hotspots report` on the sample county: whole, true, known then, and kept through a refresh."""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from test_report_words import holds, sentences, unaccounted
from typer.testing import CliRunner

from hotspots import pipeline, schema, store
from hotspots.cli import app
from hotspots.errors import DataMissingError, SettingsError
from hotspots.pipeline.quarterly import quarterly
from hotspots.pipeline.report import report
from hotspots.pipeline.run import published

if TYPE_CHECKING:
    from pathlib import Path

    from hotspots.pipeline import Outcome
    from hotspots.pipeline.run import Published
    from hotspots.publish.report import Quarterly


@pytest.fixture(scope="module")
def out(refreshed: Outcome, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the outputs of the refresh in a folder that may be written to."""
    base = tmp_path_factory.mktemp("reported") / "out"
    shutil.copytree(refreshed.maps_folder.parents[1], base)
    return base


@pytest.fixture(scope="module")
def made(county: Path, out: Path) -> Quarterly:
    with published(county, out=out) as at:
        return quarterly(at)


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_the_last_complete_quarter_is_reported_on_and_repeats_byte_for_byte(
    county: Path, out: Path, made: Quarterly
) -> None:
    first = report(county, out=out)
    before = files(first.folder)

    again = report(county, out=out)

    assert first.quarter == made.quarter
    assert all(path.exists() for path in first.files)
    assert len(first.files) == 3 * len(made.reports)
    assert files(again.folder) == before


def test_every_figure_of_every_sentence_of_the_county_is_in_its_table(made: Quarterly) -> None:
    start = made.end - pd.DateOffset(months=2)
    titles = [made.title] + [
        f"{start - pd.DateOffset(months=n):%B} to {made.end - pd.DateOffset(months=n):%B %Y}"
        for n in (3, 12)
    ]
    for sentence in sentences(made):
        if sentence.figures:
            assert unaccounted(sentence, titles) == [], sentence.text
        assert all(holds(made, figure) for figure in sentence.figures), sentence.text


def test_counts_of_the_report_are_those_of_the_tables(made: Quarterly, tables: Path) -> None:
    counts = store.read_table(schema.COUNTS, tables)
    months = pd.date_range(end=made.end, periods=3, freq="MS")
    crime = made.tables["crime"].data
    whole = crime[(crime["level"] == "area") & (crime["crime_group"] == schema.ALL_CRIME)]

    assert whole["count"].item() == counts.loc[counts["month"].isin(months), "n"].sum()


def test_hotspots_of_the_report_are_those_of_the_map(made: Quarterly, tables: Path) -> None:
    hotspots = store.read_table(schema.HOTSPOTS, tables)
    own = hotspots[hotspots["crime_group"] == schema.ALL_CRIME].set_index("hotspot_id")
    if made.end != own["window_end"].iloc[0]:
        pytest.skip("the last quarter of the county ends before its last month")
    told = made.tables["hotspots"].data.set_index("hotspot_id")

    assert set(told.index) == set(own.index)
    for name in ("n", "n_points", "rank", "name", "district_code"):
        assert (told[name] == own[name].reindex(told.index)).all(), name


def test_an_earlier_quarter_knows_nothing_of_what_came_later(
    county: Path, out: Path, made: Quarterly, tmp_path: Path
) -> None:
    with published(county, out=out) as at:
        coverage = store.read_table(schema.COVERAGE, at.processed_folder)
        before = made.end - pd.DateOffset(months=3)
        name = f"{before.year}-Q{(before.month - 1) // 3 + 1}"
        full = quarterly(at, quarter=name, revised=True)
        folder = tmp_path / "processed"
        shutil.copytree(at.processed_folder, folder)
        for each in (schema.COUNTS, schema.COVERAGE):
            table = store.read_table(each, folder)
            store.write_table(table[table["month"] <= before], each, folder)
        cut = quarterly(_elsewhere(at, folder), quarter=name, revised=True)

    assert coverage["month"].max() > before
    for key in ("crime", "quarters", "hotspot_changes", "quality", "coverage"):
        pd.testing.assert_frame_equal(full.tables[key].data, cut.tables[key].data, obj=key)
    wanted = ["hotspot_id", "n", "name", "most", "since", "status"]
    pd.testing.assert_frame_equal(
        full.tables["hotspots"].data[wanted].sort_values("hotspot_id", ignore_index=True),
        cut.tables["hotspots"].data[wanted].sort_values("hotspot_id", ignore_index=True),
    )


def _elsewhere(at: Published, folder: Path) -> Published:
    return replace(at, processed_folder=folder)


def test_a_refresh_keeps_reports_and_finds_nothing_new(county: Path, out: Path) -> None:
    made = report(county, out=out)
    before = files(made.folder)

    quiet = pipeline.refresh(county, out=out, say=lambda _: None)
    forced = pipeline.refresh(county, out=out, force=True, say=lambda _: None)

    assert not quiet.is_new
    assert forced.is_new
    assert files(made.folder) == before


def test_one_district_is_written_beside_the_others(county: Path, out: Path) -> None:
    whole = report(county, out=out)
    names = set(files(whole.folder))

    one = report(county, out=out, district=whole.files[1].stem)

    assert len(one.files) == 3
    assert set(files(one.folder)) == names


def test_an_unknown_district_is_refused_with_those_known(county: Path, out: Path) -> None:
    with pytest.raises(SettingsError, match="'Atlantis' is none of"):
        report(county, out=out, district="Atlantis")


def test_without_a_refresh_there_is_nothing_to_report(county: Path, tmp_path: Path) -> None:
    with pytest.raises(DataMissingError, match="run `hotspots refresh` first"):
        report(county, out=tmp_path)


def test_an_earlier_quarter_with_corrected_records_asks_for_revised(
    county: Path, out: Path, made: Quarterly, tmp_path: Path
) -> None:
    with published(county, out=out) as at:
        folder = tmp_path / "processed"
        shutil.copytree(at.processed_folder, folder)
        coverage = store.read_table(schema.COVERAGE, folder)
        before = made.end - pd.DateOffset(months=3)
        coverage["is_revised"] = coverage["month"] == before
        store.write_table(coverage, schema.COVERAGE, folder)
        elsewhere = _elsewhere(at, folder)
        name = f"{before.year}-Q{(before.month - 1) // 3 + 1}"

        with pytest.raises(DataMissingError, match="Add --revised"):
            quarterly(elsewhere, quarter=name)
        told = quarterly(elsewhere, quarter=name, revised=True)

    assert any("--revised" in each for each in told.cautions)


def test_the_command_prints_what_to_open_and_the_headlines(county: Path, out: Path) -> None:
    found = CliRunner().invoke(
        app, ["report", "--settings", str(county), "--out", str(out), "--json"]
    )

    assert found.exit_code == 0, found.output
    assert '"headlines"' in found.stdout


def test_a_name_that_is_no_quarter_is_a_fault_of_usage(county: Path, out: Path) -> None:
    found = CliRunner().invoke(
        app, ["report", "--settings", str(county), "--out", str(out), "--quarter", "spring"]
    )

    assert found.exit_code == 2
    assert "is no quarter" in found.stderr
