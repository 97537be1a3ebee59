"""The words that go with the sample county: its settings file and its notice."""

from __future__ import annotations

SETTINGS = """\
# Settings of the sample county "Saltmarrow". The county is made up and lies in the Irish Sea.
# Copy this file to start your own.
# Paths are relative to this file, and every path may be a glob such as "inputs/police_uk/*.zip".

[area]
id = "saltmarrow"                    # short name: folder maps/saltmarrow, ids HS-saltmarrow-0001
name = "Saltmarrow"                  # name for people
police_force = "saltmarrow"          # the id in file names, e.g. 2024-03-saltmarrow-street.csv

[police_uk]
files = ["inputs/police_uk/*.zip"]   # downloads; where two overlap, the newer counts
months = 36                          # how much history to analyse

# Outlines. `code` and `name` say which columns hold the ONS code and the name.

[[boundaries]]
level = "district"                   # the reporting units: one map for each
file = "inputs/boundaries/districts.geojson"   # districts.shp.zip beside it is the same layer
code = "LAD24CD"
name = "LAD24NM"

[[boundaries]]
level = "ward"
file = "inputs/boundaries/wards.geojson"
code = "WD24CD"
name = "WD24NM"

[[boundaries]]
level = "lsoa11"                     # police.uk used LSOAs of 2011 up to May 2023 …
file = "inputs/boundaries/lsoa11.geojson"
code = "LSOA11CD"
name = "LSOA11NM"

[[boundaries]]
level = "lsoa21"                     # … and those of 2021 since
file = "inputs/boundaries/lsoa21.geojson"
code = "LSOA21CD"
name = "LSOA21NM"

[deprivation]
file = "inputs/deprivation/iod2025_file7.csv"   # English Indices of Deprivation, File 7

# One block for each lighting authority; their files need not look alike.

[[lighting]]
authority = "Kelderwick Borough Council"
file = "inputs/lighting/kelderwick_lights.csv"
licence = "Kelderwick Borough Council (fictional), made up for this demonstration"

[[lighting]]
authority = "Saltmarrow County Council"
file = "inputs/lighting/saltmarrow_units.csv"
licence = "Saltmarrow County Council (fictional), made up for this demonstration"
# Columns are recognised. Name them only where `hotspots check` cannot tell, e.g.
# columns = { lamp_id = "UNIT_ID", easting = "EASTINGS", northing = "NORTHINGS" }

# What stands near. One block for each kind of place.

[[places]]
kind = "pub"
file = "inputs/places/pubs.tsv"
columns = ["name", "sort_name", "osm_id", "latitude", "longitude"]   # this file has no header
licence = "made up for this demonstration"

[[places]]
kind = "shop"
file = "inputs/places/shops.csv"
licence = "made up for this demonstration"

[[places]]
kind = "school"
file = "inputs/places/schools.csv"
licence = "made up for this demonstration"

[[places]]
kind = "station"
file = "inputs/places/stations.csv"
licence = "made up for this demonstration"

# What was done in answer to crime is drawn and counted too, and never tested for what goes with it.

[[places]]
kind = "Shopwatch"
file = "inputs/places/shopwatch.csv"
licence = "made up for this demonstration"
is_response = true

# Streets as lines, such as OS Open Roads: street metres and the longest gaps between lamps.

[[streets]]
file = "inputs/streets/streets.geojson"
licence = "made up for this demonstration"

# What people noted on visits: a kind and a place for each. Free text is not kept.

[[field_observations]]
file = "inputs/field/observations.csv"
source = "Saltmarrow street audit (fictional)"

# What was done where and when: one register, judged by `hotspots intervention`. It names no people.

[interventions]
file = "inputs/interventions/register.csv"
"""
"""Settings file of the sample county."""

NOTICE = """\
All of this is made up.

There is no county of Saltmarrow, no Saltmarrow Constabulary and no Wrackholm Police; none of the
districts, towns, wards, streets, pubs, shops, schools, stations, street lights, codes or incidents
in these files exists. The county is drawn in the Irish Sea, where there is no land, so that nobody
can mistake it for a real place. A program drew every file from a seed; nothing was copied from
real records. The files have the form of published ones (police.uk downloads, ONS outlines, the
English Indices of Deprivation, councils' lists of street lights), so that everything can be tried
without a network and without anyone's data.

police_uk/     three downloads that overlap by a month; no files for 2021-09 and 2022-05
boundaries/    districts, wards, LSOAs of 2011 and of 2021
deprivation/   indices of deprivation by LSOA of 2021
lighting/      street lights of two authorities; the quarter of Gloamside is poorly lit
places/        pubs, shops, schools, stations; members of Shopwatch, a radio scheme of shops
interventions/ a register of three actions: one with a fall, one without, one just begun
streets/       streets as lines
field/         what a visit noted at four places
"""
"""Text of inputs/README.txt."""
