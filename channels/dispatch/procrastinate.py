"""Dispatch over many processes: one job on PostgreSQL for each conversation in which something waits.

A job carries a conversation's number and nothing else: message and turn rows are the truth, and the claim on the turn
decides who answers. So a job may be lost, doubled or late. The message is committed first and the job deferred in a
second step; a sweep defers for whatever waits without one; a finished job is deleted, and so is one whose worker died,
since the sweep defers anew (retrying it would break on the job that is queued behind it meanwhile).
"""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog
from procrastinate import App
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from procrastinate.jobs import Job, Status

from billing.changes.turns import Claim, NotYet
from channels.dispatch.answering import Answering
from channels.dispatch.jobs import locks_taken, open_connector
from channels.timer import Timer

log = structlog.get_logger()

QUEUE, TASK = "turns", "answer"
LOOK_EVERY = 0.2  # seconds between looks for jobs, beside being notified
SWEEP_EVERY = 1.0  # seconds between looks for what waits without a job
BEAT_EVERY, DEAD_AFTER = 1.0, 5.0  # seconds: a worker shows that it lives, and is taken for dead
GRACE = 30.0  # seconds that running turns may take once the process was told to stop


@dataclass
class ProcrastinateDispatcher:
    """Defers jobs, and runs them where there is something to answer with.

    database: SQLAlchemy URL of PostgreSQL with the jobs' tables. delivered(conversation id) is told after each turn
    that was answered here. answering: None in a process that only takes messages in.
    """

    database: str
    delivered: Callable[[int], None]
    answering: Answering | None = None
    _app: App | None = field(default=None, repr=False)
    _deferring: set[asyncio.Task[None]] = field(default_factory=set, repr=False)
    _worker: asyncio.Task[None] | None = field(default=None, repr=False)
    _timers: tuple[Timer, ...] = ()
    _is_stopping: bool = False

    def wake(self, conversation_id: int, after: float = 0.0) -> None:
        """Defer a job for the conversation, in a step of its own: what is to be answered is committed already.

        A timer here defers at the very moment: the queue looks for postponed jobs too seldom. If this process ends
        before, a sweep elsewhere finds what waits.
        """
        if self._is_stopping:
            return
        if after > 0:
            asyncio.get_running_loop().call_later(after, self.wake, conversation_id)
            return
        task = asyncio.ensure_future(self._defer(conversation_id))
        self._deferring.add(task)
        task.add_done_callback(self._deferring.discard)

    async def start(self) -> None:
        """Open the queue; where this process answers, begin with what waits."""
        self._app = App(connector=open_connector(self.database))
        self._app.task(name=TASK, queue=QUEUE)(self._answer)
        await self._app.open_async()
        if self.answering is not None:
            self._worker = asyncio.ensure_future(self._work_on(self.answering.at_once))
            self._timers = (
                Timer("sweep", SWEEP_EVERY, self.sweep),
                Timer("stalled", DEAD_AFTER / 2, self.forget_dead),
            )
            for timer in self._timers:
                timer.start()

    async def stop(self) -> None:
        """Let running turns end, then stop."""
        self._is_stopping = True
        for timer in self._timers:
            await timer.stop()
        await asyncio.gather(*self._deferring, return_exceptions=True)
        if self._worker is not None:
            self._worker.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._worker
        if self._app is not None:
            await self._app.close_async()

    async def sweep(self) -> int:
        """Defer a job for whatever waits without one; in how many conversations something waits."""
        waiting = [] if self.answering is None else await self.answering.waiting()
        taken = await locks_taken(self._opened, QUEUE) if waiting else frozenset()
        for conversation_id in waiting:
            if _lock_of(conversation_id) not in taken:
                await self._defer(conversation_id)
        return len(waiting)

    async def forget_dead(self) -> int:
        """Delete the jobs of workers that show no sign of life, and defer anew; how many."""
        manager, count = self._opened.job_manager, 0
        for job in await manager.get_stalled_jobs(queue=QUEUE, seconds_since_heartbeat=DEAD_AFTER):
            count += await self._forget(job)
        return count

    async def answer_one(self, conversation_id: int) -> bool:
        """Claim and answer one turn here, beside the queue; False when nothing may be begun or somebody is at it."""
        if self.answering is None:
            return False
        return isinstance(await self.answering.answer_next(conversation_id), Claim)

    @property
    def _opened(self) -> App:
        if self._app is None:
            raise RuntimeError("the dispatcher was not started")
        return self._app

    async def _defer(self, conversation_id: int) -> None:
        """One job at most waits for a conversation; the one that waits already reads the same rows."""
        if self._app is None:
            return  # not started yet: the sweep finds it
        lock = _lock_of(conversation_id)
        deferrer = self._app.configure_task(TASK, lock=lock, queueing_lock=lock, queue=QUEUE)
        try:
            await deferrer.defer_async(conversation_id=conversation_id)
        except AlreadyEnqueued:
            return
        except ConnectorException:
            log.exception("not_deferred", conversation=conversation_id)  # the sweep defers

    async def _answer(self, conversation_id: int) -> None:
        """The job: answer what waits, and come back when a quiet time or a rest is over."""
        if self.answering is None:
            return
        while isinstance(did := await self.answering.answer_next(conversation_id), Claim):
            self.delivered(conversation_id)
            if did.attempts == 1:
                return  # it took all that waited; who wrote meanwhile has a job
        if isinstance(did, NotYet):
            self.wake(conversation_id, (did.until - self.answering.clock()).total_seconds())

    async def _forget(self, job: Job) -> int:
        if job.id is None:
            return 0
        try:
            await self._opened.job_manager.finish_job(job, Status.ABORTED, delete_job=True)
        except ConnectorException:
            return 0  # another process was quicker
        log.warning("job_of_dead_worker", job=job.id)
        await self._defer(int(str(job.task_kwargs["conversation_id"])))
        return 1

    async def _work_on(self, at_once: int) -> None:
        """Run jobs. A worker that lost its database, or was taken for dead while it was frozen, begins anew."""
        while True:
            try:
                await self._opened.run_worker_async(
                    queues=[QUEUE],
                    concurrency=at_once,
                    fetch_job_polling_interval=LOOK_EVERY,
                    delete_jobs="always",
                    install_signal_handlers=False,
                    update_heartbeat_interval=BEAT_EVERY,
                    stalled_worker_timeout=DEAD_AFTER,
                    shutdown_graceful_timeout=GRACE,
                )
            except Exception:
                log.exception("worker_failed")
            await asyncio.sleep(BEAT_EVERY)


def _lock_of(conversation_id: int) -> str:
    return f"conversation:{conversation_id}"
