"""Several processes on one Redis: who is signed in at one is signed in at all."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time

from harness import CLIENT_SECRET, LOGIN_SERVER, PATIENCE, SHORTEST_GAP, SOON, Browser, TestCase, free_port, raw

REDIS_SERVER = os.environ.get("REDIS_SERVER") or shutil.which("redis-server") or shutil.which("valkey-server")
if not REDIS_SERVER:
    print("SKIP: no redis-server")
    sys.exit(77)


class Redis:
    """A server of its own, that keeps what it was told whatever happens to it."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="coauth-redis-")
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}"
        self.process = None
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            [REDIS_SERVER, "--port", str(self.port), "--bind", "127.0.0.1", "--dir", self.folder.name, "--save", "",
             "--appendonly", "yes", "--appendfsync", "always"], stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                if raw(self.port, b"PING\r\nQUIT\r\n").startswith(b"+PONG"):
                    return
            except OSError:
                pass
            if time.monotonic() > deadline:
                raise AssertionError("redis-server did not start")
            time.sleep(0.02)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def close(self):
        if self.process.poll() is None:
            self.kill()
        self.folder.cleanup()

    def everything(self):
        """All that it ever wrote."""
        out = b""
        for folder, _, files in os.walk(self.folder.name):
            for name in files:
                with open(os.path.join(folder, name), "rb") as file:
                    out += file.read()
        return out


class ManyProcesses(TestCase):
    def setUp(self):
        self.redis = Redis()
        self.addCleanup(self.redis.close)

    def start_process(self, *arguments):
        """One more process of the site."""
        server = self.start_server(
            "--issuer", self.provider.issuer, "--insecure-loopback", "--client-id", "the-client", "--redirect-uri",
            self.server.callback, "--post-logout-redirect-uri", self.server.url + "/signed-out", *self.common, *arguments,
            secret=CLIENT_SECRET)
        server.callback = self.server.callback
        return server

    def start_site(self, count=2, provider_arguments=(), stores=("state", "token")):
        """The provider sends people back to the first, wherever they began. Cookies go to all: they are of one host."""
        self.provider = self.start_provider(*provider_arguments)
        self.common = ["--resource", self.provider.urls["api"], "--log", "json"]
        for store in stores:
            self.common += [f"--{store}-store", self.redis.url]
        self.server = self.start_client(self.provider, *self.common)
        self.processes = [self.server] + [self.start_process() for _ in range(count - 1)]
        return self.processes

    def assert_signed_in(self, browser, *servers, expected=True):
        for server in servers:
            self.assertEqual(browser.get(server.url + "/profile").status, 200 if expected else 401)

    def at_once(self, browser, count, what):
        """What `count` tabs of the browser get."""
        got = []

        def call(i):
            one = Browser()
            one.cookies = dict(browser.cookies)
            got.append(what(one, self.processes[i % len(self.processes)]))

        threads = [threading.Thread(target=call, args=(i,)) for i in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return got

    def test_begun_here_completed_there_and_signed_in_everywhere(self):
        one, two, three = self.start_site(3)
        browser = Browser()
        back = browser.authorize(browser.get(two.url + "/login"), one.callback)
        cookies = dict(browser.cookies)
        self.assertEqual(browser.return_from(back, one.callback).status, 302)
        profiles = [browser.get_json(server.url + "/profile").json() for server in (one, two, three)]
        self.assertEqual(profiles[0]["subject"], "ada")
        self.assertEqual(profiles[0]["userinfo"]["sub"], "ada")
        self.assertEqual(profiles, [profiles[0]] * 3)
        for server in (three, two, one):
            self.assertEqual(browser.get_json(server.url + "/resource").json()["status"], 200)
        self.assertEqual(self.provider.count("token"), 1)
        # The callback works once, at whichever.
        again = Browser()
        again.cookies = cookies
        query = back.location.split("?", 1)[1]
        for server in (two, one):
            response = again.get_json(server.url + "/callback?" + query)
            self.assertEqual(response.status, 400)
        self.assertEqual(self.provider.count("token"), 1)

    def test_RF1_one_refresh_whoever_wants_it(self):
        self.start_site(3)
        browser = self.signed_in()
        self.provider.spoil("token", delay_ms=300)
        began = time.monotonic()
        got = self.at_once(browser, 18, lambda tab, server: tab.post(server.url + "/refresh",
                                                                     Accept="application/json").status)
        self.assertEqual(got, [200] * 18)
        self.assert_refreshes(1, since=began)
        expiry = {browser.get_json(server.url + "/profile").json()["token"]["expires_at"] for server in self.processes}
        self.assertEqual(len(expiry), 1)
        names = [event["event"] for server in self.processes for event in server.events()]
        if time.monotonic() - began < SHORTEST_GAP:  # else there may have been another one
            self.assertEqual((names.count("refresh.completed"), names.count("refresh.adopted")), (1, 2))

    def test_signed_out_here_and_there(self):
        one, two = self.start_site()
        browser = self.signed_in()
        self.assert_signed_in(browser, one, two)
        stolen = Browser()
        stolen.cookies = dict(browser.cookies)
        browser.post(two.url + "/logout")
        self.assert_signed_in(stolen, one, two, expected=False)
        self.assertEqual(stolen.post(one.url + "/refresh").status, 401)
        self.assertEqual(self.provider.count("token"), 1)

    def test_the_provider_tells_one_and_means_all(self):
        one, two = self.start_site()
        ada, other = self.signed_in(), self.signed_in()
        self.assert_signed_in(ada, one, two)
        self.assert_signed_in(other, one, two)
        claims = ada.get_json(two.url + "/profile").json()["claims"]
        now = int(time.time())
        token = {"iss": self.provider.issuer, "aud": "the-client", "iat": now, "exp": now + 60, "jti": "one",
                 "sub": "ada", "events": {"http://schemas.openid.net/event/backchannel-logout": {}}}
        header = {"alg": "RS256", "kid": self.provider.do("key"), "typ": "logout+jwt"}

        def notify(server, **more):
            signed = self.provider.do("sign", header=header, claims={**token, **more})
            self.assertEqual(Browser().post(server.url + "/backchannel-logout", {"logout_token": signed}).status, 200)

        # One session, told to a process that did not begin it.
        notify(two, sid=claims["sid"])
        self.assert_signed_in(ada, one, two, expected=False)
        self.assert_signed_in(other, one, two)
        # All of hers; and who signs in afterwards is signed in.
        notify(two, jti="two")
        self.assert_signed_in(other, two, one, expected=False)
        self.assert_signed_in(self.signed_in(), one, two)

    def test_a_grant_that_ended_is_over_everywhere(self):
        one, two = self.start_site()
        browser = self.signed_in()
        self.assert_signed_in(browser, one, two)
        self.provider.do("revoke_everything")
        response = browser.post(one.url + "/refresh", Accept="application/json")
        self.assert_problem(response, 502, "coauth.server:invalid_grant")
        self.assert_problem(browser.post(two.url + "/refresh", Accept="application/json"), 401,
                            "login_server:not_signed_in")
        self.assertEqual(self.provider.count("token"), 2)

    def test_a_process_that_was_killed(self):
        one, two = self.start_site()
        browser = self.signed_in()
        one.process.kill()
        one.process.wait()
        self.assert_signed_in(browser, two)
        self.assertEqual(browser.post(two.url + "/refresh", Accept="application/json").status, 200)
        three = self.start_process()
        self.assert_signed_in(browser, three)
        self.assertEqual(self.provider.count("token"), 2)

    def test_RF10_a_process_that_ends_loses_no_grant(self):
        """What its last refresh brings is in the store before it goes."""
        one, = self.start_site(1, provider_arguments=("--access-token-lifetime", "4"))
        browser = self.signed_in()
        self.provider.spoil("token", delay_ms=1500)
        self.wait_for_requests("token", 2)
        self.assertLess(one.stop(), SOON)
        # A busy machine may have it before.
        self.assertEqual({event["event"] for event in one.events()[-2:]}, {"stopping", "refresh.completed"})
        self.provider.behave()
        # The provider takes each refresh token once.
        for _ in range(2):
            two = self.start_process()
            self.assert_signed_in(browser, two)
            deadline = time.monotonic() + PATIENCE
            count = self.provider.count("token")
            while self.provider.count("token") == count:
                self.assertLess(time.monotonic(), deadline, two.stderr())
                self.assertEqual(browser.post(two.url + "/refresh", Accept="application/json").status, 200)
                time.sleep(0.2)
            self.assertLess(two.stop(), SOON)
        used = [re.search("refresh_token=([^&]+)", request["body"]) for request in self.provider.requests("token")]
        used = [found.group(1) for found in used if found]
        self.assertEqual(len(used), len(set(used)))
        self.assertGreaterEqual(len(used), 3)

    def test_redis_is_down(self):
        one, two = self.start_site()
        browser = self.signed_in()
        self.assert_signed_in(browser, one, two)
        self.redis.kill()
        # Nobody signs in.
        began = time.monotonic()
        response = Browser().get_json(one.url + "/login")
        self.assert_problem(response, 503, "coauth.client:state_store_failed")
        self.assertIn("is down", Browser().get(one.url + "/login").body)
        self.assertLess(time.monotonic() - began, SOON)
        # Who is signed in goes on with what there is, and nothing is sent that could not be kept.
        self.assert_signed_in(browser, one, two)
        self.assertEqual(browser.get_json(two.url + "/resource").json()["status"], 200)
        response = browser.post(two.url + "/refresh", Accept="application/json")
        self.assert_problem(response, 503, "coauth.client:token_store_failed")
        self.assertEqual(self.provider.count("token"), 1)
        self.assertEqual(Browser().get(one.url + "/healthz").status, 200)
        # A process that has not seen them does not know.
        three = self.start_process()
        self.assert_problem(browser.get_json(three.url + "/profile"), 503, "coauth.client:token_store_failed")
        # It comes back, and knows what it knew.
        self.redis.start()
        deadline = time.monotonic() + PATIENCE
        while browser.get_json(three.url + "/profile").status != 200:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.1)
        deadline = time.monotonic() + PATIENCE
        while browser.post(two.url + "/refresh", Accept="application/json").status != 200:
            self.assertLess(time.monotonic(), deadline, two.stderr())
            time.sleep(0.2)
        self.assertEqual(self.provider.count("token"), 2)
        self.assertEqual(self.sign_in(Browser()).status, 302)
        for server in (one, two, three):
            self.assertLess(server.stop(), SOON)

    def test_a_callback_while_redis_is_down(self):
        self.start_site(1)
        browser = Browser()
        back = browser.authorize(browser.get(self.server.url + "/login"), self.server.callback)
        self.redis.kill()
        response = browser.return_from(back, self.server.callback, Accept="application/json")
        self.assert_problem(response, 503, "coauth.client:state_store_failed")
        self.assertEqual(self.provider.count("token"), 0)

    def test_tokens_that_could_not_be_kept_are_revoked(self):
        """The token store alone is down."""
        self.start_site(1, stores=("token",))
        browser = Browser()
        back = browser.authorize(browser.get(self.server.url + "/login"), self.server.callback)
        self.redis.kill()
        response = browser.return_from(back, self.server.callback, Accept="application/json")
        self.assert_problem(response, 503, "coauth.client:token_store_failed")
        self.assertNotIn("login_session", browser.cookies)
        self.wait_for_requests("revocation", 2)
        self.assertEqual(self.provider.count("revocation"), 2)

    def test_no_secret_in_redis_or_in_a_log(self):
        one, two = self.start_site()
        browser = self.signed_in()
        browser.post(two.url + "/refresh")
        browser.get(one.url + "/resource")
        cookies = list(browser.cookies.values())
        browser.post(one.url + "/logout")
        found = set(cookies) | {CLIENT_SECRET, "ada@example.com"}
        for endpoint in ("token", "revocation", "api", "authorization"):
            for request in self.provider.requests(endpoint):
                found.update(re.findall(r"(?:code|code_verifier|refresh_token|token|state|nonce)=([^&]+)",
                                        request["body"] + "&" + request["target"]))
                found.update(request["fields"].get("Authorization", "").split(" ")[1:])
        self.assertGreater(len(found), 10)
        places = [self.redis.everything().decode("latin-1"), one.stderr(), two.stderr()]
        self.assertGreater(len(places[0]), 1000)
        for secret in found:
            for place in places:
                self.assertNotIn(secret, place)


class Refused(TestCase):
    def test_a_public_client_needs_a_file_of_keys(self):
        got = subprocess.run([LOGIN_SERVER, "--listen", "127.0.0.1:0", "--issuer", "https://provider.example",
                              "--client-id", "me", "--token-store", "redis://127.0.0.1:1"],
                             capture_output=True, text=True, timeout=PATIENCE)
        self.assertEqual((got.returncode, got.stdout, got.stderr.count("\n")), (2, "", 1), got)
        self.assertIn("--seal-key-file", got.stderr)
