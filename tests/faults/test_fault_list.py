"""The faults that are survived, by family, and that each has a test that names it."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

import pytest

FAULTS = {
    "network": """
        no_network name_not_found connect_time_out stall reset_at_half 429_once 429_for_ever
        503_twice 503_for_ever 503_for_size 400_for_length 404_newest_month 404_old_month
        redirect_off_the_allow_list html_with_status_200 wrong_length wrong_md5 ranges_ignored
        bad_certificate
    """,
    "archive": """
        archive_cut flipped_bytes parent_folder_member absolute_member link_member bomb_by_ratio
        bomb_by_overlap false_sizes encrypted
    """,
    "storage": """
        disk_full_at_write disk_full_at_rename read_only_output unreadable_input
        input_changing_while_read raw_file_deleted
    """,
    "process": """
        sigkill_at_every_stage sigkill_at_200_random_moments sigterm memory_limit two_runs_at_once
        stale_lock clock_set_back month_end_during_a_run other_time_zone c_locale path_with_spaces
    """,
    "data": """
        column_added column_removed new_crime_type header_only_month month_revised force_absent
        same_month_twice volume_falls_by_90_percent lsoa_vintage_switch mixed_crs
        district_missing_from_the_boundaries stale_source
    """,
    "orchestrator": """
        prefect_server_down prefect_database_damaged stored_result_damaged report_stage_failing
        map_opened_offline
    """,
}


def faults_tested(family: str) -> list[str]:
    """Names of the test functions of a family's file, those of its classes among them."""
    path = Path(__file__).with_name(f"test_{family}_faults.py")
    return [
        node.name
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_fault_")
    ]


@pytest.mark.parametrize("family", FAULTS)
def test_every_fault_of_a_family_has_one_test(family: str) -> None:
    wanted = Counter(f"test_fault_{name}" for name in FAULTS[family].split())
    assert Counter(faults_tested(family)) == wanted


def test_there_are_about_sixty() -> None:
    names = [name for family in FAULTS.values() for name in family.split()]
    assert len(names) == len(set(names)) == 62
