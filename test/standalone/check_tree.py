#!/usr/bin/env python3
"""Checks on the library's files that no compiler makes: lists, floors, sizes.

    check_tree.py lists INCLUDE_DIR HEADER...   every header is in the list, every .ipp in a src.hpp or one of its parts,
                                                src/*.hpp, and in its header
    check_tree.py includes INCLUDE_DIR          every file includes only what its floor may
    check_tree.py mode INCLUDE_DIR              every declaration stands in the inline namespace of its mode
    check_tree.py functions INCLUDE_DIR         the library keeps its functions where a move leaves nothing behind
    check_tree.py coroutines INCLUDE_DIR        every coroutine stands between the macros that silence g++
    check_tree.py workarounds INCLUDE_DIR       TOOLCHAINS.md lists the files that name a version of a compiler or of Boost
    check_tree.py sizes INCLUDE_DIR             median, 90th percentile and maximum of lines a file

A floor is the number in a header's first line; an .ipp stands on the floor of its header. An .ipp without a header
is a helper of others: it says its floor itself.
"""
import math
import re
import statistics
import sys
from pathlib import Path

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(.+?)[ \t]*$', re.MULTILINE)
FLOOR = re.compile(r'// Floor ([1-5])\.')

# What a header of each floor may include of Boost beyond what the floors below it may. Prefixes.
BOOST_IN_HEADERS = {
    1: ['boost/version.hpp', 'boost/config', 'boost/assert', 'boost/throw_exception.hpp',
        'boost/system/', 'boost/url/', 'boost/variant2/'],
    2: ['boost/json/fwd.hpp'],
    # Beside awaitable.hpp, what lets an exchange run on without its caller; these headers are cheap.
    3: ['boost/asio/awaitable.hpp', 'boost/asio/any_io_executor.hpp', 'boost/asio/bind_cancellation_slot.hpp',
        'boost/asio/cancellation_signal.hpp', 'boost/asio/cancellation_state.hpp', 'boost/asio/co_spawn.hpp',
        'boost/asio/dispatch.hpp', 'boost/asio/post.hpp', 'boost/asio/strand.hpp', 'boost/asio/this_coro.hpp'],
    4: ['boost/asio/'],
}
# And what out-of-line code may beyond the headers of its floor.
BOOST_IN_IPP = {1: [], 2: ['boost/json/'], 3: ['boost/asio/'], 4: []}

TIMERS = re.compile(r'boost/asio/.*(timer|waitable_timer|wait_traits)')
# Costs seconds and hundreds of megabytes in each file that sees it: adapters only.
HEAVY = re.compile(r'boost/(beast|redis|asio/(ssl|ip|local|posix|stream_file|connect|signal_set))\b')
# Files and processes, which the standard library does not know well enough: in .ipp, behind a check of the system.
POSIX = re.compile(r'(fcntl|poll|unistd|sys/(file|stat))\.h')
STANDARD = re.compile(r'[a-z_]+')


def files(root, *suffixes):
    return sorted(p for p in root.rglob('*') if p.suffix in suffixes)


def header_of(root, path):
    """The header of an .ipp; a header itself."""
    return root / path.relative_to(root).as_posix().replace('coauth/impl/', 'coauth/', 1).replace('.ipp', '.hpp')


def floor_of(root, path):
    header = header_of(root, path)
    match = FLOOR.match((header if header.is_file() else path).read_text())
    return int(match[1]) if match else None


def allowed(target, floor, in_ipp):
    """None, or why this include is against the rules."""
    if floor == 5:
        return None
    if STANDARD.fullmatch(target):
        return None
    if HEAVY.match(target):
        return 'only an adapter (floor 5) may include this'
    if target.startswith('openssl/'):
        return None if in_ipp else 'OpenSSL belongs into the .ipp'
    if POSIX.fullmatch(target):
        return None if in_ipp else 'POSIX belongs into the .ipp'
    if target.startswith('boost/'):
        if TIMERS.match(target):
            return None if in_ipp and floor == 4 else 'timers belong into an .ipp of floor 4'
        prefixes = [p for f, some in BOOST_IN_HEADERS.items() if f <= floor for p in some]
        if in_ipp:
            prefixes += [p for f, some in BOOST_IN_IPP.items() if f <= floor for p in some]
        if any(target.startswith(p) for p in prefixes):
            return None
        return f'not on floor {floor}' + ('' if in_ipp else ' in a header')
    return 'neither standard, Boost, OpenSSL nor coauth'


def check_includes(root):
    problems = []
    for path in files(root, '.hpp', '.ipp'):
        name = path.relative_to(root)
        floor = floor_of(root, path)
        if floor is None:
            problems.append(f'{name}: the first line does not say "// Floor N."')
            continue
        for spelled in INCLUDE.findall(path.read_text()):
            if not (spelled.startswith('<') and spelled.endswith('>')):
                problems.append(f'{name}: include {spelled} with angle brackets, from the include root')
                continue
            target = spelled[1:-1]
            if target == 'coauth.hpp' or target.startswith('coauth/'):
                other = root / target
                if not other.is_file():
                    problems.append(f'{name}: there is no {target}')
                elif (there := floor_of(root, other)) is not None and there > floor:
                    problems.append(f'{name}: floor {floor} includes {target} of floor {there}')
            elif (reason := allowed(target, floor, path.suffix == '.ipp')):
                problems.append(f'{name}: {target}: {reason}')
    return problems


def check_lists(root, listed):
    problems = []
    headers = {p.relative_to(root).as_posix() for p in files(root, '.hpp')}
    sources = {h for h in headers if h.endswith('/src.hpp') or Path(h).parent.name == 'src'}
    problems += [f'{h} is not in test/standalone/headers.cmake' for h in sorted(headers - sources - set(listed))]
    problems += [f'test/standalone/headers.cmake lists {h}, which is not there' for h in sorted(set(listed) - headers)]
    parts = {h for h in sources if not h.endswith('/src.hpp')}
    for part in sorted(parts):
        whole = f'{Path(part).parent}.hpp'
        if whole not in sources or f'#include <{part}>\n' not in (root / whole).read_text():
            problems.append(f'{part} is not included by {whole}')
    texts = {p: p.read_text() for p in files(root, '.ipp')}
    in_sources = [t[1:-1] for s in sources for t in INCLUDE.findall((root / s).read_text())]
    for path, text in texts.items():
        name = path.relative_to(root).as_posix()
        header = header_of(root, path)
        if not header.is_file():
            if not any(f'#include <{name}>' in other for other in texts.values()):
                problems.append(f'{name} has no header and no other .ipp includes it')
            continue
        if in_sources.count(name) != 1:
            problems.append(f'{name} is {in_sources.count(name)} times in the src.hpp files and their parts, not once')
        guarded = f'#ifndef COAUTH_SEPARATE_COMPILATION\n#include <{name}>\n'
        if guarded not in header.read_text():
            problems.append(f'{name} is not included at the end of its header unless compiled separately')
        if f'#include <{header.relative_to(root).as_posix()}>' not in text:
            problems.append(f'{name} does not include its header')
    return problems


def check_mode(root):
    """Without config.hpp, COAUTH_MODE would be the name of a namespace."""
    config = 'coauth/detail/config.hpp'
    texts = {p.relative_to(root).as_posix(): p.read_text() for p in files(root, '.hpp', '.ipp')}

    def reaches_config(name, seen):
        if name == config:
            return True
        seen.add(name)
        targets = [t[1:-1] for t in INCLUDE.findall(texts.get(name, '')) if t.endswith('.hpp>')]
        return any(reaches_config(t, seen) for t in targets if t not in seen)

    problems = []
    for name, text in texts.items():
        # config.hpp itself declares the inline namespace.
        if name != config and re.search(r'^ *namespace coauth(?!::inline COAUTH_MODE\b)', text, re.MULTILINE):
            problems.append(f'{name}: a namespace coauth without "::inline COAUTH_MODE"')
        if 'COAUTH_MODE' in text and not reaches_config(name, set()):
            problems.append(f'{name}: COAUTH_MODE without an include that leads to {config}')
    return problems


KEPT_FUNCTION = re.compile(r'\bstd::(?:move_only_)?function<')
# A member is declared over to its name with an underscore in its end; a parameter has none.
FUNCTION_MEMBER = re.compile(r'\bstd::(?:move_only_)?function<[^;{}]*>\s+\w+_(?:\{\})?;')
# Hooks and settings: their owners copy them and count on nothing after a move.
OF_APPLICATIONS = re.compile(r'coauth/(impl/)?testing/')


def check_functions(root):
    """What is left in a moved-from std::function is unspecified: with libc++, a copy that owns what it captured."""
    problems = []
    for path in files(root, '.hpp', '.ipp'):
        name = path.relative_to(root).as_posix()
        if name == 'coauth/detail/callback.hpp' or OF_APPLICATIONS.match(name):
            continue
        private = '/detail/' in name or path.suffix == '.ipp'
        text = re.sub(r'//.*', '', path.read_text())
        for match in (KEPT_FUNCTION if private else FUNCTION_MEMBER).finditer(text):
            line = text.count('\n', 0, match.start()) + 1
            problems.append(f'{name}:{line}: a std::function, where detail::callback is meant')
    return problems


def check_coroutines(root):
    """Users see warnings about coroutines in headers, and -Werror of theirs makes them errors."""
    problems = []
    for path in files(root, '.hpp', '.ipp'):
        text = re.sub(r'//.*|^[ \t]*#define(.*\\\n)*.*', '', path.read_text(), flags=re.MULTILINE)
        text = re.sub(r'/\*.*?\*/', '', text, flags=re.DOTALL)
        depth = 0
        for word in re.findall(r'\b(?:co_await|co_return|COAUTH_COROUTINES_BEGIN|COAUTH_COROUTINES_END)\b', text):
            depth += {'COAUTH_COROUTINES_BEGIN': 1, 'COAUTH_COROUTINES_END': -1}.get(word, 0)
            if depth not in (0, 1) or (depth == 0 and word.startswith('co_')):
                break
        else:
            if depth == 0:
                continue
        problems.append(f'{path.relative_to(root)}: a coroutine that is not between COAUTH_COROUTINES_BEGIN and _END, '
                        'or one of these without the other')
    return problems


NAMED_VERSION = re.compile(r'\b(?:Boost(?:\.[A-Z]\w*)?|Beast|Asio|g\+\+|clang|libc\+\+)(?: \(seen with)? \d|\bBOOST_VERSION\b')


def check_workarounds(root, page=None):
    page = page or Path(__file__).parent.parent / 'TOOLCHAINS.md'
    rows = [line.split('|')[1] for line in page.read_text().splitlines() if line.startswith('| `')]
    listed = {name for row in rows for name in re.findall(r'`([^`]+)`', row)}
    found = {p.relative_to(root / 'coauth').as_posix() for p in files(root / 'coauth', '.hpp', '.ipp')
             if NAMED_VERSION.search(p.read_text())}
    return ([f'{name} names a version, and {page.name} has no row for it' for name in sorted(found - listed)] +
            [f'{page.name} has a row for {name}, which names no version' for name in sorted(listed - found)])


def check_sizes(root):
    lines = {p.relative_to(root): p.read_text().count('\n') for p in files(root, '.hpp', '.ipp')}
    counts = sorted(lines.values())
    median = statistics.median(counts)
    p90 = counts[math.ceil(0.9 * len(counts)) - 1]
    print(f'{len(counts)} files, {sum(counts)} lines: median {median:g}, 90th percentile {p90}, largest {counts[-1]}')
    problems = [f'{name} has {n} lines, more than 500' for name, n in sorted(lines.items()) if n > 500]
    if median > 110:
        problems.append(f'the median is {median:g} lines, more than 110')
    if p90 > 350:
        problems.append(f'the 90th percentile is {p90} lines, more than 350')
    return problems


def main():
    what, root = sys.argv[1], Path(sys.argv[2])
    if not (root / 'coauth').is_dir():
        sys.exit(f'{root} is not the include folder')
    checks = {'lists': lambda: check_lists(root, sys.argv[3:]),
              'includes': lambda: check_includes(root),
              'mode': lambda: check_mode(root),
              'functions': lambda: check_functions(root),
              'coroutines': lambda: check_coroutines(root),
              'workarounds': lambda: check_workarounds(root),
              'sizes': lambda: check_sizes(root)}
    problems = checks[what]()
    for problem in problems:
        print(problem)
    sys.exit(1 if problems else 0)


if __name__ == '__main__':
    main()
