"""Runs the measures that bench/run has built, and the peers; prints the table and writes the JSON. See bench/run.

Every figure of a row is taken in each round: coauth's and the floor's in one process, interleaved, then each peer's.
The medians of all rounds count. Figures of this process are of processors' time, so that whatever else the machine
does falls on them as little as can be.
"""
import argparse
import json
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
PEERS = HERE / 'peers'
PEER_SECONDS = 300
CANNOT = 77  # what a peer exits with if it cannot do the job, or is not installed

NANOSECONDS = {'ns': 1, 'us': 1e3, 'ms': 1e6, 's': 1e9}


class Measure:
    """One row: its name and unit, how its two figures are taken, and how many operations a peer is asked for."""

    def __init__(self, name, unit, take, count=0, once=False, note=''):
        self.name, self.unit, self.take, self.count, self.once, self.note = name, unit, take, count, once, note


class Bench:
    """Where things are; the server is started when it is needed first."""

    def __init__(self, build):
        self.programs = Path(build).resolve() / 'bench'
        self.authority = self.programs / 'ca.pem'
        self.server = None
        self.url = None

    def server_url(self):
        if self.server is None:
            self.server = subprocess.Popen([self.programs / 'server', '--ca', self.authority],
                                           stdout=subprocess.PIPE, text=True)
            self.url = self.server.stdout.readline().split()[2]
        return self.url

    def close(self):
        if self.server is not None:
            self.server.terminate()
            self.server.wait()


class Sample:
    """What one round has found for a measure: figures in the measure's unit, and what else is to be said."""

    def __init__(self, coauth, floor, remarks=()):
        self.coauth, self.floor, self.remarks = coauth, floor, list(remarks)


def read_google_benchmark(report, name, unit):
    """The sample of one measure in a report of Google Benchmark's; of repetitions the medians.

    A benchmark is named MEASURE/SIDE. Other sides than coauth and floor are what else is to be said.
    """
    values, remarks = {'coauth': [], 'floor': []}, []
    for run in report['benchmarks']:
        measure, side = (run['name'].split('/') + [''])[:2]
        if run['run_type'] != 'iteration' or measure != name:
            continue
        if run.get('error_occurred'):
            raise RuntimeError(f'{run["name"]}: {run.get("error_message")}')
        values.setdefault(side, []).append(run['value'] if 'value' in run else
                                           run['cpu_time'] * NANOSECONDS[run['time_unit']] / NANOSECONDS[unit])
        if side == 'coauth' and 'allocations' in run:
            remarks = [f'{run["allocations"]:.4g} allocations']
    if not values['coauth'] or not values['floor']:
        raise RuntimeError(f'{name} is not in the report')
    medians = {side: statistics.median(of_side) for side, of_side in values.items()}
    coauth, floor = medians.pop('coauth'), medians.pop('floor')
    return Sample(coauth, floor, remarks + [f'{side} {figure:.4g}' for side, figure in medians.items()])


def in_process(program, repetitions=3, seconds=0.1):
    def take(bench, measure):
        with tempfile.NamedTemporaryFile(suffix='.json') as file:
            subprocess.run([bench.programs / program, f'--benchmark_filter=^{measure.name}/',
                            '--benchmark_enable_random_interleaving=true',
                            f'--benchmark_repetitions={repetitions}', f'--benchmark_min_time={seconds}',
                            f'--benchmark_out={file.name}', '--benchmark_out_format=json'],
                           check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            return read_google_benchmark(json.load(file), measure.name, measure.unit)
    return take


def end_to_end(bench, measure):
    output = subprocess.run([bench.programs / 'end_to_end', measure.name, bench.server_url(), bench.authority,
                             str(measure.count)], check=True, stdout=subprocess.PIPE, text=True).stdout
    figures = json.loads(output)
    factor = NANOSECONDS[figures['unit']] / NANOSECONDS[measure.unit]
    return Sample(figures['coauth'] * factor, figures['floor'] * factor)


COMPILED_CASES = ['client, header-only', 'client, compiled once', 'Beast and TLS']


def compiling(figure):
    """Takes both figures at once, and keeps the other for its own row."""
    def take(bench, measure):
        if not hasattr(bench, 'compiled'):
            output = subprocess.run([HERE / 'compile_time' / 'measure', '--json', '--runs', '2',
                                     *(f'--case={case}' for case in COMPILED_CASES)], check=True,
                                    stdout=subprocess.PIPE, text=True).stdout
            bench.compiled = json.loads(output)
        header_only, compiled_once, beast = (bench.compiled[case][figure] for case in COMPILED_CASES)
        return Sample(header_only, beast,
                      [f'compiled once {compiled_once:.3g}, {compiled_once / beast:.2f} of the floor'])
    return take


MEASURES = [
    Measure('begin_authorization', 'ns', in_process('begin_authorization'), 20_000),
    Measure('accept_callback', 'ns', in_process('accept_callback'), 20_000),
    Measure('exchange_sequential_cpu', 'us', end_to_end, 2_000),
    Measure('exchange_64_cpu', 'us', end_to_end, 4_000),
    Measure('login_complete_cpu', 'us', end_to_end, 500),
    Measure('reconnect_cpu', 'us', end_to_end, 500, note='a new connection for each exchange, its TLS session resumed'),
    Measure('token_hot', 'ns', in_process('token_hot'), 1_000_000, note='floor: reading the clock'),
    Measure('token_hot_allocations', 'allocations', in_process('token_hot', 1), 100_000, once=True),
    Measure('id_token_rs256', 'us', in_process('id_token', 9, 0.03), 3_000),
    Measure('id_token_es256', 'us', in_process('id_token', 9, 0.03), 3_000),
    Measure('id_token_eddsa', 'us', in_process('id_token', 9, 0.03), 3_000),
    Measure('pending_put_take_1m', 'ns', in_process('pending_logins', 1), 1_000_000),
    Measure('pending_bytes_per_entry', 'bytes', in_process('pending_logins', 1), 1_000_000, once=True),
    Measure('refresh_insert_cancel_1m', 'ns', in_process('refresh', 1), 1_000_000),
    Measure('refresh_bytes_per_grant', 'bytes', in_process('refresh', 1), 1_000_000, once=True),
    Measure('compile_seconds_client_tu', 's', compiling('seconds'), 1, once=True,
            note='floor: a file with Beast and TLS in a coroutine'),
    Measure('compile_megabytes_client_tu', 'MB', compiling('megabytes'), 1, once=True,
            note='floor: a file with Beast and TLS in a coroutine'),
]


class Peer:
    """A folder of bench/peers with a program `measure`."""

    def __init__(self, folder):
        self.name, self.program = folder.name, folder / 'measure'

    def take(self, bench, measure):
        """A figure in the measure's unit; or why there is none, if that is worth a word."""
        try:
            process = subprocess.run([self.program, measure.name, bench.server_url(), bench.authority,
                                      str(measure.count)], capture_output=True, text=True,
                                     timeout=PEER_SECONDS, cwd=self.program.parent)
        except subprocess.TimeoutExpired:
            return None, 'too slow'
        if process.returncode == CANNOT:
            return None, 'not installed' if 'not installed' in process.stderr else ''
        try:
            answer = json.loads(process.stdout.strip().splitlines()[-1])
            if process.returncode != 0:
                raise ValueError
            value, unit = float(answer['value']), answer['unit']
        except (ValueError, KeyError, IndexError, TypeError):
            sys.stderr.write(process.stderr)
            return None, 'failed'
        if unit in NANOSECONDS and measure.unit in NANOSECONDS:
            value *= NANOSECONDS[unit] / NANOSECONDS[measure.unit]
        return value, ''


def find_peers():
    return [Peer(program.parent) for program in sorted(PEERS.glob('*/measure')) if os.access(program, os.X_OK)]


def assemble(measure, samples, peers, absent):
    """The row of a measure: its samples, the peers' figures by name, and by reason those without any."""
    coauth = statistics.median(sample.coauth for sample in samples)
    floor = statistics.median(sample.floor for sample in samples)
    remarks = [measure.note] if measure.note else []
    remarks += samples[-1].remarks
    for reason, names in sorted(absent.items()):
        if reason:
            remarks.append(f'{reason}: {", ".join(sorted(names))}')
    return {'name': measure.name, 'unit': measure.unit, 'coauth': rounded(coauth), 'floor': rounded(floor),
            'ratio_to_floor': rounded(coauth / floor) if floor else None,
            'peers': {name: rounded(statistics.median(values)) for name, values in sorted(peers.items())},
            'note': '; '.join(remarks)}


def rounded(value):
    """Four digits say all that such a figure can say."""
    return float(f'{value:.4g}')


def run_measure(bench, measure, rounds, peers):
    samples, figures, absent = [], {}, {}
    peers = list(peers)
    for _ in range(1 if measure.once else rounds):
        samples.append(measure.take(bench, measure))
        for peer in list(peers):
            value, reason = peer.take(bench, measure)
            if value is None:
                absent.setdefault(reason, []).append(peer.name)
                peers.remove(peer)
                figures.pop(peer.name, None)
            else:
                figures.setdefault(peer.name, []).append(value)
        peers.append(peers.pop(0)) if peers else None  # nobody always follows the same
    return assemble(measure, samples, figures, absent)


def shown(value):
    return '-' if value is None else re.sub(r'\.0$', '', f'{value:,}'.replace(',', ' '))


def print_row(row):
    print(f'{row["name"]:28}{row["unit"]:>12}{shown(row["coauth"]):>12}{shown(row["floor"]):>12}'
          f'{shown(row["ratio_to_floor"]):>8}  '
          + ', '.join(f'{name} {shown(value)}' for name, value in
                      sorted(row['peers'].items(), key=lambda peer: peer[1])))
    if row['note']:
        print(f'{"":28}{row["note"]}')
    sys.stdout.flush()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--build')
    parser.add_argument('--json', metavar='FILE')
    parser.add_argument('--only', action='append', choices=[measure.name for measure in MEASURES])
    parser.add_argument('--rounds', type=int, default=5)
    parser.add_argument('--no-peers', action='store_true')
    parser.add_argument('--list', action='store_true')
    options = parser.parse_args()
    if options.list:
        print('\n'.join(measure.name for measure in MEASURES))
        return
    peers = [] if options.no_peers else find_peers()
    rows = []
    bench = Bench(options.build)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # and end the server
    try:
        print(f'{"":28}{"unit":>12}{"coauth":>12}{"floor":>12}{"ratio":>8}  peers')
        for measure in MEASURES:
            if not options.only or measure.name in options.only:
                rows.append(run_measure(bench, measure, max(options.rounds, 1), peers))
                print_row(rows[-1])
    finally:
        bench.close()
    if options.json:
        # Whole or not at all.
        with tempfile.NamedTemporaryFile('w', delete=False, suffix='.json') as file:
            json.dump({'measures': rows}, file, indent=1)
            file.write('\n')
        shutil.move(file.name, options.json)
        os.chmod(options.json, 0o644)


if __name__ == '__main__':
    main()
