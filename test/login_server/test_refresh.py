"""Tokens that are kept fresh: in the background, on demand, and when an API refuses them."""

import datetime
import re
import threading
import time

from harness import PATIENCE, Browser, TestCase


class Refresh(TestCase):
    def events(self, *names):
        return [event for event in self.server.events() if event["event"] in names]

    def wait_for(self, name, count=1):
        deadline = time.monotonic() + PATIENCE
        while len(self.events(name)) < count:
            self.assertLess(time.monotonic(), deadline, self.server.stderr())
            time.sleep(0.02)
        return self.events(name)

    def start_with_api(self, *arguments, **rest):
        provider = self.provider = self.start_provider(*rest.pop("provider_arguments", ()))
        self.server = self.start_client(provider, "--resource", provider.urls["api"], "--log", "json", *arguments,
                                        **rest)

    def assert_no_secret(self, browser):
        """Neither a cookie nor a token is in the log."""
        secrets = set(browser.cookies.values())
        for endpoint in ("token", "revocation", "api", "userinfo"):
            for request in self.provider.requests(endpoint):
                secrets.update(re.findall(r"(?:refresh_token|token|code|code_verifier)=([^&]+)", request["body"]))
                secrets.update(request["fields"].get("Authorization", "").split(" ")[1:])
        self.assertGreater(len(secrets), 4)
        for secret in secrets:
            self.assertNotIn(secret, self.server.stderr())

    def test_RF1_in_the_background(self):
        """Nobody asks for anything, and the token is always good."""
        self.start_with_api(provider_arguments=("--access-token-lifetime", "8"))
        browser = self.signed_in()
        before = browser.get_json(self.server.url + "/profile").json()["token"]["expires_at"]
        done = self.wait_for("refresh.completed")
        ago = time.time() - datetime.datetime.fromisoformat(done[0]["time"].replace("Z", "+00:00")).timestamp()
        self.assert_refreshes(1, since=time.monotonic() - ago)
        self.assertRegex(done[0]["grant"], r"^[A-Za-z0-9_-]{12}$")
        self.assertNotIn(done[0]["grant"], "".join(browser.cookies.values()))
        self.assertGreater(browser.get_json(self.server.url + "/profile").json()["token"]["expires_at"], before)
        self.assertEqual(browser.get_json(self.server.url + "/resource").json()["status"], 200)
        self.assert_no_secret(browser)

    def test_RF19_once_signed_out_nobody_refreshes(self):
        for lifetime in (4, 40):
            began = time.monotonic()
            self.start_with_api(provider_arguments=("--access-token-lifetime", str(lifetime)))
            browser = self.signed_in()
            browser.post(self.server.url + "/logout")
            if time.monotonic() - began < lifetime / 2:  # else the refresh may have come before the end
                break
        time.sleep(lifetime + 1)
        self.assertEqual(self.provider.count("token"), 1)
        self.assertEqual(self.events("refresh.completed", "refresh.retrying"), [])

    def test_RF7_a_provider_that_is_busy(self):
        self.start_with_api(provider_arguments=("--access-token-lifetime", "600"))
        browser = self.signed_in()
        self.provider.spoil("token", status=503, body="", fields={"Retry-After": "90"})
        response = browser.post(self.server.url + "/refresh", Accept="application/json")
        self.assert_problem(response, 503, "coauth.client:server_unavailable")
        self.assertEqual(response.get("Retry-After"), "90")
        # What there is goes on being of use.
        self.assertEqual(browser.get_json(self.server.url + "/resource").json()["status"], 200)
        retrying = self.wait_for("refresh.retrying")[0]
        self.assertEqual(retrying["code"], "coauth.client:server_unavailable")
        self.assertGreaterEqual(retrying["ms"], 80_000)
        # Until the provider allows it, it is not asked again.
        sent = self.provider.count("token")
        browser.post(self.server.url + "/refresh", Accept="application/json")
        self.assertEqual(self.provider.count("token"), sent)
        self.assert_no_secret(browser)

    def test_RF5_a_grant_that_ended(self):
        for log_format in ("json", "text"):
            self.start("--log", log_format)
            browser = self.signed_in()
            self.provider.do("revoke_everything")
            response = browser.post(self.server.url + "/refresh", Accept="application/json")
            self.assert_problem(response, 502, "coauth.server:invalid_grant")
            # Who it is remains known, and nothing is tried again.
            profile = browser.get_json(self.server.url + "/profile")
            self.assertEqual((profile.status, profile.json()["token"]["refreshable"]), (200, False))
            response = browser.post(self.server.url + "/refresh", Accept="application/json")
            self.assert_problem(response, 409, "coauth.client:refresh_token_missing")
            self.assertEqual(self.provider.count("token"), 2)
            lines = [line for line in self.server.stderr().splitlines() if "reauthorization_required" in line]
            self.assertEqual(len(lines), 1, lines)
            self.assertIn("coauth.server:invalid_grant", lines[0])
            self.assertNotIn(browser.cookies["login_session"], self.server.stderr())

    def test_RF17_an_api_that_refuses_the_token(self):
        """One refresh and one repetition."""
        self.start_with_api()
        browser = self.signed_in()
        self.provider.do("reject", endpoint="api", times=1)
        got = browser.get_json(self.server.url + "/resource").json()
        self.assertEqual(got["status"], 200, got)
        self.assertIn("Hello, ada", got["body"])
        self.assertEqual((self.provider.count("api"), self.provider.count("token")), (2, 2))
        first, second = (request["fields"]["Authorization"] for request in self.provider.requests("api"))
        self.assertNotEqual(first, second)
        self.assert_no_secret(browser)

    def test_RF17_an_api_that_refuses_every_token(self):
        self.start_with_api()
        browser = self.signed_in()
        self.provider.do("reject", endpoint="api", times=100)
        began = time.monotonic()
        got = browser.get_json(self.server.url + "/resource").json()
        self.assertEqual(got["status"], 401)
        self.assertEqual((self.provider.count("api"), self.provider.count("token")), (2, 2))
        # Nor is the provider asked again right away.
        browser.get_json(self.server.url + "/resource")
        self.assert_refreshes(1, since=began)
        # Each refresh is for one repetition.
        self.assertEqual(self.provider.count("api"), 1 + self.provider.count("token"))

    def test_RF1_a_crowd_in_front_of_an_api_that_refuses_the_token(self):
        self.start_with_api()
        browser = self.signed_in()
        self.provider.do("reject_bearer_of_now", endpoint="api")
        got = []

        def call():
            one = Browser()
            one.cookies = dict(browser.cookies)
            got.append(one.get_json(self.server.url + "/resource").json()["status"])

        began = time.monotonic()
        threads = [threading.Thread(target=call) for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(got, [200] * 20)
        self.assert_refreshes(1, since=began)
