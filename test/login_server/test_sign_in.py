"""Signing in: all the ways in which it works, and those in which it has to fail."""

import tempfile
from urllib.parse import urlsplit

from harness import CLIENT_ID, CLIENT_SECRET, Browser, TestCase


class SignIn(TestCase):
    def test_by_query_and_by_form(self):
        for mode in ("query", "form_post"):
            self.start("--response-mode", mode)
            browser = Browser()
            response = self.sign_in(browser)
            self.assertEqual((response.status, response.get("Location")), (302, "/profile"))
            self.assertEqual(browser.get(self.server.url + "/profile").status, 200)

    def test_client_authentication(self):
        for method, client in (("client_secret_basic", {}), ("client_secret_post", {}), ("none", {"secret": ""})):
            self.start("--client-auth", method, client={"authentication": method, **client})
            self.signed_in()
            sent = self.provider.requests("token")[0]
            self.assertEqual("Authorization" in sent["fields"], method == "client_secret_basic")
            self.assertEqual(CLIENT_SECRET in sent["body"], method == "client_secret_post")

    def test_a_secret_from_a_file_has_no_newline(self):
        for ending in ("", "\n", "\r\n"):
            with tempfile.NamedTemporaryFile() as file:
                file.write((CLIENT_SECRET + ending).encode())
                file.flush()
                self.start("--client-secret-file", file.name, secret="another")
                self.signed_in()

    def test_a_provider_without_discovery(self):
        provider = self.provider = self.start_provider()
        server = self.server = self.start_server(
            "--authorization-endpoint", provider.urls["authorization"], "--token-endpoint", provider.urls["token"],
            "--client-id", CLIENT_ID, "--insecure-loopback", secret=CLIENT_SECRET)
        server.callback = server.url + "/callback"
        provider.register(server.callback)
        browser = self.signed_in()
        self.assertEqual(provider.count("metadata"), 0)
        profile = browser.get_json(server.url + "/profile").json()
        self.assertEqual((profile["issuer"], profile["subject"], profile["claims"], profile["userinfo"]), (None,) * 4)

    def test_a_userinfo_endpoint_without_discovery(self):
        provider = self.provider = self.start_provider()
        server = self.server = self.start_server(
            "--authorization-endpoint", provider.urls["authorization"], "--token-endpoint", provider.urls["token"],
            "--userinfo-endpoint", provider.urls["userinfo"], "--scope", "email", "--client-id", CLIENT_ID,
            "--insecure-loopback", secret=CLIENT_SECRET)
        server.callback = server.url + "/callback"
        provider.register(server.callback)
        # A provider that knows nothing of OpenID Connect has no `sub` to give.
        provider.spoil("userinfo", status=200, body='{"login":"ada","id":7}', fields={"Content-Type": "application/json"})
        profile = self.signed_in().get_json(server.url + "/profile").json()
        self.assertEqual((profile["subject"], profile["claims"], profile["userinfo"]),
                         (None, None, {"login": "ada", "id": 7}))

    def test_over_tls(self):
        with tempfile.NamedTemporaryFile(suffix=".pem") as file:
            self.start("--ca-file", file.name, provider_arguments=("--tls", file.name))
            self.assertTrue(self.provider.issuer.startswith("https://"))
            # The browser's part of it goes to the provider by TLS, too; here, only what the server does counts.
            response = Browser().get(self.server.url + "/login")
            self.assertEqual(response.status, 302, response.body)
            self.assertEqual(self.provider.count("metadata"), 1)

    def test_more_authorization_parameters(self):
        self.start("--authorize-param", "access_type=offline", "--authorize-param", "x=a b&c")
        parameters = Browser().get(self.server.url + "/login").parameters()
        self.assertEqual((parameters["access_type"], parameters["x"]), ("offline", "a b&c"))

    def test_the_policy_for_plain_oauth(self):
        self.start("--policy", "oauth20_compatible")
        self.signed_in()

    def test_an_empty_scope(self):
        self.start("--scope", "")
        profile = self.signed_in().get_json(self.server.url + "/profile").json()
        self.assertIsNone(profile["userinfo"])
        self.assertEqual(self.provider.count("userinfo"), 0)

    def test_CB24_sessions_rotate(self):
        self.start()
        browser = self.signed_in()
        first = browser.cookies["login_session"]
        self.assertEqual(self.sign_in(browser).status, 302)
        second = browser.cookies["login_session"]
        self.assertNotEqual(first, second)
        old = Browser()
        old.cookies["login_session"] = first
        self.assertEqual(old.get(self.server.url + "/profile").status, 401)
        self.assertEqual(browser.get(self.server.url + "/profile").status, 200)

    def test_CB24_a_session_that_was_planted(self):
        self.start()
        browser = Browser()
        browser.cookies["login_session"] = "A" * 43
        self.assertEqual(self.sign_in(browser).status, 302)
        self.assertNotEqual(browser.cookies["login_session"], "A" * 43)
        for planted in ("A" * 43, "", "A" * 5000, "\"", "../../x", "a=b=c"):
            victim = Browser()
            victim.cookies["login_session"] = planted
            self.assertEqual(victim.get(self.server.url + "/profile").status, 401)

    def test_several_tabs(self):
        self.start()
        browser = Browser()
        begun = [browser.get(self.server.url + "/login?return_to=/?tab=" + str(tab)) for tab in range(4)]
        for tab in (2, 0, 3, 1):
            back = browser.authorize(begun[tab], self.server.callback)
            response = browser.get(back.location)
            self.assertEqual((response.status, response.get("Location")), (302, f"/?tab={tab}"))


class Refused(TestCase):
    def setUp(self):
        self.start()

    def callback(self, browser, query, **headers):
        return browser.get(self.server.callback + "?" + query, Accept="application/json", **headers)

    def back(self):
        """A browser, and the URL of a callback that would work."""
        browser = Browser()
        return browser, browser.authorize(browser.get(self.server.url + "/login"), self.server.callback).location

    def assert_refused(self, response, status, code):
        self.assert_problem(response, status, code)
        self.assertEqual(response.all("Set-Cookie"), [])
        self.assertEqual(self.provider.count("token"), self.tokens_before, "a code was sent")

    def run(self, result=None):
        self.tokens_before = 0
        return super().run(result)

    def test_nothing_at_all(self):
        self.assert_refused(self.callback(Browser(), ""), 400, "coauth.client:state_missing")

    def test_without_the_cookie(self):
        _, url = self.back()
        response = self.callback(Browser(), urlsplit(url).query)
        self.assert_refused(response, 400, "coauth.client:browser_binding_missing")

    def test_in_another_browser(self):
        _, url = self.back()
        victim = Browser()
        victim.get(self.server.url + "/login")
        self.assert_refused(self.callback(victim, urlsplit(url).query), 400, "coauth.client:state_mismatch")

    def test_a_changed_state(self):
        browser, url = self.back()
        query = urlsplit(url).query
        state = dict(part.split("=") for part in query.split("&"))["state"]
        changed = ("A" if state[0] != "A" else "B") + state[1:]
        self.assert_refused(self.callback(browser, query.replace(state, changed)), 400, "coauth.client:state_mismatch")

    def test_twice(self):
        browser, url = self.back()
        self.assertEqual(browser.get(url).status, 302)
        self.tokens_before = 1
        self.assert_refused(self.callback(browser, urlsplit(url).query), 400, "coauth.client:unknown_transaction")

    def test_parameters_twice(self):
        for name in ("code", "state", "iss"):
            browser, url = self.back()
            response = self.callback(browser, urlsplit(url).query + f"&{name}=x")
            self.assert_refused(response, 400, "coauth.client:duplicate_parameter")

    def test_another_issuer(self):
        browser, url = self.back()
        query = "&".join(part for part in urlsplit(url).query.split("&") if not part.startswith("iss="))
        self.assert_refused(self.callback(browser, query + "&iss=https://evil.example"), 400,
                            "coauth.client:issuer_mismatch")
        browser, url = self.back()
        query = "&".join(part for part in urlsplit(url).query.split("&") if not part.startswith("iss="))
        self.assert_refused(self.callback(browser, query), 400, "coauth.client:issuer_missing")

    def test_by_the_wrong_way(self):
        browser, url = self.back()
        response = browser.request("POST", self.server.callback, urlsplit(url).query, Accept="application/json",
                                   Content_Type="application/x-www-form-urlencoded; charset=utf-8")
        self.assert_refused(response, 400, "coauth.client:response_mode_mismatch")

    def test_too_many_parameters(self):
        browser, url = self.back()
        response = self.callback(browser, urlsplit(url).query + "".join(f"&a{i}=1" for i in range(100)))
        self.assert_refused(response, 400, "coauth.client:callback_too_large")

    def test_a_query_that_is_none(self):
        browser, _ = self.back()
        self.assert_refused(self.callback(browser, "state=%zz"), 400, "coauth.client:malformed_callback")

    def test_the_person_says_no(self):
        browser = Browser()
        back = browser.authorize(browser.get(self.server.url + "/login"), self.server.callback, decision="deny")
        page = browser.get(back.location)
        self.assertEqual(page.status, 403)
        self.assertIn("coauth.server:access_denied", page.body)
        browser = Browser()
        back = browser.authorize(browser.get(self.server.url + "/login"), self.server.callback, decision="deny")
        self.assert_refused(browser.get_json(back.location), 403, "coauth.server:access_denied")

    def test_errors_of_the_provider(self):
        for error, status in (("login_required", 403), ("consent_required", 403), ("interaction_required", 403),
                              ("server_error", 502), ("invalid_scope", 502), ("temporarily_unavailable", 503)):
            browser = Browser()
            state = browser.get(self.server.url + "/login").parameters()["state"]
            response = self.callback(browser, f"error={error}&state={state}&iss={self.provider.issuer}")
            self.assert_refused(response, status, "coauth.server:" + error)

    def test_an_error_of_an_unknown_kind(self):
        browser = Browser()
        state = browser.get(self.server.url + "/login").parameters()["state"]
        response = self.callback(browser, f"error=made_up&state={state}&iss={self.provider.issuer}")
        self.assert_refused(response, 502, "coauth.server:unrecognized")

    def test_an_error_that_nobody_asked_for(self):
        response = self.callback(Browser(), "error=access_denied&state=" + "A" * 43)
        self.assert_refused(response, 400, "coauth.client:browser_binding_missing")
