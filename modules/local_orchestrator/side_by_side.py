"""Several jobs at once: to stop a daemon takes seconds, to stop ten should take no longer."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor


THREADS = 8
Job = Callable[[], object]


def side_by_side(jobs: Iterable[tuple[str, Job]]) -> None:
    """Do all jobs; those of one key one after the other, in order, others at the same time.

    Raises what a job raised, once all keys are through; the jobs behind it of its key are left out.
    """
    lines: dict[str, list[Job]] = defaultdict(list)
    for key, job in jobs:
        lines[key].append(job)
    if not lines:
        return
    with ThreadPoolExecutor(min(THREADS, len(lines)), "crew") as crew:
        begun = [crew.submit(_in_order, line) for line in lines.values()]
    for line in begun:
        line.result()


def _in_order(jobs: list[Job]) -> None:
    for job in jobs:
        job()
