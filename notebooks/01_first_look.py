# %% [markdown]
# # A first look at the sample county
#
# This walk uses public functions only and the made-up county that `hotspots demo` runs on, so
# every number in it is invented. Run it as a script or open it as a notebook.

# %%
import tempfile
from pathlib import Path

from hotspots import pipeline, schema, store
from hotspots.sample import PLANTED, write_county

folder = Path(tempfile.mkdtemp())
settings_file = write_county(folder)
outcome = pipeline.refresh(settings_file, say=print)

# %% [markdown]
# ## Where did the rows go?
# Every row that came in is kept, or set aside with a reason. Nothing is imputed.

# %%
print(outcome.account.drop(columns="member").groupby("file").sum())

# %% [markdown]
# ## Which points do the months share?
# police.uk replaces its list of map points now and then. The change is found from the data.

# %%
tables = folder / "data" / "processed" / outcome.area_id
coverage = store.read_table(schema.COVERAGE, tables)
all_crime = coverage[coverage["crime_type"] == schema.ALL_CRIME]
print(all_crime[["month", "is_missing", "kept", "unlocated", "list_id"]].to_string(index=False))

# %% [markdown]
# ## How concentrated is recorded crime?
# The textbook says half of the crime is on 5 % of places. Measure it instead.

# %%
counts = store.read_table(schema.COUNTS, tables)
points = store.read_table(schema.POINTS, tables)
newest = points[points["list_id"] == all_crime["list_id"].dropna().iloc[-1]]
n = counts.groupby("point_id")["n"].sum().reindex(newest["point_id"]).fillna(0)
running = n.sort_values(ascending=False).cumsum() / n.sum()
for share in (0.25, 0.5, 0.8):
    print(f"{share:.0%} of incidents on {(running < share).mean():.1%} of map points")

# %% [markdown]
# ## What was planted, and was it found?

# %%
hotspots = store.read_table(schema.HOTSPOTS, tables)
for planted in PLANTED:
    for crime_type in planted.crime_types:
        of_type = hotspots[hotspots["crime_group"] == crime_type]
        found = of_type[of_type["streets"].str.contains(planted.street)]
        words = found[["hotspot_id", "rank", "n", "class"]].to_dict("records")
        print(f"{planted.name} ({crime_type}, drawn as {planted.recurrence}): {words}")
