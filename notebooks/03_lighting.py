# %% [markdown]
# # Street lights and recorded crime: what can be said, and what cannot
#
# A list of street lights beside a map of crime invites a question: is there more crime where there
# are fewer lamps? This walk shows why the obvious ways of asking mislead, what two careful ways
# say, and how large a ratio would have to be for these records to show it.
#
# It runs on the made-up sample county always. For real lights and real crime set
# `HOTSPOTS_SETTINGS` to the settings of an area you have refreshed whose council supplied its
# lights, such as Barnet (and `HOTSPOTS_OUT` to what you gave as `--out`, if you did).
#
# Published records carry a month and no hour. Nothing here says anything about darkness, and no
# ratio below says what brings crime about: places differ in more than their lamps.

# %%
import os
import sys
import tempfile
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd

from hotspots import environment, pipeline, points, risk, schema, settings, store
from hotspots.pipeline import associate, run, surroundings
from hotspots.pipeline import tables as steps
from hotspots.publish import evidence, prompts
from hotspots.publish.explained import unusual_sentence
from hotspots.risk import planted, rtm
from hotspots.sample import write_county

if "ipykernel" not in sys.modules:
    mpl.use("Agg")  # as a script it draws files and opens no window
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

MEASURE = "lamps_per_ha"
SHOWN = ("Burglary", "Violence and sexual offences", schema.ASB, "Vehicle crime")
N_NOISE = 20
DARK_BLUE, TURQUOISE, DARK_PINK, DARK_GREY = "#12436D", "#28A197", "#801650", "#3D3D3D"
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
    plt.close(figure)
    print(f"picture: {path}")


def load(
    settings_file: Path, out: Path | None = None
) -> tuple[settings.Settings, dict[str, pd.DataFrame]]:
    """Read the settings of an area and the tables of its last refresh."""
    chosen = settings.load(settings_file)
    where = run.processed_folder(chosen, settings_file, out)
    wanted = (*surroundings.READS, schema.FACTORS, schema.UNUSUAL, schema.MIX)
    return chosen, {each.name: store.read_table(each, where) for each in wanted}


sample = write_county(folder / "county")
pipeline.refresh(sample, say=lambda _: None)
areas = [load(sample)]
if os.environ.get("HOTSPOTS_SETTINGS"):
    beside = os.environ.get("HOTSPOTS_OUT")
    areas.append(load(Path(os.environ["HOTSPOTS_SETTINGS"]), Path(beside) if beside else None))

# %% [markdown]
# ## What the list of lights says, and what it leaves out
# A register says where lamps stand. It seldom says which are out, dimmed or off for part of the
# night, and a blank is not a "no". A share is worked out only where at least half of the lamps say
# something.

# %%
for chosen, tables in areas:
    lamps = tables["lamps"]
    print(f"\n{chosen.area.name}: {len(lamps):,} street lights")
    for column in ("road_name", "lamp_type", "wattage_w", "dimming", "part_night", "fault",
                   "installed"):  # fmt: skip
        print(f"  {column:<12}{lamps[column].notna().mean():>6.0%} of them say")

# %% [markdown]
# ## The measure at every map point
# For each map point of the list in force: lamps on each hectare of its catchment, the ground
# nearer to it than to any other point, up to 100 m.

# %%
measured = {}
for chosen, tables in areas:
    now = surroundings.points_in_force(tables["points"], tables["coverage"])
    xy = now.get_coordinates().to_numpy()
    around = surroundings.surroundings(chosen, tables)
    at_points = environment.measure_points(now, points.catchments(xy), around)
    sets = [each for each in steps.crime_sets(chosen.crime_groups) if each.name in SHOWN]
    ground = associate.Ground.of(now, tables["counts"], sets)
    measured[chosen.area.id] = (at_points.reindex(ground.point_ids), ground)

    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 4))
    value = at_points[MEASURE].to_numpy()
    drawn = left.scatter(*xy.T, c=np.clip(value, 0, np.nanquantile(value, 0.98)), s=2,
                         cmap="cividis")  # fmt: skip
    left.set(title="Street lights for each hectare, at map points", aspect="equal", xticks=[],
             yticks=[])  # fmt: skip
    figure.colorbar(drawn, ax=left, shrink=0.7)
    right.hist(value[~np.isnan(value)], bins=50, color=DARK_BLUE)
    right.set(title="Map points by street lights for each hectare", ylabel="map points")
    keep(figure, f"{chosen.area.id}_1_measure")

# %% [markdown]
# ## The tempting way: compare all places with each other
# Lamps stand where people live, shop and drive, and so does crime. Across an area the two rise
# together, and no lamp need have anything to do with it. Stepwise Poisson regression, the usual way
# of "risk terrain models", takes that for a finding. To see how little it takes, let it choose
# among 20 fields that were drawn at random and mean nothing.

# %%
for chosen, _ in areas:
    measures, ground = measured[chosen.area.id]
    known = measures[MEASURE].notna().to_numpy()
    for place, crime_set in enumerate(ground.sets):
        rank = pd.Series(ground.cases[known, place]).corr(
            pd.Series(measures[MEASURE].to_numpy()[known]), method="spearman"
        )
        print(f"{chosen.area.name}: {crime_set.name}: rank correlation with lamps {rank:+.2f}")
    chance = np.random.default_rng(7)
    noise = planted.noise_factors(ground.xy, n_factors=N_NOISE, chance=chance)
    picked = rtm.stepwise([f"noise {i}" for i in range(N_NOISE)], noise, ground.cases[:, 0])
    name = ground.sets[0].name
    print(f"{chosen.area.name}: for {name} stepwise Poisson picks {len(picked)} of {N_NOISE} "
          "random fields")  # fmt: skip
print(rtm.WARNING)

# %% [markdown]
# ## Two careful ways, which have to agree
# *Matched*: each place is compared only with others in the same square of 250 m, so whatever they
# share, how built up, how deprived, how near the centre, is held constant. *Case-case*: the crime
# is compared with another crime at the same places, so whatever raises both alike is held constant.
# Something counts as associated only if both agree and both intervals leave out 1.

# %%
for chosen, tables in areas:
    factors = tables["factors"]
    here = factors[(factors["factor"] == MEASURE) & factors["crime_group"].isin(SHOWN)]
    print(f"\n{chosen.area.name}")
    for _, rows in here.groupby("crime_group"):
        print(f"  {evidence.factor_sentence(rows)}")
    figure, axes = plt.subplots(figsize=(7, 3))
    order = sorted(here["crime_group"].unique(), reverse=True)
    for estimator, colour, shift in (("matched", DARK_BLUE, 0.12), ("case_case", TURQUOISE, -0.12)):
        some = here[here["estimator"] == estimator].set_index("crime_group").reindex(order)
        y = np.arange(len(order)) + shift
        axes.hlines(y, some["low"], some["high"], color=colour)
        axes.plot(some["ratio"], y, "o", color=colour, label=estimator.replace("_", "-"))
    axes.axvline(1, color=DARK_GREY, linewidth=0.8)
    axes.set(yticks=range(len(order)), yticklabels=order, xscale="log",
             title="Ratio for one standard deviation more lamps per hectare")  # fmt: skip
    axes.legend(frameon=False)
    keep(figure, f"{chosen.area.id}_2_ratios")

# %% [markdown]
# ## What would have shown
# "Not established" is not "no". With few incidents even a large ratio hides in the interval. The
# smallest ratio that each would have shown four times in five, as a single test:

# %%
for chosen, tables in areas:
    factors = tables["factors"]
    here = factors[(factors["factor"] == MEASURE) & factors["crime_group"].isin(SHOWN)]
    least = here.groupby("crime_group")["smallest"].max()
    for group, ratio in least.items():
        print(f"{chosen.area.name}: {group}: a ratio of {ratio:.2f} would have shown")
print(evidence.MONTHS_ONLY)

# %% [markdown]
# ## And the same on noise
# The two ways together, tried on the 20 random fields, for the same crimes.

# %%
for chosen, _ in areas:
    measures, ground = measured[chosen.area.id]
    noise = planted.noise_factors(ground.xy, n_factors=N_NOISE, chance=np.random.default_rng(7))
    blocks = risk.Blocks.of(ground.xy)
    pairs = risk.CasePairs.of(ground.cases, ground.controls, blocks)
    first = [risk.matched(each, ground.cases, blocks) for each in noise.T]
    second = [risk.case_case(each, pairs) for each in noise.T]
    q_first, q_second = (
        risk.false_discovery(np.array([each.p for each in found])) for found in (first, second)
    )
    found = [
        risk.is_associated(a, b, q) & ~np.isnan(p)
        for a, b, q, p in zip(first, second, q_first, q_second, strict=True)
    ]
    print(f"{chosen.area.name}: of {np.size(found)} pairs of random field and crime, "
          f"{int(np.sum(found))} come out as associated")  # fmt: skip

# %% [markdown]
# ## What an officer can use
# For a visit it matters less what holds on average than what is unusual at this place, and what to
# look at there.

# %%
for chosen, tables in areas:
    hotspots, mix = tables["hotspots"], tables["mix"]
    named = hotspots.set_index(["crime_group", "hotspot_id"])
    lit = tables["unusual"][tables["unusual"]["measure"].str.contains("lamp|dark|gap")]
    print(f"\n{chosen.area.name}")
    for row in lit.sort_values("rank").head(3).to_dict("records"):
        key = row["crime_group"], row["hotspot_id"]
        name, district = named.loc[key, ["name", "district"]]
        print(f"{name}: {unusual_sentence(row, district=district, area=chosen.area.name)}")
        of_place = mix[(mix["crime_group"] == key[0]) & (mix["hotspot_id"] == key[1])]
        types = of_place.sort_values("n", ascending=False)["crime_type"].tolist()
        for heading, question in prompts.prompts_for(types, [row["measure"]])[:3]:
            print(f"  {heading}: {question}")
