#!/usr/bin/env python3
"""Sums up what ctest wrote with --output-junit: counts of passed, failed and skipped, then a line for each test that
failed or was skipped: kind, name and reason, separated by tabs."""
import re
import sys
import xml.etree.ElementTree as ElementTree


def reason(case):
    said = re.search(r'SKIP: (.*)', case.findtext('system-out') or '')
    return said[1].strip() if said else 'it did not say why'


def main():
    suite = ElementTree.parse(sys.argv[1]).getroot()
    counts = {'passed': 0, 'failed': 0, 'skipped': 0}
    lines = []
    for case in suite.iter('testcase'):
        message = (case.find('skipped').get('message') or '') if case.find('skipped') is not None else ''
        if case.get('status') == 'run':
            kind, why = 'passed', ''
        elif case.get('status') == 'disabled':
            kind, why = 'skipped', 'disabled'
        elif message.startswith('SKIP_'):
            kind, why = 'skipped', reason(case)
        else:
            # Also a test that was never built, or whose fixture failed: nobody left it out on purpose.
            kind, why = 'failed', message
        counts[kind] += 1
        if kind != 'passed':
            lines.append(f'{kind}\t{case.get("name")}\t{why}')
    print(counts['passed'], counts['failed'], counts['skipped'])
    print('\n'.join(lines))


if __name__ == '__main__':
    main()
