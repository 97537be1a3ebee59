"""The stages of a refresh, and what runs them: skip what is up to date, publish all at once."""

from hotspots.pipeline.run import Outcome, Run, session
from hotspots.pipeline.stages import STAGES, Stage, refresh

__all__ = ["STAGES", "Outcome", "Run", "Stage", "refresh", "session"]
