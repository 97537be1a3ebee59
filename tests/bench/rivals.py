"""The other ways to cluster a window, as their users run them, and the check that all agree."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse
from scipy.spatial import cKDTree
from sklearn.cluster import DBSCAN

if TYPE_CHECKING:
    from numpy.typing import NDArray

EPS_M = 100.0
LEAST = 10
NOISE = -1
EARTH_M = 6_371_008.8


@dataclass(frozen=True)
class Fitted:
    """
    Labels of some fits, and how long they took.

    Attributes
    ----------
    labels : array of int, shape (n_points, n_fits)
    seconds : float
    """

    labels: NDArray[np.integer]
    seconds: float


def scikit_rows(lonlat: NDArray[np.float64], weights: NDArray[np.float32]) -> Fitted:
    """Fit scikit-learn's DBSCAN with great-circle distances to one row for each incident."""
    radians = np.radians(lonlat[:, ::-1])
    labels = np.full(weights.shape, NOISE)
    seconds = 0.0
    for fit in range(weights.shape[1]):
        row = np.repeat(np.arange(len(lonlat)), weights[:, fit].astype(np.int64))
        model = DBSCAN(
            eps=EPS_M / EARTH_M, min_samples=LEAST, metric="haversine", algorithm="ball_tree"
        )
        if len(row):
            here, start = radians[row], time.perf_counter()
            model.fit(here)
            seconds += time.perf_counter() - start
            labels[row, fit] = model.labels_
    return Fitted(labels, seconds)


def scikit_unique(xy: NDArray[np.float64], weights: NDArray[np.float32]) -> Fitted:
    """Fit scikit-learn's DBSCAN to the map points with incidents in the window, weighted."""
    labels = np.full(weights.shape, NOISE)
    seconds = 0.0
    for fit in range(weights.shape[1]):
        present = np.flatnonzero(weights[:, fit])
        model = DBSCAN(eps=EPS_M, min_samples=LEAST)
        if len(present):
            here, weight = xy[present], weights[present, fit]
            start = time.perf_counter()
            model.fit(here, sample_weight=weight)
            seconds += time.perf_counter() - start
            labels[present, fit] = model.labels_
    return Fitted(labels, seconds)


def why_no_r() -> str:
    """Say why R's dbscan cannot be asked; empty if it can."""
    rscript = shutil.which("Rscript")
    if rscript is None:
        return "skipped: no Rscript here"
    asked = [rscript, "-e", "library(dbscan)"]
    done = subprocess.run(asked, capture_output=True, check=False)
    return "skipped: R has no package dbscan here" if done.returncode else ""


def r_dbscan(xy: NDArray[np.float64], weights: NDArray[np.float32]) -> Fitted:
    """Fit R's dbscan to the map points with incidents in the window, weighted."""
    rscript = shutil.which("Rscript") or "Rscript"
    script = str(Path(__file__).with_name("dbscan_windows.R"))
    with tempfile.TemporaryDirectory() as folder:
        at = Path(folder)
        xy.T.astype(np.float64).tofile(at / "xy.bin")
        weights.T.astype(np.int32).tofile(at / "weights.bin")
        numbers = [*weights.shape, EPS_M, LEAST]
        command = [rscript, script, folder, *map(str, numbers)]
        done = subprocess.run(command, capture_output=True, check=True, text=True)
        labels = np.fromfile(at / "labels.bin", np.int32).reshape(weights.shape[::-1]).T - 1
    return Fitted(labels, float(done.stdout))


def great_circle_neighbours(lonlat: NDArray[np.float64]) -> sparse.csr_matrix:
    """Neighbours within the radius on the sphere, for the check against haversine."""
    lon, lat = np.radians(lonlat).T
    ball = np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])
    chord = 2 * np.sin(EPS_M / EARTH_M / 2)
    pairs = cKDTree(ball).query_pairs(chord, output_type="ndarray")
    apart = np.sqrt(((ball[pairs[:, 0]] - ball[pairs[:, 1]]) ** 2).sum(axis=1))
    cells = (np.concatenate(pairs.T), np.concatenate(pairs[:, ::-1].T))
    n = len(lonlat)
    return sparse.csr_matrix((np.tile(2 * np.arcsin(apart / 2) * EARTH_M, 2), cells), shape=(n, n))


def core_points(near: sparse.csr_matrix, weights: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Which points with incidents have the least weight within the radius; points by fits."""
    pattern = near.copy()
    pattern.data = np.ones(near.nnz)
    return np.asarray((pattern @ weights + weights >= LEAST) & (weights > 0))


def check_same(
    name: str,
    ours: NDArray[np.integer],
    theirs: NDArray[np.integer],
    core: NDArray[np.bool_],
) -> None:
    """Fail unless core points are in the same clusters and the same points are noise."""
    for fit in range(ours.shape[1]):
        pairs = np.unique(
            np.column_stack([ours[core[:, fit], fit], theirs[core[:, fit], fit]]), axis=0
        )
        is_one_to_one = all(len(np.unique(side)) == len(pairs) for side in pairs.T)
        is_noise_same = ((ours[:, fit] == NOISE) == (theirs[:, fit] == NOISE)).all()
        if not is_one_to_one or not is_noise_same:
            message = f"{name}: fit {fit} is not clustered alike"
            raise AssertionError(message)
