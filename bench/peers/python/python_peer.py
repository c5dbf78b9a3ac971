"""What users of these libraries have to do themselves, with what Python comes with."""
import asyncio
import gc
import os
import random
import secrets
import threading
import time

from measuring import processor_time, report


def resident_bytes():
    gc.collect()
    with open('/proc/self/statm', encoding='ascii') as file:
        return int(file.read().split()[1]) * os.sysconf('SC_PAGE_SIZE')


def new_login():
    text = secrets.token_urlsafe
    return text(32), (text(32), text(32), text(32), time.time() + 600)


class PendingLogins:
    """A dictionary from state to what has to be remembered."""

    def __init__(self):
        self.mutex, self.logins = threading.Lock(), {}

    def put(self, state, login):
        with self.mutex:
            self.logins[state] = login

    def take(self, state):
        with self.mutex:
            return self.logins.pop(state)


def take_and_put(job):
    """With so many pending sign-ins: any one is taken, and a new one put."""
    pending = PendingLogins()
    for _ in range(job.count):
        pending.put(*new_login())
    taken = random.sample(list(pending.logins), min(job.count, 200_000))
    added = [new_login() for _ in taken]
    gc.collect()
    start = processor_time()
    for state, (new_state, login) in zip(taken, added):
        if pending.take(state)[3] < time.time():
            raise RuntimeError('lost')
        pending.put(new_state, login)
    return (processor_time() - start) / len(taken)


def bytes_of_an_entry(job):
    pending = PendingLogins()
    before = resident_bytes()
    for _ in range(job.count):
        pending.put(*new_login())
    return (resident_bytes() - before) / job.count


def refresh(grant):
    raise RuntimeError(f'grant {grant} refreshed too early')


def start_timers(loop, count):
    """As a token cache would have it: a timer for each grant, ahead of when its token expires."""
    return [loop.call_later(3540 + i % 60_000 / 1000, refresh, i) for i in range(count)]


def insert_and_cancel(job):
    async def run():
        loop = asyncio.get_running_loop()
        start = processor_time()
        for timer in start_timers(loop, job.count):
            timer.cancel()
        await asyncio.sleep(0)  # here the loop drops what was cancelled
        return (processor_time() - start) / job.count
    return asyncio.run(run())


def bytes_of_a_timer(job):
    async def run():
        loop = asyncio.get_running_loop()
        before = resident_bytes()
        timers = start_timers(loop, job.count)
        used = (resident_bytes() - before) / job.count
        for timer in timers:
            timer.cancel()
        return used
    return asyncio.run(run())


report({
    'pending_put_take_1m': ('ns', take_and_put),
    'pending_bytes_per_entry': ('bytes', bytes_of_an_entry),
    'refresh_insert_cancel_1m': ('ns', insert_and_cancel),
    'refresh_bytes_per_grant': ('bytes', bytes_of_a_timer),
})
