#!/usr/bin/env python3
"""Shows that check_tree.py finds each thing that it looks for."""
import tempfile
import unittest
from pathlib import Path

import check_tree


class CheckTree(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.root = Path(self.folder.name)
        self.write('coauth/core/word.hpp', '// Floor 1.\n#include <string>\n'
                   '#ifndef COAUTH_SEPARATE_COMPILATION\n#include <coauth/impl/core/word.ipp>\n#endif\n')
        self.write('coauth/impl/core/word.ipp', '#include <coauth/core/word.hpp>\n#include <openssl/crypto.h>\n')
        self.write('coauth/src.hpp', '// Floor 5.\n#include <coauth/impl/core/word.ipp>\n')

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def includes(self, floor, target, name='coauth/other.hpp'):
        self.write(name, f'// Floor {floor}.\n#include {target}\n')
        return len(check_tree.check_includes(self.root))

    def test_a_tree_in_order_passes(self):
        self.assertEqual(check_tree.check_includes(self.root), [])
        self.assertEqual(check_tree.check_lists(self.root, ['coauth/core/word.hpp']), [])
        self.assertEqual(check_tree.check_sizes(self.root), [])

    def test_includes(self):
        for floor, target, problems in [
                (1, '<boost/url/url_view.hpp>', 0),
                (1, '<boost/json/fwd.hpp>', 1),
                (2, '<boost/json/fwd.hpp>', 0),
                (2, '<boost/json/value.hpp>', 1),
                (2, '<openssl/evp.h>', 1),
                (2, '<boost/asio/awaitable.hpp>', 1),
                (3, '<boost/asio/awaitable.hpp>', 0),
                (3, '<boost/asio/use_awaitable.hpp>', 1),
                (4, '<boost/asio/co_spawn.hpp>', 0),
                (4, '<boost/asio/steady_timer.hpp>', 1),
                (4, '<boost/asio/ip/tcp.hpp>', 1),
                (4, '<boost/asio/ssl/stream.hpp>', 1),
                (4, '<boost/beast/http.hpp>', 1),
                (4, '<boost/asio.hpp>', 1),
                (5, '<boost/beast/http.hpp>', 0),
                (1, '<unistd.h>', 1),
                (1, '"core/word.hpp"', 1),
                (1, '<coauth/missing.hpp>', 1),
                (1, '<coauth/core/word.hpp>', 0)]:
            with self.subTest(floor=floor, target=target):
                self.assertEqual(self.includes(floor, target), problems)

    def test_out_of_line_code_may_include_more_but_nothing_heavy(self):
        for floor, target, problems in [
                (1, '<boost/json/value.hpp>', 1),
                (1, '<unistd.h>', 0),
                (1, '<sys/stat.h>', 0),
                (1, '<sys/socket.h>', 1),
                (2, '<boost/json/value.hpp>', 0),
                (2, '<boost/asio/co_spawn.hpp>', 1),
                (3, '<boost/asio/co_spawn.hpp>', 0),
                (3, '<boost/asio/steady_timer.hpp>', 1),
                (4, '<boost/asio/steady_timer.hpp>', 0),
                (4, '<boost/beast/http.hpp>', 1)]:
            with self.subTest(floor=floor, target=target):
                self.write('coauth/other.hpp', f'// Floor {floor}.\n')
                self.write('coauth/impl/other.ipp', f'#include {target}\n')
                self.assertEqual(len(check_tree.check_includes(self.root)), problems)

    def test_a_higher_floor_is_out_of_reach(self):
        self.write('coauth/high.hpp', '// Floor 3.\n')
        self.assertEqual(self.includes(2, '<coauth/high.hpp>'), 1)
        self.assertEqual(self.includes(3, '<coauth/high.hpp>'), 0)

    def test_a_file_without_a_floor(self):
        self.write('coauth/other.hpp', '#include <string>\n')
        self.write('coauth/impl/helper.ipp', '#include <string>\n')
        self.assertEqual(len(check_tree.check_includes(self.root)), 2)

    def test_lists(self):
        self.assertEqual(len(check_tree.check_lists(self.root, [])), 1)
        self.assertEqual(len(check_tree.check_lists(self.root, ['coauth/core/word.hpp', 'coauth/gone.hpp'])), 1)
        self.write('coauth/impl/core/alone.ipp', '// Floor 1.\n')
        self.assertEqual(len(check_tree.check_lists(self.root, ['coauth/core/word.hpp'])), 1)
        self.write('coauth/core/alone.hpp', '// Floor 1.\n')
        listed = ['coauth/core/word.hpp', 'coauth/core/alone.hpp']
        self.assertEqual(len(check_tree.check_lists(self.root, listed)), 3)

    def test_parts_of_the_list_of_out_of_line_code(self):
        listed = ['coauth/core/word.hpp']
        self.write('coauth/src/words.hpp', '// Floor 5.\n#include <coauth/impl/core/word.ipp>\n')
        self.assertEqual(len(check_tree.check_lists(self.root, listed)), 2)  # twice in the lists, and in no whole
        self.write('coauth/src.hpp', '// Floor 5.\n')
        self.assertEqual(len(check_tree.check_lists(self.root, listed)), 1)
        self.write('coauth/src.hpp', '// Floor 5.\n#include <coauth/src/words.hpp>\n')
        self.assertEqual(check_tree.check_lists(self.root, listed), [])

    def test_mode(self):
        self.write('coauth/detail/config.hpp', '// Floor 1.\n#define COAUTH_MODE header_only\n'
                   'namespace coauth {\ninline namespace COAUTH_MODE {\n}\n}\n')
        self.write('coauth/below.hpp', '// Floor 1.\n#include <coauth/detail/config.hpp>\n')
        for text, problems in [
                ('#include <coauth/below.hpp>\nnamespace coauth::inline COAUTH_MODE {\n}\n', 0),
                ('#include <coauth/below.hpp>\nnamespace coauth::inline COAUTH_MODE::detail {\n}\n', 0),
                ('#include <coauth/core/word.hpp>\nnamespace coauth::inline COAUTH_MODE {\n}\n', 1),
                ('#include <coauth/below.hpp>\nnamespace coauth {\n}\n', 1),
                ('namespace coauth::detail {\n}\n', 1)]:
            with self.subTest(text=text):
                self.write('coauth/other.hpp', text)
                self.assertEqual(len(check_tree.check_mode(self.root)), problems)

    def test_functions(self):
        member = 'class a {\n    std::function<void(result<int>)> complete_;\n};\n'
        alias = 'using completion = std::function<void()>;\n'
        parameter = 'void on_event(std::function<void(const event&)> handler) { set(std::move(handler)); }\n'
        for name, text, problems in [
                ('coauth/other.hpp', member, 1),
                ('coauth/other.hpp', 'std::function<\n    void()>\n    complete_;\n', 1),
                ('coauth/other.hpp', 'std::move_only_function<void()> complete_{};\n', 1),
                ('coauth/other.hpp', parameter, 0),
                ('coauth/other.hpp', parameter + member, 1),
                ('coauth/other.hpp', '// Not std::function<void()> complete_;\n', 0),
                ('coauth/other.hpp', 'detail::callback<void()> complete_;\n', 0),
                ('coauth/detail/other.hpp', alias, 1),
                ('coauth/detail/other.hpp', parameter, 1),
                ('coauth/impl/other.ipp', alias + member, 2),
                ('coauth/detail/callback.hpp', alias, 0),
                ('coauth/testing/other.hpp', member, 0)]:
            with self.subTest(name=name, text=text):
                self.write(name, text)
                self.assertEqual(len(check_tree.check_functions(self.root)), problems)
                (self.root / name).unlink()

    def test_coroutines(self):
        begin, end = 'COAUTH_COROUTINES_BEGIN\n', 'COAUTH_COROUTINES_END\n'
        body = 'task f()\n{\n    co_return co_await g();\n}\n'
        for text, problems in [
                (begin + body + end, 0),
                (begin + body + end + begin + body + end, 0),
                ('// co_await\n/* co_return\n */\n', 0),
                ('#define COAUTH_COROUTINES_BEGIN \\\n    _Pragma("co_await")\n#define COAUTH_COROUTINES_END\n', 0),
                (body, 1),
                (begin + end + body, 1),
                (body + begin + end, 1),
                (begin + body, 1),
                (begin + body + begin, 1),
                (body + end, 1),
                (end + begin, 1)]:
            with self.subTest(text=text):
                self.write('coauth/other.hpp', text)
                self.assertEqual(len(check_tree.check_coroutines(self.root)), problems)

    def test_workarounds(self):
        page = self.root / 'TOOLCHAINS.md'
        listed = '| file | versions |\n|---|---|\n| `core/word.hpp`, `other.hpp` | g++ 12 |\n'
        for text, row, problems in [
                ('// g++ 12 copies lambdas\n', listed, 1),  # word.hpp names none
                ('#if BOOST_VERSION < 1\n', '', 1),
                ('// Beast 1.81 asserts\n', '', 1),
                ('// Boost.URL 1.81 wraps\n', '| `other.hpp` | |\n', 0),
                ('// Boost.URL wraps\n', '| `other.hpp` | |\n', 1),
                ('// Boost.URL wraps\n', '', 0)]:
            with self.subTest(text=text, row=row):
                self.write('coauth/other.hpp', text)
                page.write_text(row)
                self.assertEqual(len(check_tree.check_workarounds(self.root, page)), problems)

    def test_sizes(self):
        self.write('coauth/long.hpp', '// Floor 1.\n' * 501)
        self.assertEqual(len(check_tree.check_sizes(self.root)), 2)


if __name__ == '__main__':
    unittest.main()
