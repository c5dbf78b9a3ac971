"""What the network can do to a server: nonsense, slowness, and the wish that it ends."""

import os
import signal
import socket
import subprocess
import threading
import time

from harness import LOGIN_SERVER, PATIENCE, SOON, Browser, TestCase, raw


class Robustness(TestCase):
    def setUp(self):
        self.server = self.start_server()

    def alive(self):
        self.assertEqual(Browser().get(self.server.url + "/healthz").status, 200)
        self.assertIsNone(self.server.process.poll())

    def status(self, data, **rest):
        got = raw(self.server.port, data, **rest)
        return int(got.split(b" ", 2)[1]) if got.startswith(b"HTTP/1.") else None

    def test_malformed_requests(self):
        for data in (b"\x00" * 100 + b"\r\n\r\n", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"/ HTTP/1.1\r\n\r\n",
                     b"GET /\x01 HTTP/1.1\r\nHost: x\r\n\r\n", b"GET / HTTP/1.1\r\nHost x\r\n\r\n",
                     b"GET / HTTP/1.1\r\nBad Name: x\r\n\r\n", b"GET / HTTP/1.1\r\n: x\r\n\r\n",
                     b"GET / HTTP/1.1\r\nA: \x00\r\n\r\n", b"POST /logout HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
                     b"POST /logout HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
                     b"POST /logout HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
                     b"POST /logout HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n",
                     b"GET * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
                     b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n",
                     b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n",
                     b"GET http://[bad/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
                     b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 50):
            with self.subTest(data=data[:40]):
                self.assertIn(self.status(data, half_close=True), (400, 405, 413, 501))
        self.alive()

    def test_connections_that_break_off(self):
        for data in (b"", b"G", b"GET / HT", b"GET / HTTP/1.1\r\nHost: x\r\n", b"POST /logout HTTP/1.1\r\n"
                     b"Host: x\r\nContent-Length: 10\r\n\r\nabc"):
            for _ in range(5):
                with socket.create_connection(("127.0.0.1", self.server.port)) as connection:
                    connection.sendall(data)
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        self.alive()

    def test_too_large(self):
        self.assertEqual(self.status(b"GET / HTTP/1.1\r\nHost: x\r\nA: " + b"a" * 40_000 + b"\r\n\r\n"), 431)
        self.assertEqual(self.status(b"GET /" + b"a" * 40_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n"), 431)
        self.assertEqual(self.status(b"POST /callback HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n" +
                                     b"a" * 100_000), 413)
        chunks = b"".join(b"4000\r\n" + b"a" * 0x4000 + b"\r\n" for _ in range(10)) + b"0\r\n\r\n"
        self.assertEqual(self.status(b"POST /callback HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" +
                                     chunks), 413)
        self.alive()

    def test_just_large_enough(self):
        self.assertEqual(self.status(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\nA: " + b"a" * 30_000 +
                                     b"\r\n\r\n"), 200)

    def test_several_requests_on_one_connection(self):
        one = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
        last = b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        self.assertEqual(raw(self.server.port, one * 9 + last).count(b"HTTP/1.1 200"), 10)
        self.assertIn(b"HTTP/1.0 200", raw(self.server.port, b"GET /healthz HTTP/1.0\r\n\r\n"))

    def test_other_forms_of_requests(self):
        self.assertEqual(self.status(b"GET http://anything.example/healthz HTTP/1.1\r\nHost: anything.example\r\n"
                                     b"Connection: close\r\n\r\n"), 200)
        with socket.create_connection(("127.0.0.1", self.server.port), timeout=PATIENCE) as connection:
            connection.sendall(b"POST /logout HTTP/1.1\r\nHost: x\r\nConnection: close\r\nExpect: 100-continue\r\n"
                               b"Content-Length: 1\r\n\r\n")
            self.assertTrue(connection.recv(1000).startswith(b"HTTP/1.1 100 "))
            connection.sendall(b"a")
            self.assertTrue(connection.recv(1000).startswith(b"HTTP/1.1 302 "))

    def test_slow_clients(self):
        slow = []
        for _ in range(200):
            connection = socket.create_connection(("127.0.0.1", self.server.port), timeout=PATIENCE)
            connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nA: ")
            slow.append(connection)
        began = time.monotonic()
        closed = {}
        while len(closed) < len(slow) and time.monotonic() - began < PATIENCE:
            for i, connection in enumerate(slow):
                if i in closed:
                    continue
                try:
                    connection.sendall(b"a")
                    connection.setblocking(False)
                    if connection.recv(100) == b"":
                        closed[i] = True
                except BlockingIOError:
                    connection.settimeout(PATIENCE)
                except OSError:
                    closed[i] = True
            answered = time.monotonic()
            self.alive()
            self.assertLess(time.monotonic() - answered, SOON)
            time.sleep(0.5)
        for connection in slow:
            connection.close()
        self.assertEqual(len(closed), len(slow), "slow clients are still connected")
        self.assertGreater(time.monotonic() - began, 10)

    def test_clients_that_do_not_read(self):
        connections = []
        for _ in range(20):
            connection = socket.socket()
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
            connection.connect(("127.0.0.1", self.server.port))
            connection.settimeout(0.3)
            try:
                for _ in range(2000):
                    connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * 10)
            except OSError:
                pass
            connections.append(connection)
        self.alive()
        for connection in connections:
            connection.close()
        self.alive()

    def test_a_log_that_nobody_reads(self):
        reader, writer = os.pipe()
        process = subprocess.Popen([LOGIN_SERVER, "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE, stderr=writer)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        os.close(writer)
        url = process.stdout.readline().decode().split()[-1]
        os.close(reader)
        for _ in range(3):
            self.assertEqual(Browser().get(url + "/healthz").status, 200)
        process.terminate()
        self.assertEqual(process.wait(PATIENCE), 0)

    def test_the_end(self):
        for which in (signal.SIGTERM, signal.SIGINT):
            server = self.start_server()
            idle = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(10)]
            idle[0].sendall(b"GET / HTTP/1.1\r\nHo")
            self.assertLess(server.stop(which), SOON)
            for connection in idle:
                connection.close()


class EndWhileBusy(TestCase):
    def refresh_in_background(self, delay_ms):
        """A refresh that nobody asked for has been sent, and the answer is on its way."""
        self.start("--log", "json", provider_arguments=("--access-token-lifetime", "4"))
        self.signed_in()
        self.provider.spoil("token", delay_ms=delay_ms)
        self.wait_for_requests("token", 2)

    def test_RF10_a_refresh_that_is_under_way_ends_first(self):
        for delay_ms in (1500, 2500, 2000):  # a busy machine may be too late for one, or have no time left for another
            self.refresh_in_background(delay_ms)
            self.assertLess(self.server.stop(), SOON)
            names = [event["event"] for event in self.server.events()]
            if names[-2:] == ["stopping", "refresh.completed"]:
                break
        self.assertEqual(names[-2:], ["stopping", "refresh.completed"])
        self.assertEqual(self.provider.count("token"), 2)

    def test_a_refresh_that_hangs_does_not_hold_it(self):
        self.refresh_in_background(delay_ms=60_000)
        self.assertLess(self.server.stop(), SOON)
        # The scheduler is gone before the outcome is known, and it tells nothing after that.
        names = [event["event"] for event in self.server.events()]
        self.assertEqual(names[-1], "stopping")
        self.assertEqual(self.provider.count("token"), 2)

    def test_a_request_that_is_under_way_is_answered(self):
        self.start()
        self.signed_in()
        self.provider.spoil("token", delay_ms=1000)
        browser = Browser()
        back = browser.authorize(browser.get(self.server.url + "/login"), self.server.callback)
        got = []
        thread = threading.Thread(target=lambda: got.append(browser.get(back.location).status))
        thread.start()
        self.wait_for_requests("token", 2)
        self.assertLess(self.server.stop(), SOON)
        thread.join()
        self.assertEqual(got, [302])

    def test_a_provider_that_hangs_does_not_hold_it(self):
        self.start()
        self.provider.spoil("metadata", delay_ms=60_000)
        threads = [threading.Thread(target=self.try_login) for _ in range(5)]
        for thread in threads:
            thread.start()
        self.wait_for_requests("metadata", 1)
        self.assertLess(self.server.stop(), SOON)
        for thread in threads:
            thread.join()

    def try_login(self):
        try:
            Browser().get(self.server.url + "/login")
        except OSError:
            pass  # the connection ends without an answer
        except Exception as failure:  # http.client has exceptions of its own for that
            if "HTTP" not in type(failure).__mro__[1].__name__ and "Disconnected" not in type(failure).__name__:
                raise
