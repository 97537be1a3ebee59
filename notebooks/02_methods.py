# %% [markdown]
# # Choosing, drawing, testing and scoring hotspots
#
# This walk goes through the method step by step and shows at each step what it does to the data:
# on the made-up sample county always, and on an area of your own, such as Lancashire, if you have
# refreshed one. `docs/methods.md` has the reasons; the numbers here are those of your data.
#
# Run it as a script, open it in an editor that knows `# %%` cells (VS Code, Spyder, PyCharm), or
# turn it into a notebook with `jupytext --to ipynb notebooks/02_methods.py`. For an area of your
# own set `HOTSPOTS_SETTINGS` to its settings file (and `HOTSPOTS_OUT` to what you gave as `--out`,
# if you did); a `hotspots.toml` here or one folder up is found by itself.
#
# Read every number as what it is: incidents that were *recorded*, at *approximate* places
# (police.uk moves each to one of a list of map points), in whole *months*.

# %%
import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import matplotlib as mpl
import numpy as np
import pandas as pd
from scipy import stats

from hotspots import cluster, crs, pipeline, points, schema, settings, significance, store
from hotspots.errors import DataMissingError
from hotspots.pipeline import assemble, drawing, foretold, frames, judge, past_maps, ranking, run
from hotspots.pipeline import tables as steps
from hotspots.sample import write_county

if "ipykernel" not in sys.modules:
    mpl.use("Agg")  # as a script it draws files and opens no window
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

SIMULATIONS = 99  # maps without hotspots; 999 for results to rely on, which takes ten times as long
STEADY, THIN = schema.ASB, "Burglary"  # a crime set with much to go by, and one with little
WALKED = (schema.ALL_CRIME, STEADY, THIN)
CHAIN_EPS_M = (50, 100, 150, 200)
SHOWN_EPS_M = 150

DARK_BLUE, TURQUOISE, DARK_PINK, ORANGE, DARK_GREY, PURPLE = (
    "#12436D", "#28A197", "#801650", "#F46A25", "#3D3D3D", "#A285D1",
)  # fmt: skip
OF_LABEL = dict(zip(significance.LABELS, (DARK_PINK, ORANGE, PURPLE), strict=True))
plt.rcParams |= {
    "figure.constrained_layout.use": True, "axes.spines.top": False, "axes.spines.right": False,
    "axes.titlelocation": "left", "axes.titlesize": 10, "font.size": 9, "savefig.dpi": 120,
    "savefig.bbox": "tight",
}  # fmt: skip

folder = Path(tempfile.mkdtemp())
pictures = folder / "pictures"
pictures.mkdir()


def keep(figure: Figure, name: str) -> None:
    """Save a picture and say where."""
    path = pictures / f"{name}.png"
    figure.savefig(path)
    print(f"picture: {path}")


# %% [markdown]
# ## The tables of a refresh, the lists of map points, and the frame
# A refresh leaves tables. From them comes the *frame*: the list of map points in force, the ground
# nearest to each point (its catchment, up to 100 m), and the incidents of the last twelve months,
# zeros included. Hotspots of `labels` are those that were published; they stay a little more easily
# if they were on the map before.


# %%
@dataclass(frozen=True)
class Area:
    """What the walk needs of an area."""

    area_id: str
    name: str
    rules: drawing.DetectRules
    frame: frames.Frame
    drawn: dict[str, drawing.Drawn]
    labels: dict[str, np.ndarray]
    hotspots: gpd.GeoDataFrame
    scores: pd.DataFrame


def load_area(settings_file: Path, out: Path | None = None) -> Area:
    """Read the tables of an area's last refresh and set up its last window."""
    chosen = settings.load(settings_file)
    tables = run.processed_folder(chosen, settings_file, out)
    wanted = (
        schema.POINTS, schema.COUNTS, schema.COVERAGE, schema.AREAS, schema.PAST_MAPS,
        schema.HOTSPOTS, schema.SCORES,
    )  # fmt: skip
    found = {each.name: store.read_table(each, tables) for each in wanted}
    rules = assemble.detect_rules(chosen, found["areas"])
    lists = frames.point_lists(
        found["points"], found["counts"], found["coverage"], eps_m=rules.draw.eps_m
    )
    (frame,) = frames.frames(lists, wanted={lists[-1].counts.months[-1]})
    sets = [each for each in steps.crime_sets(chosen.crime_groups) if each.name in WALKED]
    drawn, observed, is_rebased = drawing.draw_sets(frame, steps.WINDOW_MONTHS, sets, rules)
    labels = past_maps.PastMaps(found["past_maps"]).labels(frame.at, frame.month, sets)
    print(f"\n{chosen.area.name}")
    for each in lists:
        months = each.counts.months
        print(f"  {each.list_id}: {len(each.ids):,} map points, {len(months)} months with data")
    print(f"  window: 12 months to {frame.month:%Y-%m}, {observed} of them with data")
    if is_rebased:
        print("  it straddles a change of list: older incidents moved to the nearest new point")
    return Area(
        chosen.area.id,
        chosen.area.name,
        rules,
        frame,
        {each.name: drawn[each] for each in sets},
        {each.name: label for each, label in zip(sets, labels, strict=True)},
        found["hotspots"],
        found["scores"],
    )


sample_settings = write_county(folder)
with sample_settings.open("a", encoding="utf-8") as file:
    file.write(f"\n[clustering]\nsimulations = {SIMULATIONS}\n")
pipeline.refresh(sample_settings, say=print)
walked = [load_area(sample_settings)]

named = os.environ.get("HOTSPOTS_SETTINGS")
nearby = [Path(named)] if named else [Path("hotspots.toml"), Path("..", "hotspots.toml")]
own = next((path for path in nearby if named or path.is_file()), None)
if own is None:
    print("\nNo hotspots.toml here, so the walk is on the sample county alone.")
else:
    out = os.environ.get("HOTSPOTS_OUT")
    try:
        walked.append(load_area(own, Path(out) if out else None))
    except DataMissingError as missing:
        print(f"\n{own} is left out: {missing}")

# %% [markdown]
# ## Choose: own record against surroundings
# A count is noisy: some points with five burglaries last year had bad luck, some will have five
# again. EB-mix shrinks each count towards what the surroundings, other crime and earlier records
# suggest, by as much as the data say. *k* is how many incidents that suggestion weighs: at a count
# of *k* it weighs as much as the point's own record. In a thin set few counts get far beyond *k*,
# so it leans on its surroundings.


# %%
def told_choice(area: Area, name: str) -> str:
    """Say how much a point's own record counts for."""
    mix, count = area.drawn[name].mix, area.drawn[name].count
    k = mix.strength
    if not np.isfinite(k):
        return f"{name}: counts vary no more than chance; only the surroundings count"
    often = np.bincount(count[count > 0].astype(int))
    n = int(np.flatnonzero(often >= min(10, often.max(initial=0))).max(initial=1))
    own = area.drawn[name].own_share[count == n].mean()
    return f"{name}: k = {k:.1f}; at {n} incidents own record {own:.0%}, surroundings {1 - own:.0%}"


def draw_choice(area: Area) -> Figure:
    """Plot counts against scores."""
    figure, axes = plt.subplots(1, 2, figsize=(10, 4.4))
    for ax, name in zip(axes, (STEADY, THIN), strict=True):
        drawn, seen = area.drawn[name], area.frame.seen
        inside = area.labels[name] >= 0
        kinds = ((seen & ~inside, DARK_BLUE, ".", "other"), (inside, ORANGE, "^", "in a hotspot"))
        for which, colour, marker, words in kinds:
            ax.scatter(
                drawn.count[which], drawn.score[which], s=14, c=colour, marker=marker,
                linewidths=0, alpha=0.6, label=f"{words} ({which.sum():,} map points)",
            )  # fmt: skip
        top = max(drawn.count.max(), 1)
        ax.plot([0, top], [0, top], color=DARK_GREY, linewidth=0.8, label="own record alone")
        ax.set_xscale("symlog", linthresh=1)
        ax.set_yscale("symlog", linthresh=1)
        for axis in (ax.xaxis, ax.yaxis):
            axis.set_ticks(
                [tick for tick in (0, 1, 2, 5, 10, 20, 50, 100, 200, 500) if tick <= top]
            )
            axis.set_major_formatter("{x:g}")
        ax.set_xlim(left=-0.1)
        ax.set_ylim(bottom=-0.1)
        ax.set_xlabel("incidents recorded in the window")
        ax.set_ylabel("incidents expected (EB-mix score)")
        ax.set_title(told_choice(area, name).replace("; ", "\n", 1))
        ax.legend(frameon=False, loc="upper left")
    figure.suptitle(f"{area.name}: EB-mix pulls high counts down, and zeros among busy points up")
    return figure


for area in walked:
    print(f"\n{area.name}")
    for name in (STEADY, THIN):
        print(f"  {told_choice(area, name)}")
    keep(draw_choice(area), f"{area.area_id}_1_choose")

# %% [markdown]
# ## Draw: why not DBSCAN alone
# Weighted DBSCAN joins map points within a radius (eps) as long as enough incidents are near. In a
# town, points are some 70 m apart along every street, so with a wider radius the clusters run into
# each other: *chaining*. A cluster kilometres wide tells nobody where to go.


# %%
def chains(area: Area) -> tuple[pd.DataFrame, dict[int, np.ndarray]]:
    """Cluster all crime by plain DBSCAN at several radii."""
    seen = np.flatnonzero(area.frame.seen)
    count, xy = area.drawn[schema.ALL_CRIME].count[seen], area.frame.at.xy[seen]
    distances = points.neighbour_distances(xy, radius_m=max(CHAIN_EPS_M))
    ends = pd.DataFrame(cluster.disc_reaches(xy, 0.0))
    rows, found = [], {}
    for eps_m in CHAIN_EPS_M:
        near = cluster.within(distances, eps_m=eps_m)
        labels = cluster.weighted_dbscan(near, count, min_weight=ranking.DBSCAN_INCIDENTS)
        member = labels != cluster.NOISE
        reach = ends[member].groupby(labels[member]).max()
        width = pd.Series(cluster.widths(reach.to_numpy()), index=reach.index)
        size = pd.Series(labels[member]).value_counts()
        widest = int(width.idxmax()) if len(width) else cluster.NOISE
        rows.append(
            {
                "eps_m": eps_m,
                "clusters": len(width),
                "on one point": (size == 1).mean(),
                "widest_m": width.max() if len(width) else 0.0,
                "its share of incidents": count[member & (labels == widest)].sum() / count.sum(),
            }
        )
        found[eps_m] = np.full(len(area.frame.seen), cluster.NOISE)
        # The widest gets number 0, all others 1.
        found[eps_m][seen[member]] = np.where(labels[member] == widest, 0, 1)
    return pd.DataFrame(rows), found


def draw_chains(area: Area, table: pd.DataFrame) -> Figure:
    """Plot the widest cluster by radius."""
    figure, ax = plt.subplots(figsize=(6.5, 3.8))
    bars = ax.bar([f"{eps} m" for eps in table["eps_m"]], table["widest_m"], color=DARK_BLUE)
    share = table["its share of incidents"]
    ax.bar_label(
        bars, [f"{m:,.0f} m\n{s:.1%}" for m, s in zip(table["widest_m"], share, strict=True)]
    )
    cap_m = area.rules.draw.max_width_m
    ax.axhline(cap_m, color=ORANGE, label=f"widest that we publish: {cap_m:.0f} m")
    ax.margins(y=0.2)
    ax.set_xlabel("radius of DBSCAN (eps)")
    ax.set_ylabel("width of the widest cluster (m)")
    ax.legend(frameon=False, loc="upper left")
    ax.set_title(
        f"{area.name}, all crime: from eps {CHAIN_EPS_M[0]} m to {CHAIN_EPS_M[-1]} m the widest "
        f"cluster grows\nfrom {table['widest_m'].iloc[0]:,.0f} m to "
        f"{table['widest_m'].iloc[-1]:,.0f} m (per cent: its share of all incidents)"
    )
    return figure


chained = {}
for area in walked:
    table, chained[area.area_id] = chains(area)
    print(f"\n{area.name}: plain DBSCAN of all crime, {ranking.DBSCAN_INCIDENTS} incidents")
    print(table.round(3).to_string(index=False))
    keep(draw_chains(area, table), f"{area.area_id}_2_chains")

# %% [markdown]
# ## Draw: excess mass
# Our rule takes the points that the score chose, as much ground as twice the budget (0.1 % of the
# area unless the settings say otherwise), joins neighbours by DBSCAN, cuts what is wider than the
# cap, and keeps the groups that hold most above what their ground costs. The map shows both rules
# on the same ground, where plain DBSCAN draws its widest cluster.


# %%
def draw_map(area: Area, widest: np.ndarray) -> Figure:
    """Map plain DBSCAN beside the published hotspots, in metres."""
    xy, count = area.frame.at.xy, area.drawn[schema.ALL_CRIME].count
    there = xy[widest == 0] if (widest == 0).any() else xy[area.frame.seen]
    low, high = there.min(axis=0), there.max(axis=0)
    centre, half = (low + high) / 2, (high - low).max() / 2 + 400
    shown = area.frame.seen & (np.abs(xy - centre) <= half).all(axis=1)
    figure, axes = plt.subplots(1, 2, figsize=(11, 6.2), sharex=True, sharey=True)
    for ax in axes:
        ax.scatter(*xy[shown].T, s=np.sqrt(count[shown]), c="#B8B8B8", linewidths=0)
        ax.set_aspect("equal")
        ax.set_xlim(centre[0] - half, centre[0] + half)
        ax.set_ylim(centre[1] - half, centre[1] + half)
        ax.ticklabel_format(style="plain", useOffset=False)
        ax.tick_params(axis="x", labelrotation=30)
    for number, colour, words in ((1, TURQUOISE, "other clusters"), (0, DARK_BLUE, "the widest")):
        here = shown & (widest == number)
        axes[0].scatter(
            *xy[here].T, s=2 + np.sqrt(count[here]), c=colour, linewidths=0, label=words
        )
    axes[0].legend(frameon=False, loc="lower left", markerscale=2)
    share = count[widest == 0].sum() / count.sum()
    axes[0].set_title(
        f"Plain DBSCAN, eps {SHOWN_EPS_M} m: one cluster with {share:.1%} of all incidents"
    )
    ours = area.hotspots[area.hotspots["crime_group"] == schema.ALL_CRIME]
    ours = ours.cx[centre[0] - half : centre[0] + half, centre[1] - half : centre[1] + half]
    for label, colour in OF_LABEL.items():
        of_label = ours[ours["label"] == label]
        axes[1].scatter([], [], c=colour, marker="s", label=f"{label} ({len(of_label)})")
        if len(of_label):
            of_label.plot(ax=axes[1], facecolor=colour, edgecolor=colour, alpha=0.8)
    axes[1].set_aspect("equal")
    axes[1].legend(frameon=False, loc="lower left")
    widest_m = ours["width_m"].max() if len(ours) else 0.0
    axes[1].set_title(f"Excess mass: {len(ours)} hotspots here, the widest {widest_m:.0f} m")
    for ax in axes:
        ax.set_xlabel(f"easting (m, {crs.BNG})", fontsize="medium")
        ax.set_ylabel("")
    axes[0].set_ylabel(f"northing (m, {crs.BNG})")
    figure.suptitle(
        f"{area.name}, all crime, 12 months to {area.frame.month:%Y-%m}; grey: map points"
    )
    return figure


for area in walked:
    budget_km2 = area.rules.draw.budget_m2 / 1e6
    print(f"\n{area.name}: hotspots may fill {budget_km2:.2f} km² for each crime set")
    for name in WALKED:
        ours = area.hotspots[area.hotspots["crime_group"] == name]
        if ours.empty:
            print(f"  {name}: no hotspots, for there is too little of it")
            continue
        print(
            f"  {name}: {len(ours)} hotspots, {(ours['n_points'] > 1).mean():.0%} of them on two "
            f"map points or more, median width {ours['width_m'].median():.0f} m, widest "
            f"{ours['width_m'].max():.0f} m"
        )
    keep(draw_map(area, chained[area.area_id][SHOWN_EPS_M]), f"{area.area_id}_3_draw")

# %% [markdown]
# ## Test: would a map without hotspots show the like?
# The busiest places of any map look hot, so we deal the same number of incidents out over a smooth
# background (1.5 km) that has no hotspots, draw each such map by the same rule, and note the
# largest log-likelihood ratio on it. *Strong*: fewer than one such map in 20 shows anything like
# it. *Supported*: of hotspots marked so, about one in ten may be chance. *Watch*: chosen by
# score, but maps without hotspots show the like. The labels say nothing about why.


# %%
def try_chance(area: Area, name: str) -> tuple[significance.NullMaps, pd.DataFrame]:
    """Simulate maps without hotspots, and test the published ones against them."""
    frame, drawn = area.frame, area.drawn[name]
    expected = judge.background(frame, drawn.count)
    null = significance.simulate_null(
        expected,
        judge.background(frame, expected),
        frame.at.xy,
        judge.redraw(frame, drawn, expected, drawn.other, area.rules),
        n_incidents=int(drawn.count.sum()),
        n_simulations=SIMULATIONS,
        seed=1,
    )
    return null, significance.judge_groups(area.labels[name], drawn.count, expected, null)


def draw_test(area: Area, tried: dict[str, tuple[significance.NullMaps, pd.DataFrame]]) -> Figure:
    """Plot what chance makes, and where the real hotspots stand."""
    figure, axes = plt.subplots(
        2, len(tried), figsize=(10, 5), sharex="col", height_ratios=[3, 1.3], squeeze=False
    )
    for (above, below), (name, (null, judged)) in zip(axes.T, tried.items(), strict=True):
        largest, llr = np.maximum(null.largest, 1), np.maximum(judged["llr"].to_numpy(), 1)
        top = max(largest.max(), llr.max(initial=1)) * 1.2
        above.hist(largest, bins=np.geomspace(1, top, 40), color=DARK_BLUE)
        limit = np.quantile(null.largest, 1 - significance.STRONG_P)
        above.axvline(
            limit, color=DARK_GREY, linestyle="--", label=f"1 map in 20 passes {limit:.0f}"
        )
        above.set_xscale("log")
        below.xaxis.set_major_formatter("{x:g}")
        above.set_ylabel(f"of {len(largest)} maps without hotspots")
        above.legend(frameon=False)
        n = judged["label"].value_counts().reindex(significance.LABELS, fill_value=0)
        for row, label in enumerate(significance.LABELS):
            at = llr[judged["label"] == label]
            below.scatter(at, np.full(len(at), row), c=OF_LABEL[label], marker="|", s=120)
        below.axvline(limit, color=DARK_GREY, linestyle="--")
        below.set_yticks(range(len(n)), [f"{label} ({k})" for label, k in n.items()])
        below.set_ylim(len(n) - 0.5, -0.5)
        below.set_xlabel("log-likelihood ratio (log scale; less than 1 shown at 1)")
        above.set_title(
            f"{name}: {n['strong']} of {len(judged)} hotspots stand out more than\n"
            "anything on 19 of 20 maps that have none"
        )
    figure.suptitle(f"{area.name}: largest on each simulated map (above), real hotspots (below)")
    return figure


for area in walked:
    print(f"\n{area.name}: {SIMULATIONS} maps without hotspots for each set")
    tried = {name: try_chance(area, name) for name in (STEADY, THIN)}
    for name, (null, judged) in tried.items():
        counted = judged["label"].value_counts().reindex(significance.LABELS, fill_value=0)
        table = area.hotspots.loc[area.hotspots["crime_group"] == name, "label"].value_counts()
        print(
            f"  {name}: "
            + ", ".join(
                f"{n} {label} (published {table.get(label, 0)})" for label, n in counted.items()
            )
            + f"; a map without hotspots has {len(null.llr) / SIMULATIONS:.0f} drawn on it"
        )
    keep(draw_test(area, tried), f"{area.area_id}_4_test")

# %% [markdown]
# ## Score: what did hotspots hold of what came after?
# Every refresh goes back to earlier months, takes the hotspots drawn then, and looks where the
# incidents of the next months fell. Every other way to choose places gets as much ground,
# charged alike: a place costs its shape and the catchment of every map point in it. A hotspot is a
# shape that somebody can patrol and pays for its rims; single points have none, and so may well
# hold more. Intervals say how sure each figure is by itself; all methods face the same months, so
# where two overlap a difference may still be real, or not. HDBSCAN is slow and tested at the
# latest origin only, so its figure is for other months: the pictures leave it out.


# %%
def on_own_ground(pooled: pd.DataFrame) -> pd.DataFrame:
    """Keep the tests on as much ground as the hotspots have, at all origins."""
    own = pooled[pooled["budget"] == foretold.OWN_GROUND]
    most = own.groupby("crime_group")["n_origins"].transform("max")
    return own[own["n_origins"] == most]


def draw_scores(area: Area, pooled: pd.DataFrame) -> Figure:
    """Plot what each method held of the months after, on the ground of the hotspots."""
    own = on_own_ground(pooled)
    tested = [name for name in WALKED if (own["crime_group"] == name).any()]
    figure, axes = plt.subplots(
        1, max(len(tested), 1), figsize=(13, 4.6), sharey=True, squeeze=False
    )
    methods = [name for name in ranking.METHODS if (own["method"] == name).any()]
    for ax, name in zip(axes[0], tested, strict=False):
        rows = own[own["crime_group"] == name].set_index("method")
        for method, row in rows.iterrows():
            is_ours = method == ranking.HOTSPOTS
            colour, y = DARK_PINK if is_ours else DARK_BLUE, methods.index(method)
            ax.plot([100 * row["hit_low"], 100 * row["hit_high"]], [y, y], color=colour)
            inner = colour if row["is_filled"] else "white"
            marker = "D" if is_ours else "o"
            ax.plot(100 * row["hit"], y, marker, color=colour, markerfacecolor=inner)
        ours = rows.loc[ranking.HOTSPOTS]
        ax.axvline(100 * ours["hit"], color=DARK_PINK, linewidth=0.6, linestyle=":")
        ax.set_xlim(left=0)
        ax.set_xlabel("% of the incidents after (95 % interval)")
        ax.set_title(
            f"{name}: hotspots held\n{ours['hit']:.1%} of the next {ours['horizon_months']} months "
            f"on {ours['area_share']:.2%} of the area"
        )
    axes[0, 0].set_yticks(range(len(methods)), [foretold.SAID[each] for each in methods])
    axes[0, 0].invert_yaxis()
    figure.suptitle(
        f"{area.name}: as much ground, chosen in different ways (hollow: had less ground)"
    )
    return figure


for area in walked:
    pooled = foretold.pooled(area.scores)
    print(f"\n{area.name}")
    for name in WALKED:
        print(f"  {foretold.sentence(pooled, name)}")
        tested = on_own_ground(pooled)
        own = tested[tested["crime_group"] == name].set_index("method")
        if ranking.HOTSPOTS in own.index:
            ours = own.loc[ranking.HOTSPOTS]
            better = own.index[own["hit"] > ours["hit"]]
            print(
                "    More on as much ground: "
                + (", ".join(foretold.SAID[each] for each in better) or "no other way")
                + f". Of the hotspots' excess over their background {ours['kept_excess']:.0%} came "
                "again; a before/after figure must allow for the rest, which fades by itself."
            )
    keep(draw_scores(area, pooled), f"{area.area_id}_5_score")

# %% [markdown]
# ## Recur: often hot, and more often than by chance?
# Behind the newest month lie quarters (half-years for thin sets) that do not overlap. A hotspot
# that was hot in many of them recurs only if that is more than such a busy place would be hot
# anyway on maps without hotspots. A caution: the newest of these windows lie in the twelve months
# that chose the hotspots, so that being hot in them is partly a matter of course; windows before
# that are the better evidence. With three or four windows little can be said at all.


# %%
def draw_recurrence(area: Area) -> Figure:
    """Plot in how many windows hotspots were hot, beside what chance would make."""
    figure, axes = plt.subplots(1, 2, figsize=(10, 4))
    for ax, name in zip(axes, (STEADY, THIN), strict=True):
        ours = area.hotspots[area.hotspots["crime_group"] == name].dropna(subset="chance_hot")
        if ours.empty:
            ax.set_title(f"{name}: no hotspots, or no windows to say")
            continue
        n_windows = int(ours["windows_seen"].max())
        times = np.arange(n_windows + 1)
        chance = stats.binom.pmf(times[:, None], n_windows, ours["chance_hot"].to_numpy())
        real = ours["windows_hot"].value_counts().reindex(times, fill_value=0)
        ax.bar(times - 0.2, real, 0.4, color=DARK_BLUE, label="as recorded")
        ax.bar(times + 0.2, chance.sum(axis=1), 0.4, color=ORANGE, label="by chance alone")
        ax.set_xticks(times)
        months = int(ours["window_months"].max())
        ax.set_xlabel(f"windows of {months} months in which it was hot, of {n_windows}")
        ax.set_ylabel("hotspots")
        ax.set_title(f"{name}: {ours['is_recurring'].sum()} of {len(ours)} hotspots recur")
        ax.legend(frameon=False)
    figure.suptitle(f"{area.name}: how often today's hotspots were hot before")
    return figure


for area in walked:
    print(f"\n{area.name}")
    for name in (STEADY, THIN):
        ours = area.hotspots[area.hotspots["crime_group"] == name]
        if ours.empty:
            print(f"  {name}: no hotspots")
            continue
        classes = ", ".join(f"{n} {word}" for word, n in ours["class"].value_counts().items())
        print(
            f"  {name}: {ours['is_recurring'].sum()} of {len(ours)} recur; median chance of being "
            f"hot in a window without hotspots {ours['chance_hot'].median():.0%}; {classes}"
        )
    keep(draw_recurrence(area), f"{area.area_id}_6_recur")

# %% [markdown]
# ## What is not known
# - Crime that nobody recorded, and where in its surroundings each incident was: places are
#   approximate, to the map point, and a hotspot is an area to visit, never a house or a person.
# - Hour and day: police.uk publishes months.
# - Why a place is hot. Nothing here is a cause.
# - Whether a smaller hotspot was missed. `hotspots simulate` plants hotspots on maps of your volume
#   and says how many the test finds.

# %%
print(f"\nThe pictures are in {pictures}")
