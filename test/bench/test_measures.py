"""The rows of bench/run: read from reports, compared with peers, named as others rely on."""
import contextlib
import io
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / 'bench'))
import measures  # noqa: E402
from measures import Measure, Peer, Sample  # noqa: E402

NAMES = ['begin_authorization', 'accept_callback', 'exchange_sequential_cpu', 'exchange_64_cpu', 'login_complete_cpu',
         'token_hot', 'token_hot_allocations', 'id_token_rs256', 'id_token_es256', 'id_token_eddsa',
         'pending_put_take_1m', 'pending_bytes_per_entry', 'refresh_insert_cancel_1m', 'refresh_bytes_per_grant',
         'compile_seconds_client_tu', 'compile_megabytes_client_tu']


def repetition(name, cpu_time, unit='ns', **counters):
    return {'name': name, 'run_type': 'iteration', 'cpu_time': cpu_time, 'time_unit': unit, **counters}


class Reports(unittest.TestCase):
    def test_medians_of_processor_time_in_the_unit_of_the_measure(self):
        report = {'benchmarks': [
            repetition('id/coauth/900', 20_000), repetition('id/coauth/900', 30_000), repetition('id/coauth/900', 29, 'us'),
            repetition('id/floor/900', 10_000), repetition('id_other/floor', 1),
            {**repetition('id/coauth/900', 1), 'run_type': 'aggregate'}]}
        sample = measures.read_google_benchmark(report, 'id', 'us')
        self.assertEqual((sample.coauth, sample.floor, sample.remarks), (29, 10, []))

    def test_a_value_counts_in_place_of_time(self):
        report = {'benchmarks': [repetition('bytes/coauth', 5, value=200.5), repetition('bytes/floor', 5, value=100)]}
        sample = measures.read_google_benchmark(report, 'bytes', 'bytes')
        self.assertEqual((sample.coauth, sample.floor), (200.5, 100))

    def test_allocations_and_other_sides_are_remarks(self):
        report = {'benchmarks': [repetition('a/coauth', 2, allocations=6.0), repetition('a/floor', 1, allocations=1.0),
                                 repetition('a/signature', 1.5)]}
        self.assertEqual(measures.read_google_benchmark(report, 'a', 'ns').remarks,
                         ['6 allocations', 'signature 1.5'])

    def test_a_report_without_the_floor_is_no_sample(self):
        with self.assertRaises(RuntimeError):
            measures.read_google_benchmark({'benchmarks': [repetition('a/coauth', 2)]}, 'a', 'ns')

    def test_a_failed_benchmark_is_no_sample(self):
        report = {'benchmarks': [repetition('a/coauth', 2, error_occurred=True), repetition('a/floor', 2)]}
        with self.assertRaises(RuntimeError):
            measures.read_google_benchmark(report, 'a', 'ns')


class Rows(unittest.TestCase):
    def test_medians_ratio_peers_and_note(self):
        row = measures.assemble(Measure('m', 'ns', None, note='floor: a clock'),
                                [Sample(30, 10), Sample(21, 10), Sample(20, 10, ['6 allocations'])],
                                {'slow': [90, 100, 80], 'quick': [25]}, {'not installed': ['b', 'a'], '': ['c']})
        self.assertEqual(row, {'name': 'm', 'unit': 'ns', 'coauth': 21, 'floor': 10, 'ratio_to_floor': 2.1,
                               'peers': {'quick': 25, 'slow': 90},
                               'note': 'floor: a clock; 6 allocations; not installed: a, b'})

    def test_nothing_is_no_ratio(self):
        row = measures.assemble(Measure('m', 'allocations', None), [Sample(0, 0)], {}, {})
        self.assertIsNone(row['ratio_to_floor'])

    def test_the_names_that_others_rely_on(self):
        names = [measure.name for measure in measures.MEASURES]
        self.assertEqual([name for name in names if name in NAMES], NAMES)

    def test_each_name_is_one_measure(self):
        names = [measure.name for measure in measures.MEASURES]
        self.assertEqual(len(names), len(set(names)))


class Peers(unittest.TestCase):
    """With peers that are small scripts."""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.measure = Measure('m', 'us', None, 7)

    def ask(self, script):
        program = Path(self.folder.name) / 'measure'
        program.write_text('#!/bin/sh\n' + script)
        program.chmod(0o755)

        class Bench:
            authority = '/ca.pem'

            @staticmethod
            def server_url():
                return 'https://localhost:1'

        with contextlib.redirect_stderr(io.StringIO()):
            return Peer(Path(self.folder.name)).take(Bench, self.measure)

    def test_figures_are_of_the_unit_of_the_measure(self):
        self.assertEqual(self.ask('echo noise; echo "{\\"value\\": 1500, \\"unit\\": \\"ns\\"}"'), (1.5, ''))

    def test_what_a_peer_is_told(self):
        script = '[ "$*" = "m https://localhost:1 /ca.pem 7" ] && echo "{\\"value\\": 1, \\"unit\\": \\"us\\"}"'
        self.assertEqual(self.ask(script), (1, ''))

    def test_who_cannot_do_it_is_left_out(self):
        self.assertEqual(self.ask('exit 77'), (None, ''))
        self.assertEqual(self.ask('echo m is not installed >&2; exit 77'), (None, 'not installed'))

    def test_what_failed_is_said(self):
        self.assertEqual(self.ask('echo oops'), (None, 'failed'))
        self.assertEqual(self.ask('echo "{\\"value\\": 1, \\"unit\\": \\"us\\"}"; exit 1'), (None, 'failed'))


unittest.main()
