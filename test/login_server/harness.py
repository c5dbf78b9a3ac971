"""What the tests of the login server share: it, a provider that obeys, and a browser."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import tempfile
import time
import unittest
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

LOGIN_SERVER = os.environ["LOGIN_SERVER"]
CONTROLLED_PROVIDER = os.environ["CONTROLLED_PROVIDER"]
PATIENCE = 120  # seconds, for anything that should be there at once
SOON = 30  # seconds, for anything that must not wait for something that takes a minute
SHORTEST_GAP = 5  # seconds between two refreshes of a grant, as the library has it

CLIENT_ID = "the-client"
CLIENT_SECRET = "CANARY-client-secret-8f1c"
USER = "ada"
PASSWORD = "CANARY-password-3b77"
USER_NAME = "Ada <script>alert(1)</script> & \"Co\""


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Process:
    """A program whose output goes to files, so that it can be searched at any time."""

    def __init__(self, arguments, environment=None, stdin=None):
        self._out = tempfile.NamedTemporaryFile(prefix="coauth-", suffix=".out")
        self._err = tempfile.NamedTemporaryFile(prefix="coauth-", suffix=".err")
        clean = {name: value for name, value in os.environ.items() if name != "COAUTH_CLIENT_SECRET"}
        self.process = subprocess.Popen(arguments, stdin=stdin, stdout=self._out, stderr=self._err,
                                        env={**clean, **(environment or {})})

    @staticmethod
    def _read(file):
        with open(file.name, encoding="utf-8", errors="replace") as content:
            return content.read()

    def stdout(self):
        return self._read(self._out)

    def stderr(self):
        return self._read(self._err)

    def wait(self, seconds=PATIENCE):
        return self.process.wait(seconds)

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self._out.close()
        self._err.close()


class LoginServer(Process):
    def __init__(self, *arguments, secret=None, listen="127.0.0.1:0"):
        super().__init__([LOGIN_SERVER, "--listen", listen, *arguments],
                         {} if secret is None else {"COAUTH_CLIENT_SECRET": secret})
        deadline = time.monotonic() + PATIENCE
        while not self.stdout().endswith("\n"):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError("login_server did not start: " + self.stderr())
            time.sleep(0.01)
        self.url = re.fullmatch(r"listening on (http://\S+)\n", self.stdout()).group(1)
        self.port = urlsplit(self.url).port

    def stop(self, with_signal=signal.SIGTERM):
        """Seconds that it took to end; it has to end well."""
        began = time.monotonic()
        self.process.send_signal(with_signal)
        code = self.wait()
        took = time.monotonic() - began
        if code != 0:
            raise AssertionError(f"ended with {code}: {self.stderr()[-2000:]}")
        return took

    def events(self):
        """With --log json."""
        return [json.loads(line) for line in self.stderr().splitlines()]


class Provider:
    def __init__(self, *arguments):
        self.process = subprocess.Popen([CONTROLLED_PROVIDER, *arguments], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        self.urls = json.loads(self.process.stdout.readline())
        self.issuer = self.urls["issuer"]
        self.do("user", name=USER, password=PASSWORD,
                claims={"name": USER_NAME, "email": "ada@example.com"})

    def do(self, what, **rest):
        self.process.stdin.write(json.dumps({"do": what, **rest}) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def spoil(self, endpoint, **how):
        self.do("spoil", endpoint=endpoint, **how)

    def behave(self):
        self.do("behave")

    def count(self, endpoint):
        return self.do("count", endpoint=endpoint)

    def requests(self, endpoint):
        return self.do("requests", endpoint=endpoint)

    def register(self, redirect_uri, **rest):
        self.do("client", **{"id": CLIENT_ID, "secret": CLIENT_SECRET, "redirect_uri": redirect_uri, **rest})

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


class Response:
    def __init__(self, url, answer):
        self.url = url
        self.status = answer.status
        self.headers = answer.getheaders()
        self.body = answer.read().decode("utf-8", "replace")

    def all(self, name):
        return [value for each, value in self.headers if each.lower() == name.lower()]

    def get(self, name):
        return (self.all(name) or [None])[0]

    @property
    def location(self):
        return urljoin(self.url, self.get("Location")) if self.get("Location") else None

    def json(self):
        return json.loads(self.body)

    def code(self):
        return self.json()["code"]

    def parameters(self):
        """Of the URL that it redirects to."""
        return dict(parse_qsl(urlsplit(self.location).query))


class Browser:
    """One tab, cookies as browsers keep them: by host, whatever the port."""

    def __init__(self):
        self.cookies = {}
        self.attributes = {}
        self.pages = []  # everything that was shown, to search it

    def request(self, method, url, body=None, **headers):
        parts = urlsplit(url)
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=PATIENCE)
        send = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.cookies:
            send.setdefault("Cookie", "; ".join(f"{name}={value}" for name, value in self.cookies.items()))
        if body is not None:
            send.setdefault("Content-Type", "application/x-www-form-urlencoded")
        target = parts.path + ("?" + parts.query if parts.query else "")
        try:
            connection.request(method, target or "/", body, send)
            response = Response(url, connection.getresponse())
        finally:
            connection.close()
        for line in response.all("Set-Cookie"):
            pair, *attributes = line.split("; ")
            name, value = pair.split("=", 1)
            self.attributes[name] = attributes
            if value:
                self.cookies[name] = value
            else:
                self.cookies.pop(name, None)
        self.pages.append(response.body)
        return response

    def get(self, url, **headers):
        return self.request("GET", url, **headers)

    def get_json(self, url):
        return self.get(url, Accept="application/json")

    def post(self, url, fields=None, **headers):
        return self.request("POST", url, urlencode(fields or {}), **headers)

    @staticmethod
    def form(response):
        """The first form's action, and what is hidden in it."""
        found = re.search(r'<form [^>]*action="([^"]*)"[^>]*>(.*?)</form>', response.body.split("<main")[-1], re.S)
        fields = dict(re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', found.group(2)))
        return urljoin(response.url, unescape(found.group(1))), {n: unescape(v) for n, v in fields.items()}

    def authorize(self, response, callback, decision="allow"):
        """From the redirect to the provider to its way back: the response that leads to the callback."""
        for _ in range(10):
            if response.location and response.location.startswith(callback):
                return response
            if response.location:
                response = self.get(response.location)
                continue
            action, fields = self.form(response)
            if action == callback:
                return response
            if 'type="password"' in response.body:
                fields |= {"username": USER, "password": PASSWORD}
                fields["decision"] = "allow"
            else:
                fields["decision"] = decision
            response = self.post(action, fields)
        raise AssertionError("the provider did not send the browser back")

    def return_from(self, response, callback, **headers):
        """Follow what authorize() found."""
        if response.location:
            return self.get(response.location, **headers)
        action, fields = self.form(response)
        return self.post(action, fields, **headers)


def unescape(text):
    for entity, character in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&#39;", "'"), ("&amp;", "&")):
        text = text.replace(entity, character)
    return text


class TestCase(unittest.TestCase):
    """Starts things, and ends them after each test."""

    provider_arguments = ()
    server_arguments = ()
    callback_path = "/callback"

    def start_provider(self, *arguments):
        provider = Provider(*(arguments or self.provider_arguments))
        self.addCleanup(provider.close)
        return provider

    def start_server(self, *arguments, **rest):
        server = LoginServer(*arguments, **rest)
        self.addCleanup(server.close)
        return server

    def start(self, *arguments, provider_arguments=(), issuer=True, client=None, **rest):
        """A provider, and a login server that is registered there."""
        self.provider = self.start_provider(*provider_arguments)
        self.server = self.start_client(self.provider, *arguments, client=client, **rest)
        return self.server

    def start_client(self, provider, *arguments, client=None, **rest):
        rest.setdefault("secret", CLIENT_SECRET)
        server = self.start_server("--issuer", provider.issuer, "--insecure-loopback", "--client-id", CLIENT_ID,
                                   *arguments, **rest)
        server.callback = server.url + "/callback"
        provider.register(server.callback, **{"post_logout_redirect_uri": server.url + "/signed-out",
                                              "backchannel_logout_uri": server.url + "/backchannel-logout",
                                              **(client or {})})
        return server

    def wait_for_requests(self, endpoint, count):
        """Until the provider has had so many."""
        deadline = time.monotonic() + PATIENCE
        while self.provider.count(endpoint) < count:
            self.assertLess(time.monotonic(), deadline, endpoint)
            time.sleep(0.01)

    def assert_refreshes(self, count, since):
        """One refresh for all, since then; on a machine that is so slow, one more for each of the shortest gaps."""
        count += 1  # the code
        self.assertIn(self.provider.count("token"),
                      range(count, count + 1 + int((time.monotonic() - since) / SHORTEST_GAP)))

    def sign_in(self, browser=None, path="/login", server=None, **headers):
        """The answer to the callback."""
        server = server or self.server
        browser = browser or Browser()
        begun = browser.get(server.url + path)
        self.assertEqual(begun.status, 302, begun.body)
        back = browser.authorize(begun, server.callback)
        return browser.return_from(back, server.callback, **headers)

    def signed_in(self, **rest):
        browser = Browser()
        response = self.sign_in(browser, **rest)
        self.assertEqual(response.status, 302, response.body)
        return browser

    def assert_problem(self, response, status, code):
        self.assertEqual((response.status, response.get("Content-Type")), (status, "application/problem+json"),
                         response.body)
        problem = response.json()
        self.assertEqual(problem["code"], code)
        self.assertEqual(problem["status"], status)
        self.assertEqual(problem["type"], "about:blank")
        self.assertTrue(problem["title"] and problem["detail"])


def raw(port, data, seconds=PATIENCE, half_close=False):
    """Send bytes, and everything that comes back until the other side closes."""
    with socket.create_connection(("127.0.0.1", port), timeout=seconds) as connection:
        connection.sendall(data)
        if half_close:
            connection.shutdown(socket.SHUT_WR)
        got = b""
        try:
            while chunk := connection.recv(65536):
                got += chunk
        except (ConnectionResetError, socket.timeout):
            pass
        return got
