"""Many forces as a Prefect flow: order, retries, and who does the work; no logic."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from prefect import flow, task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE
from prefect.logging import get_run_logger
from prefect.states import Completed, Failed
from prefect.task_runners import ThreadPoolTaskRunner
from prefect.tasks import exponential_backoff

from hotspots.pipeline import national as country
from hotspots.pipeline.one_area import Result, refresh_or_raise

if TYPE_CHECKING:
    from collections.abc import Sequence

    from prefect.client.schemas.objects import State
    from prefect.task_runners import TaskRunner

    from hotspots.pipeline.national import Country, Plan
    from hotspots.pipeline.one_area import Job

FLOW_LIMIT_S = 20 * 3600.0
"""A first download of every force takes hours over a slow line; it ends before the next night."""

# The function is of the package, so that a Dask worker needs nothing else of this project.
refresh_force = task(name="force", cache_policy=NO_CACHE, persist_result=False)(refresh_or_raise)


@flow(name="national", persist_result=False, timeout_seconds=FLOW_LIMIT_S)
def national(
    folder: str = "national",
    forces: list[str] | None = None,
    workers: int | None = None,
    dask: str | None = None,
    out: str | None = None,
) -> State[None]:
    """
    Bring the tables and maps of many forces up to date, and the page that leads to them.

    Parameters
    ----------
    folder : str
        Holds a settings file for each force.
    forces : list of str, optional
        Only these.
    workers : int, optional
        Forces at work at once; one for each core, and for each 2 GiB, if not given.
    dask : str, optional
        Who does the work: this machine if not given; ``local``, a Dask cluster on this machine; or
        the address of a scheduler, such as ``tcp://10.0.0.5:8786``.
    out : str, optional
        Folder for `data/processed` and `maps`; ``folder`` if not given.

    Returns
    -------
    State
        Completed; named PartlyDone where a force failed or a source was down, and Failed only
        where every force failed.
    """
    logger = get_run_logger()
    base = Path(out) if out else None
    made = _look(Path(folder), forces, base)
    doing = _refresh.with_options(task_runner=runner(workers, dask))
    done = country.finish(Path(folder), made, doing(made.jobs), out=base)
    for each in done.results:
        (logger.warning if each.is_failed else logger.info)("%s", country.told(each))
    try:
        create_markdown_artifact(
            markdown=markdown(done), key="national", description="What each force came to."
        )
    except Exception:  # the maps are out, whatever becomes of the word about them
        logger.warning("the maps are published, but Prefect took no word of them", exc_info=True)
    return _state(done)


@task(
    name="look at the sources",
    retries=4,
    retry_delay_seconds=exponential_backoff(backoff_factor=15),
    retry_jitter_factor=0.5,
    cache_policy=NO_CACHE,
    persist_result=False,
)
def _look(folder: Path, forces: list[str] | None, out: Path | None) -> Plan:
    return country.plan(folder, forces=forces, out=out, say=get_run_logger().info)


@flow(name="forces", persist_result=False, validate_parameters=False)
def _refresh(jobs: Sequence[Job]) -> list[Result]:
    """Refresh each force, the largest first; wait for all, whatever becomes of any."""
    futures = [
        (job, refresh_force.with_options(task_run_name=job.area_id).submit(job)) for job in jobs
    ]
    results = []
    for job, future in futures:
        future.wait()
        found: Any = future.result(raise_on_failure=False)
        failed = Result(job.area_id, "failed", str(found), 1, job.not_refreshed)
        results.append(found if isinstance(found, Result) else failed)
    return results


def runner(workers: int | None, dask: str | None) -> TaskRunner[Any]:
    """Choose who does the work: threads that wait for processes, or a Dask cluster."""
    workers = workers or country.default_workers()
    if dask is None:
        return ThreadPoolTaskRunner(max_workers=workers)
    from prefect_dask.task_runners import DaskTaskRunner

    if dask != "local":
        return DaskTaskRunner(address=dask)
    on_loopback = {"host": "127.0.0.1", "dashboard_address": None}
    return DaskTaskRunner(
        cluster_kwargs={"n_workers": workers, "threads_per_worker": 1, **on_loopback}
    )


def _state(done: Country) -> State[None]:
    n, failed = len(done.results), len(done.of_state("failed"))
    words = f"{n - failed} of {n} forces are up to date; see {done.index}."
    if done.exit_code == 0:
        return Completed(message=words)
    if done.exit_code == country.PARTLY_DONE:
        return Completed(name="PartlyDone", message=words)
    return Failed(message=f"All {n} forces failed; the first: {done.results[0].message}")


def markdown(done: Country) -> str:
    """Write what each force came to, with a link to the page of all."""
    lines = [f"- {country.told(each)}" for each in done.results]
    link = [f"[Every force]({done.index.resolve().as_uri()})", ""] if done.index else []
    return "\n".join(["# Forces", "", *link, *lines])
