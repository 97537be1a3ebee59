"""What goes with crime at a place, and how surely: two estimators, their evidence, their power."""

from hotspots.risk.blocks import BLOCK_M, CLUSTER_M, Blocks
from hotspots.risk.case_case import CasePairs, case_case
from hotspots.risk.controls import CONTROLS, control_of
from hotspots.risk.estimates import Estimates
from hotspots.risk.evidence import (
    ASSOCIATED,
    LEAST_CLUSTERS,
    NOT_ESTABLISHED,
    false_discovery,
    is_associated,
)
from hotspots.risk.factors import Factor, factors_of
from hotspots.risk.matched import matched
from hotspots.risk.power import Rates, found_on_map, planted_counts

__all__ = [
    "ASSOCIATED",
    "BLOCK_M",
    "CLUSTER_M",
    "CONTROLS",
    "LEAST_CLUSTERS",
    "NOT_ESTABLISHED",
    "Blocks",
    "CasePairs",
    "Estimates",
    "Factor",
    "Rates",
    "case_case",
    "control_of",
    "factors_of",
    "false_discovery",
    "found_on_map",
    "is_associated",
    "matched",
    "planted_counts",
]
