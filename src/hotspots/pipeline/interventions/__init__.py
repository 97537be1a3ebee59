"""
Judging the interventions of a register (METHODS §9).

``register`` reads it, ``ground`` finds the areas and what was reported in them month by month,
``like`` proposes places to compare with, ``judge`` puts figures and words together, ``told`` says
them.
"""
