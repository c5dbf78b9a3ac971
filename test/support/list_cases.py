#!/usr/bin/env python3
"""The list of security cases with the result of each: list_cases.py <results.xml of ctest> <folder of Boost.Test's reports>

Which tests cover a case is in their names, see test/CASES.md. Prints the list, then a line with the counts. Exits 1 if a
case failed, or has no test that ran and does not say `later`.

    list_cases.py --check      only whether the list itself is in order
"""
import collections
import pathlib
import re
import sys
import xml.etree.ElementTree as ElementTree

LIST = pathlib.Path(__file__).resolve().parent.parent / 'security_cases.txt'
MODULE = 'oidcc-client-test-'

Case = collections.namedtuple('Case', 'id title modules later')


def read_list(path=LIST):
    cases = {}
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if not line.strip() or line.startswith('#'):
            continue
        head, *rest = [part.strip() for part in line.split(' | ')]
        found = re.fullmatch(r'([A-Z]{2}\d+) (.+)', head)
        options = dict(part.split(': ', 1) for part in rest if ': ' in part)
        if not found or len(options) != len(rest) or not set(options) <= {'suite', 'later'} or '|' in found[2]:
            sys.exit(f'{path}:{number}: not in order: {line}')
        if found[1] in cases:
            sys.exit(f'{path}:{number}: {found[1]} occurs twice')
        cases[found[1]] = Case(found[1], found[2], options.get('suite', '').split(), options.get('later'))
    return cases


class Index:
    """Which cases a name covers."""

    def __init__(self, cases):
        self.ids = set(cases)
        self.modules = collections.defaultdict(set)
        for case in cases.values():
            for module in case.modules:
                self.modules[module].add(case.id)

    def covered_by(self, name):
        found = set()
        # The IDs at the front, of a suite or test whose name is one part of the whole: a/b/TE8_TE9_what
        for part in re.split(r'[./]', name):
            part = part.removeprefix('compile_fail_').removeprefix('test_')
            while match := re.match(r'([A-Za-z]{2}\d+)(?:[_-]|$)', part):
                found.add(match[1].upper())
                part = part[match.end():]
            if MODULE in part:
                found |= self.modules.get(part.split(MODULE, 1)[1], set())
        return found & self.ids


def boost_results(folder):
    """(name, result) of each case of Boost.Test; result is passed, failed or skipped."""

    def walk(node, name):
        for child in node:
            inner = f'{name}/{child.get("name")}'
            if child.tag == 'TestSuite':
                yield from walk(child, inner)
            elif child.tag == 'TestCase':
                result = child.get('result')
                yield inner, result if result in ('passed', 'skipped') else 'failed'

    for path in sorted(folder.glob('*.xml')):
        # Empty if the program ended in the middle: what ctest says about it counts.
        if path.stat().st_size:
            yield from walk(ElementTree.parse(path).getroot(), path.stem)


def ctest_results(path):
    """The tests that ctest knows by name, and those of Python's unittest that they ran."""
    for case in ElementTree.parse(path).getroot().iter('testcase'):
        result = 'passed' if case.get('status') == 'run' else 'failed'
        if case.find('skipped') is not None and (case.find('skipped').get('message') or '').startswith('SKIP_'):
            result = 'skipped'
        yield case.get('name'), result
        for said in re.finditer(r'^test_(\w+) \([^)]*\).*?\.\.\. (ok|FAIL|ERROR|skipped)',
                                case.findtext('system-out') or '', re.M | re.S):
            yield said[1], {'ok': 'passed', 'skipped': 'skipped'}.get(said[2], 'failed')


def main():
    cases = read_list()
    if sys.argv[1:] == ['--check']:
        print(f'{len(cases)} cases')
        return 0
    index = Index(cases)
    outcomes = {case: collections.Counter() for case in cases}
    results = list(ctest_results(sys.argv[1])) + list(boost_results(pathlib.Path(sys.argv[2])))
    for name, result in results:
        for case in index.covered_by(name):
            outcomes[case][result] += 1

    totals = collections.Counter()
    for case in cases.values():
        counts = outcomes[case.id]
        if counts['failed']:
            state = 'FAILED'
        elif counts['passed']:
            state = 'passed'
        elif case.later:
            state = 'later'
        elif counts['skipped']:
            state = 'left out'
        else:
            state = 'NO TEST'
        totals[state] += 1
        tests = counts['passed'] + counts['failed']
        remark = f'({case.later})' if state == 'later' else f'({tests} tests)' if tests > 1 else ''
        print(f'{case.id:5} {state:8} {case.title} {remark}'.rstrip())
    print(f'security cases: {len(cases)}; ' + ', '.join(f'{n} {state}' for state, n in totals.items()))
    return 1 if totals['FAILED'] or totals['NO TEST'] else 0


if __name__ == '__main__':
    sys.exit(main())
