#!/usr/bin/env python3
"""Finds the patterns around co_await that g++ 12 miscompiles, and others that compilers take in different ways.

    coroutine_lint.py CLANG_QUERY QUERY self-test SAMPLE -- COMPILER_OPTION...
    coroutine_lint.py CLANG_QUERY QUERY check SOURCE... -- COMPILER_OPTION...

The self-test demands that exactly the lines that the sample marks are found, each for the reason that it names.
"""
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

FOUND = re.compile(r'^(?P<file>[^\n:]+):(?P<line>\d+):\d+: note: "(?P<name>\w+)" binds here', re.MULTILINE)
ERROR = re.compile(r'^.*\berror: .*', re.MULTILINE)


def findings(tool, query, options, source):
    """The set of (file, line, pattern) in the source and what it includes; raises if it does not parse."""
    run = subprocess.run([tool, '-f', query, source, '--', *options], capture_output=True, text=True)
    output = run.stdout + run.stderr
    if run.returncode or ERROR.search(output) or 'matches.' not in output:
        why = ERROR.findall(output)[:20] or [output[:2000]]
        raise RuntimeError(f'{tool} could not read {source}:\n' + '\n'.join(why))
    return {(Path(m['file']).resolve(), int(m['line']), m['name']) for m in FOUND.finditer(output)}


def marked(sample):
    """What the sample's comments announce."""
    lines = set()
    for number, line in enumerate(sample.read_text().splitlines(), 1):
        if match := re.search(r'// BAD: (.*)', line):
            words = re.findall(r'\w+_\w+', match[1])
            lines |= {(sample.resolve(), number + ('(next line)' in match[1]), word) for word in words}
    return lines


def main():
    tool, query, what, *rest = sys.argv[1:]
    end = rest.index('--')
    options = rest[end + 1:]
    sources = [Path(path) for path in rest[:end]]
    if not sources:
        sys.exit('no source to look at')
    problems, found = [], set()
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for source, reading in [(s, pool.submit(findings, tool, query, options, s)) for s in sources]:
            try:
                found |= reading.result()
            except RuntimeError as error:
                problems.append(str(error))
    if what == 'self-test':
        expected = marked(sources[0])
        assert len({name for _, _, name in expected}) == query_patterns(query), 'the sample must show every pattern'
        problems += [f'{file}:{line}: not found: {name}' for file, line, name in sorted(expected - found)]
        problems += [f'{file}:{line}: found without a reason: {name}' for file, line, name in sorted(found - expected)]
    else:
        problems += [f'{file}:{line}: {name}' for file, line, name in sorted(found)]
    for problem in problems:
        print(problem)
    if not problems:
        print(f'{len(sources)} files and what they include: nothing found that was not expected')
    sys.exit(1 if problems else 0)


def query_patterns(query):
    return len(set(re.findall(r'\.bind\("(\w+)"\)', Path(query).read_text())))


if __name__ == '__main__':
    main()
