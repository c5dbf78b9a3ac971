"""What the measures of all Python peers share: the job, the clock, and how the answer is printed."""
import asyncio
import gc
import json
import sys
import time

CLIENT_ID = 'bench-client'
CLIENT_SECRET = 'a-secret-that-the-server-does-not-check'
REDIRECT_URI = 'https://app.example/callback'
SCOPE = 'openid profile email'


class Job:
    """What the command line asks for: MEASURE URL CA_FILE COUNT."""

    def __init__(self, measure, issuer, authorities, count):
        self.measure, self.issuer, self.authorities, self.count = measure, issuer, authorities, int(count)


def repeat(operation, count):
    for _ in range(count):
        operation()


async def repeat_at_once(operation, count, in_flight):
    left = iter(range(count))

    async def flow():
        for _ in left:
            await operation()

    await asyncio.gather(*(flow() for _ in range(in_flight)))


# Nanoseconds of the processors, of all threads.
processor_time = time.process_time_ns


def operation(unit, in_flight=1):
    """Decorates what, given the job, returns the operation to repeat; a coroutine if several are in flight."""
    def decorate(prepare):
        async def run_at_once(job):
            one = prepare(job)
            await repeat_at_once(one, -(-job.count // 4), in_flight)
            gc.collect()
            start = processor_time()
            await repeat_at_once(one, job.count, in_flight)
            return processor_time() - start

        def run(job):
            if in_flight > 1:
                taken = asyncio.run(run_at_once(job))
            else:
                one = prepare(job)
                repeat(one, -(-job.count // 4))
                gc.collect()
                start = processor_time()
                repeat(one, job.count)
                taken = processor_time() - start
            return taken / job.count / (1000 if unit == 'us' else 1)

        return unit, run
    return decorate


def report(measures):
    """measures: name -> (unit, what finds the value), as `operation` returns them."""
    if len(sys.argv) != 5:
        sys.exit('usage: MEASURE URL CA_FILE COUNT')
    job = Job(*sys.argv[1:])
    if job.measure not in measures:
        print(f'no {job.measure} here', file=sys.stderr)
        sys.exit(77)
    unit, run = measures[job.measure]
    print(json.dumps({'value': run(job), 'unit': unit}))
