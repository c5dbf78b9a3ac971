#!/usr/bin/env python3
"""Keeps the README true.

    readme.py extract README FOLDER     write each block after a `<!-- test: NAME ... -->` to FOLDER/NAME
    readme.py check README ROOT         its limits, enumerators and links are those of the files in ROOT
"""
import re
import sys
from pathlib import Path

BLOCK = re.compile(r'^<!-- test: (\S+) [^\n]*-->\n```\w+\n(.*?)^```$', re.MULTILINE | re.DOTALL)
TABLE_ROW = re.compile(r'^\| `(\w+)` \| ([^|]*) \|', re.MULTILINE)
# Members as the headers declare them, with their default. The trailing _ is that of private ones.
MEMBER = re.compile(r'^\s+(?:std::chrono::)?(milliseconds|seconds|(?:std::)?size_t|unsigned) (\w+?)_?\s*(?:=\s*([^;{]+)|\{([^;}]*)\});',
                    re.MULTILINE)
HOURS = re.compile(r'std::chrono::hours\((\d+)\)')
UNITS = {'': 1, 's': 1000, 'h': 3600 * 1000, 'KiB': 1024, 'MiB': 1024 * 1024}
ENUMERATOR = re.compile(r'`(?:coauth::)?(errc|server_errc|condition)::(\w+)`')
LINK = re.compile(r'\]\(([^)#:]+)(#[^)]*)?\)')
ANCHOR = re.compile(r'\]\(#([^)]*)\)')


def extract(text, folder):
    folder.mkdir(parents=True, exist_ok=True)
    marks = text.count('<!-- test:')
    blocks = BLOCK.findall(text)
    if not blocks or len(blocks) != marks:
        sys.exit(f'README: {marks} blocks are marked as tested, and {len(blocks)} can be read')
    for name, content in blocks:
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        # An unchanged file stays as old as it is, so that nothing is built again.
        if not path.is_file() or path.read_text() != content:
            path.write_text(content)


def documented(text, section):
    """Name and value, in milliseconds, bytes or things, of each row of the section's tables."""
    body = text.split(f'\n## {section}\n')[1].split('\n## ')[0]
    out = {}
    for name, value in TABLE_ROW.findall(body):
        number, _, unit = value.strip().partition(' ')
        out[name] = int(number) * UNITS[unit]
    return out


def declared(header):
    out = {}
    for kind, name, by_equals, by_braces in MEMBER.findall(header):
        value = 1000 if kind == 'seconds' else 1
        for part in (by_equals or by_braces).split('*'):
            count = HOURS.fullmatch(part.strip())
            value *= int(count[1]) * 3600 if count else int(part.replace("'", ''))
        out[name] = value
    return out


def anchors(text):
    for title in re.findall(r'^#+ (.*)$', text, re.MULTILINE):
        yield re.sub(r'[^\w -]', '', title.lower()).replace(' ', '-')


def check(text, root):
    include = root / 'include/coauth'
    problems = []

    limits = declared((include / 'core/limits.hpp').read_text())
    limits |= declared((include / 'https_transport_settings.hpp').read_text())
    table = documented(text, 'Limits')
    for name in sorted(limits.keys() | table.keys()):
        if limits.get(name) != table.get(name):
            problems.append(f'{name}: README says {table.get(name)}, the header {limits.get(name)}')

    errors = (include / 'core/error.hpp').read_text()
    for enum, name in ENUMERATOR.findall(text):
        body = re.search(rf'enum class {enum} {{(.*?)}};', errors, re.DOTALL)[1]
        if not re.search(rf'^\s+{name}\b', body, re.MULTILINE):
            problems.append(f'there is no {enum}::{name}')

    for path, _ in LINK.findall(text):
        if not (root / path).exists():
            problems.append(f'there is no {path}')
    for anchor in set(ANCHOR.findall(text)) - set(anchors(text)):
        problems.append(f'there is no section {anchor}')

    if problems:
        sys.exit('\n'.join(problems))
    print(f'{len(table)} limits, {len(ENUMERATOR.findall(text))} enumerators and all links are right')


def main():
    command, readme, path = sys.argv[1:]
    {'extract': extract, 'check': check}[command](Path(readme).read_text(), Path(path))


main()
