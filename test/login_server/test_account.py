"""Once signed in: refreshing, calling an API, signing out."""

import threading
import time

from harness import SHORTEST_GAP, SOON, Browser, TestCase


class Account(TestCase):
    def test_refresh(self):
        self.start()
        browser = self.signed_in()
        began = time.monotonic()
        response = browser.post(self.server.url + "/refresh", Accept="application/json")
        self.assertEqual(response.status, 200)
        self.assertEqual(response.json()["token"]["type"], "Bearer")
        self.assertEqual(response.json()["userinfo"]["sub"], "ada")
        self.assertEqual(self.provider.count("token"), 2)
        self.assertIn("grant_type=refresh_token", self.provider.requests("token")[1]["body"])
        # Within the shortest gap: the current token, and nothing is sent.
        page = browser.post(self.server.url + "/refresh")
        self.assertEqual((page.status, page.get("Location")), (302, "/profile"))
        self.assert_refreshes(1, since=began)

    def test_a_new_refresh_token_replaces_the_old_one(self):
        self.start()
        browser = self.signed_in()
        for expected in (2, 3):
            response = browser.post(self.server.url + "/refresh", Accept="application/json")
            self.assertEqual(response.status, 200, response.body)
            self.assertEqual(self.provider.count("token"), expected)
            time.sleep(SHORTEST_GAP + 0.2)

    def test_many_at_once_refresh_once(self):
        self.start()
        browser = self.signed_in()
        self.provider.spoil("token", delay_ms=300)
        got = []

        def refresh():
            one = Browser()
            one.cookies = dict(browser.cookies)
            got.append(one.post(self.server.url + "/refresh", Accept="application/json").status)

        began = time.monotonic()
        threads = [threading.Thread(target=refresh) for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(got, [200] * 20)
        self.assert_refreshes(1, since=began)

    def test_nothing_to_refresh_with(self):
        self.start(provider_arguments=("--refresh-tokens", "none"))
        browser = self.signed_in()
        self.assertFalse(browser.get_json(self.server.url + "/profile").json()["token"]["refreshable"])
        response = browser.post(self.server.url + "/refresh", Accept="application/json")
        self.assert_problem(response, 409, "coauth.client:refresh_token_missing")

    def test_a_refresh_token_that_is_dead(self):
        self.start()
        browser = self.signed_in()
        self.provider.do("revoke_everything")
        response = browser.post(self.server.url + "/refresh", Accept="application/json")
        self.assert_problem(response, 502, "coauth.server:invalid_grant")
        # It is not tried again.
        response = browser.post(self.server.url + "/refresh", Accept="application/json")
        self.assert_problem(response, 409, "coauth.client:refresh_token_missing")
        self.assertEqual(self.provider.count("token"), 2)

    def test_a_provider_that_is_busy_while_refreshing(self):
        self.start()
        browser = self.signed_in()
        self.provider.spoil("token", status=503, body="", fields={"Retry-After": "7"})
        response = browser.post(self.server.url + "/refresh", Accept="application/json")
        self.assert_problem(response, 503, "coauth.client:server_unavailable")
        self.assertEqual(response.get("Retry-After"), "7")
        # The session goes on with the token that it has.
        self.assertEqual(browser.get(self.server.url + "/profile").status, 200)

    def start_with_api(self, **rest):
        provider = self.provider = self.start_provider(*rest.pop("provider_arguments", ()))
        self.server = self.start_client(provider, "--resource", provider.urls["api"], **rest)

    def test_an_api(self):
        self.start_with_api()
        browser = self.signed_in()
        got = browser.get_json(self.server.url + "/resource").json()
        self.assertEqual((got["status"], got["content_type"]), (200, "application/json"))
        self.assertIn("Hello, ada", got["body"])
        self.assertIn("Hello, ada", browser.get(self.server.url + "/resource").body)

    def test_an_api_that_wants_another_token(self):
        self.start_with_api()
        browser = self.signed_in()
        self.provider.do("revoke_everything")
        # It gets one, if the provider still gives one.
        self.assert_problem(browser.get_json(self.server.url + "/resource"), 502, "coauth.server:invalid_grant")
        page = browser.get(self.server.url + "/resource")
        self.assertEqual(page.status, 502)
        self.assertIn("/login?return_to=/resource", page.body)
        self.assertEqual((self.provider.count("api"), self.provider.count("token")), (1, 2))

    def test_an_api_with_hostile_content(self):
        self.start_with_api()
        browser = self.signed_in()
        self.provider.spoil("api", body="<script>alert(1)</script>\u0000\u001b[31m", fields={"Content-Type": "text/html"})
        page = browser.get(self.server.url + "/resource")
        self.assertEqual(page.status, 200)
        self.assertNotIn("<script>", page.body)
        self.assertIn("&lt;script&gt;", page.body)
        self.assertEqual(browser.get_json(self.server.url + "/resource").json()["content_type"], "text/html")

    def test_an_api_whose_answer_is_not_utf_8(self):
        self.start_with_api()
        browser = self.signed_in()
        self.provider.spoil("api", body="\u00e9", fields={"Content-Type": "text/plain"}, truncation=None or 100000)
        self.assertEqual(browser.get_json(self.server.url + "/resource").json()["body"], "\u00e9")

    def test_an_api_that_redirects_or_fails(self):
        self.start_with_api()
        browser = self.signed_in()
        self.provider.spoil("api", status=302, body="", fields={"Location": "https://evil.example/"})
        self.assertEqual(browser.get_json(self.server.url + "/resource").json()["status"], 302)
        self.provider.spoil("api", truncation=10)
        self.assertEqual(browser.get_json(self.server.url + "/resource").status, 502)
        self.provider.spoil("api", body="x" * (2 * 1024 * 1024))
        self.assert_problem(browser.get_json(self.server.url + "/resource"), 502, "coauth.client:body_too_large")

    def test_an_expired_token_is_refreshed_first(self):
        for lifetime in (1, 30):  # what the refresh brings has to live until it is used
            self.start_with_api(provider_arguments=("--access-token-lifetime", str(lifetime)))
            browser = self.signed_in()
            time.sleep(lifetime + 0.1)
            began = time.monotonic()
            status = browser.get_json(self.server.url + "/resource").json()["status"]
            if status == 200:
                break
        self.assertEqual(status, 200)
        self.assert_refreshes(1, since=began)

    def test_logout(self):
        self.start()
        browser = self.signed_in()
        session = browser.cookies["login_session"]
        response = browser.post(self.server.url + "/logout")
        self.assertEqual(response.status, 302)
        self.assertTrue(response.location.startswith(self.provider.urls["end_session"] + "?"), response.location)
        self.assertNotIn("login_session", browser.cookies)
        self.assertIn("Max-Age=0", browser.attributes["login_session"])
        browser.cookies["login_session"] = session
        self.assertEqual(browser.get(self.server.url + "/profile").status, 401)
        hints = ["refresh_token" if "token_type_hint=refresh_token" in each["body"] else "access_token"
                 for each in self.provider.requests("revocation")]
        self.assertEqual(hints, ["refresh_token", "access_token"])
        # Again: nobody is there, and nothing is sent.
        self.assertEqual(browser.post(self.server.url + "/logout").get("Location"), "/")
        self.assertEqual(self.provider.count("revocation"), 2)

    def test_logout_from_a_provider_that_does_not_care(self):
        self.start()
        for how in ({"status": 500, "body": "no"}, {"truncation": 5}, {"delay_ms": 60_000}):
            browser = self.signed_in()
            self.provider.spoil("revocation", **how)
            began = time.monotonic()
            response = browser.post(self.server.url + "/logout")
            self.assertEqual(response.status, 302)
            self.assertTrue(response.location.startswith(self.provider.urls["end_session"] + "?"), response.location)
            self.assertLess(time.monotonic() - began, SOON)
            self.assertEqual(browser.get(self.server.url + "/profile").status, 401)

    def test_logout_during_a_refresh(self):
        for delay_ms in (700, 7000):  # a busy machine may be too late for the first one
            self.start()
            browser = self.signed_in()
            self.provider.spoil("token", delay_ms=delay_ms)
            got = []
            one = Browser()
            one.cookies = dict(browser.cookies)
            thread = threading.Thread(
                target=lambda: got.append(one.post(self.server.url + "/refresh", Accept="application/json")))
            thread.start()
            self.wait_for_requests("token", 2)
            browser.post(self.server.url + "/logout")
            thread.join()
            if got[0].status != 200:
                break
        self.assert_problem(got[0], 401, "login_server:not_signed_in")
        # What the refresh brought is revoked as well: two tokens each.
        self.wait_for_requests("revocation", 4)
        self.assertEqual(self.provider.count("revocation"), 4)
