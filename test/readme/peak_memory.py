#!/usr/bin/env python3
"""Keeps the memory that it takes to compile coauth within the bounds that README tells.

    peak_memory.py record FILE COMMAND...   run a compiler, and write its peak of memory, in MB, to FILE
    peak_memory.py check MB FILE            fail if FILE has more
"""
import resource
import subprocess
import sys
from pathlib import Path


def record(file, *command):
    returned = subprocess.run(command, check=False).returncode
    # That of the largest process: the compiler proper.
    kilobytes = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    if returned == 0:
        Path(file).write_text(f'{kilobytes / 1024:.0f}\n')
    return returned


def check(bound, file):
    path = Path(file)
    if not path.is_file():
        print(f'{path} is not there: was the file compiled?')
        return 1
    megabytes = int(path.read_text())
    print(f'{megabytes} MB to compile, of at most {bound}')
    if megabytes > int(bound):
        print('See "What it costs to compile" in README: find what got expensive, or say in README that it is')
        return 1
    return 0


if __name__ == '__main__':
    sys.exit({'record': record, 'check': check}[sys.argv[1]](*sys.argv[2:]))
