"""No secret in any line of a log and on any page, whatever happens."""

import json
import re
import time
from urllib.parse import parse_qsl, quote, urlsplit

from harness import CLIENT_ID, CLIENT_SECRET, PASSWORD, Browser, TestCase


class Secrets(TestCase):
    def secrets(self):
        """Everything secret that went over a wire, as the provider and the browsers know it."""
        found = {CLIENT_SECRET, PASSWORD}
        for endpoint in ("token", "revocation", "userinfo", "authorization", "end_session", "api"):
            for request in self.provider.requests(endpoint):
                for name, value in parse_qsl(request["body"]) + parse_qsl(urlsplit(request["target"]).query):
                    if name in ("code", "code_verifier", "refresh_token", "token", "state", "nonce", "client_secret",
                                "id_token_hint"):
                        found.add(value)
                authorization = request["fields"].get("Authorization", "")
                found.update(authorization.split(" ")[1:])
        for browser in self.browsers:
            found.update(browser.cookies.values())
            found.update(browser.seen_cookies)
        return {secret for secret in found if len(secret) >= 8}

    def new_browser(self):
        class Watching(Browser):
            def __init__(self):
                super().__init__()
                self.seen_cookies = set()

            def request(self, *arguments, **rest):
                response = super().request(*arguments, **rest)
                self.seen_cookies.update(self.cookies.values())
                return response

        browser = Watching()
        self.browsers.append(browser)
        return browser

    def assert_no_secret(self):
        secrets = self.secrets()
        self.assertGreater(len(secrets), 15, "the test does not see what it should look for")
        output = self.server.stdout() + self.server.stderr()
        pages = "".join(page for browser in self.browsers for page in browser.app_pages)
        for secret in secrets:
            self.assertNotIn(secret, output)
            self.assertNotIn(quote(secret, safe=""), output)
            self.assertNotIn(secret, pages)
        # Nor a query: nothing that looks like one of these.
        self.assertIsNone(re.search(r"[?&](code|state)=|(access|id|refresh|logout)_token=", output))
        # Nor any part of a signed token.
        self.assertNotIn("eyJ", output + pages)

    def everything(self, log_format, mode):
        provider = self.provider = self.start_provider()
        self.server = self.start_client(provider, "--resource", provider.urls["api"], "--log", log_format,
                                        "--response-mode", mode)
        self.browsers = []
        url, callback = self.server.url, self.server.callback

        def keep_app_pages(browser):
            browser.app_pages = []
            original = browser.request

            def request(method, to, *arguments, **rest):
                response = original(method, to, *arguments, **rest)
                if to.startswith(url):
                    browser.app_pages.append(response.body)
                return response

            browser.request = request
            return browser

        def visit():
            return keep_app_pages(self.new_browser())

        good = visit()
        back = good.authorize(good.get(url + "/login?return_to=/resource"), callback)
        good.return_from(back, callback)
        for accept in ("text/html", "application/json"):
            for path in ("/", "/profile", "/resource", "/nothing"):
                good.get(url + path, Accept=accept)
        self.assertIn(good.return_from(back, callback).status, (400,))  # a replay
        good.post(url + "/refresh", Accept="application/json")
        good.post(url + "/refresh", Sec_Fetch_Site="cross-site")
        good.get(url + "/profile")

        denied = visit()
        denied.return_from(denied.authorize(denied.get(url + "/login"), callback, decision="deny"), callback)
        stranger = visit()
        other = visit()
        stolen = other.authorize(other.get(url + "/login"), callback)
        stranger.get(url + "/login")
        stranger.return_from(stolen, callback, Accept="application/json")
        stranger.get(callback + "?code=CANARY-code-51&state=CANARY-state-52&error_description=CANARY-text-53")

        # Providers that repeat what they were sent, and break off.
        for endpoint, how in (
                ("token", {"status": 400, "body": json.dumps({"error": "invalid_grant", "error_description":
                           "the secret " + CLIENT_SECRET + " and the password " + PASSWORD})}),
                ("token", {"status": 400, "body": json.dumps({"error": CLIENT_SECRET})}),
                ("token", {"status": 500, "body": CLIENT_SECRET}),
                ("token", {"body": json.dumps({"access_token": CLIENT_SECRET})}),
                ("token", {"truncation": 150}),
                ("userinfo", {"status": 401, "body": "", "fields":
                              {"WWW-Authenticate": f'Bearer error="invalid_token", error_description="{CLIENT_SECRET}"'}}),
                ("userinfo", {"body": CLIENT_SECRET})):
            provider.behave()
            provider.spoil(endpoint, **how)
            for accept in ("text/html", "application/json"):
                browser = visit()
                back = browser.authorize(browser.get(url + "/login"), callback)
                self.assertGreaterEqual(browser.return_from(back, callback, Accept=accept).status, 500)
        provider.behave()
        provider.spoil("revocation", status=400, body=json.dumps({"error": "invalid_request", "error_description":
                                                                  CLIENT_SECRET}))
        back = good.get(good.post(url + "/logout").location).location
        for accept in ("text/html", "application/json"):
            stranger.get(back, Accept=accept)
            good.get(back, Accept=accept)
        self.assertEqual(len(provider.requests("end_session")), 1)

        # Logout tokens, good and bad.
        now = int(time.time())
        claims = {"iss": provider.issuer, "aud": CLIENT_ID, "iat": now, "exp": now + 60, "jti": "CANARY-jti-54",
                  "sub": "nobody", "sid": "CANARY-sid-55",
                  "events": {"http://schemas.openid.net/event/backchannel-logout": {}}}
        token = provider.do("sign", header={"alg": "RS256", "kid": provider.do("key")}, claims=claims)
        programs = visit()
        statuses = [programs.post(url + "/backchannel-logout", {"logout_token": each}).status
                    for each in (token, token, token[:-3], "CANARY-token-56")]
        self.assertEqual(statuses, [200, 400, 400, 400])
        programs.get(url + "/frontchannel-logout?iss=CANARY-iss-57&sid=CANARY-sid-55")
        last = visit()
        last.return_from(last.authorize(last.get(url + "/login"), callback), callback)
        last.get(url + "/frontchannel-logout?iss=CANARY-iss-57&sid=CANARY-sid-55")
        self.server.stop()
        self.assert_no_secret()
        for canary in (token, "CANARY-jti-54", "CANARY-sid-55", "CANARY-token-56", "CANARY-iss-57"):
            self.assertNotIn(canary, self.server.stderr() + "".join(programs.app_pages + last.app_pages))
        for canary in ("CANARY-code-51", "CANARY-state-52", "CANARY-text-53"):
            self.assertNotIn(canary, self.server.stderr() + "".join(stranger.app_pages))

    def test_log_text(self):
        self.everything("text", "query")

    def test_log_json(self):
        self.everything("json", "form_post")
        for event in self.server.events():
            self.assertIn("time", event)
            self.assertIn("event", event)

    def test_hostile_text_does_not_forge_lines(self):
        self.start()
        browser = Browser()
        browser.get(self.server.url + "/x%0Aforged")
        browser.request("GET", self.server.url + "/login?return_to=%0Aforged")
        state = browser.get(self.server.url + "/login").parameters()["state"]
        browser.get(self.server.callback + f"?error=a%0Aforged&state={state}&iss={self.provider.issuer}")
        browser.request("FORGED", self.server.url + "/", Host="forged", User_Agent="forged", Referer="forged")
        self.server.stop()
        self.assertNotIn("forged", self.server.stderr().lower())

    def test_the_secret_is_not_among_the_arguments(self):
        self.start()
        with open(f"/proc/{self.server.process.pid}/cmdline", "rb") as file:
            arguments = file.read()
        self.assertIn(CLIENT_ID.encode(), arguments)
        self.assertNotIn(CLIENT_SECRET.encode(), arguments)
