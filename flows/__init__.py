"""Prefect flows over the stages of `hotspots.pipeline`: order, retries, schedule."""
