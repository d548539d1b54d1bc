"""All jobs of an evaluation, spread over processes; finished work is kept and used again."""

import multiprocessing
import os
import signal
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.synchronize import Event
from pathlib import Path

import cv2
import numba
import torch

from ml_backend.evaluation.inputs import TABLES, Table
from ml_backend.evaluation.methods.method import Method
from ml_backend.evaluation.sample import Source
from ml_backend.evaluation.store import code_files, fingerprint
from ml_backend.evaluation.work import ESTIMATES, Job, JobResult, run_job
from ml_backend.structures import Progress, no_progress

_stop: list[Event] = []  # of this worker process; set once, by its initializer


@dataclass(frozen=True, slots=True)
class Plan:
    """What is evaluated. `time_limit_s` None is no limit; with one worker everything runs in this process."""

    sources: tuple[Source, ...]
    methods: tuple[Method, ...]
    work: Path
    tables: tuple[Table, ...] = TABLES
    max_side: int = 768
    is_quick: bool = False
    time_limit_s: float | None = None
    workers: int = 1


def run_plan(plan: Plan, progress: Progress = no_progress) -> list[JobResult]:
    """Results in the order of the jobs, whatever the number of workers."""
    jobs = make_jobs(plan)
    results: dict[int, JobResult] = {}
    for number, result in _run_in_process(jobs) if plan.workers == 1 else _run_in_pool(jobs, plan.workers):
        results[number] = result
        job = result.job
        progress(f"{job.source.name}, {job.method}", len(results) / max(1, len(jobs)))
    return [results[number] for number in sorted(results)]


def make_jobs(plan: Plan) -> list[Job]:
    """Sample by sample, so that workers find it open; each with the fingerprint of code, data, and settings."""
    stop_at = None if plan.time_limit_s is None else time.time() + plan.time_limit_s
    code = fingerprint(code_files(), f"{plan.max_side}")
    jobs: list[Job] = []
    for source in plan.sources:
        stamp = fingerprint(source.files, code)
        methods = [method.name for method in plan.methods if method.prepare]
        pairs = [(table, name) for table in plan.tables for name in methods]
        for table, name in [*pairs, ("predicted", ESTIMATES)]:
            jobs.append(Job(source, table, name, plan.work, stamp, plan.max_side, plan.is_quick, stop_at))
    return jobs


def _run_in_process(jobs: Sequence[Job]) -> Iterator[tuple[int, JobResult]]:
    for number, job in enumerate(jobs):
        with _one_thread():
            result = run_job(job)
        yield number, result


@contextmanager
def _one_thread() -> Iterator[None]:
    """As in a worker: the pictures must not depend on how many cores a machine has."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _run_in_pool(jobs: Sequence[Job], workers: int) -> Iterator[tuple[int, JobResult]]:
    context = multiprocessing.get_context("spawn")  # torch's and numba's threads do not survive a fork
    stop = context.Event()
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_start_worker, initargs=(stop,)) as pool:
        numbers: dict[Future[JobResult], int] = {pool.submit(_work, job): n for n, job in enumerate(jobs)}
        try:
            for future in as_completed(numbers):
                yield numbers[future], future.result()
        except BaseException:  # Ctrl-C too, raised again: what is being drawn is finished, no more is begun
            stop.set()
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _start_worker(stop: Event) -> None:
    _stop.append(stop)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent tells, by `stop`
    torch.set_num_threads(1)
    numba.set_num_threads(1)
    cv2.setNumThreads(1)


def _work(job: Job) -> JobResult:
    return run_job(job, _stop[0].is_set)


def default_workers(num_jobs: int) -> int:
    """As many processes as there are cores to use, and no more than jobs."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(cores, num_jobs))
