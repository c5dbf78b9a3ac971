"""Signing out: here, at the provider, and by what the provider says of it; true or not."""

import base64
import hashlib
import hmac
import http.client
import json
import secrets
import time
from urllib.parse import quote, urlencode

from harness import CLIENT_ID, CLIENT_SECRET, PASSWORD, PATIENCE, Browser, TestCase

EVENT = "http://schemas.openid.net/event/backchannel-logout"
FORM = "application/x-www-form-urlencoded"


def encoded(value):
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def part(value):
    return encoded(json.dumps(value).encode())


class SignOut(TestCase):
    def setUp(self):
        self.start("--log", "json")

    def claims(self, browser):
        return browser.get_json(self.server.url + "/profile").json()["claims"]

    def assert_signed_in(self, browser, expected=True):
        self.assertEqual(browser.get(self.server.url + "/profile").status, 200 if expected else 401)

    def at_provider(self, browser, response):
        """From the redirect to the provider to its way back."""
        self.assertTrue(response.location.startswith(self.provider.urls["end_session"] + "?"), response.location)
        back = browser.get(response.location)
        self.assertEqual(back.status, 303, back.body)
        return back

    # By the person

    def test_there_and_back(self):
        browser = self.signed_in()
        response = browser.post(self.server.url + "/logout")
        self.assertEqual((response.status, response.get("Cache-Control")), (302, "no-store"))
        self.assert_signed_in(browser, False)
        sent = response.parameters()
        self.assertEqual(sorted(sent), ["client_id", "id_token_hint", "post_logout_redirect_uri", "state"])
        self.assertEqual((sent["client_id"], sent["post_logout_redirect_uri"]),
                         (CLIENT_ID, self.server.url + "/signed-out"))
        self.assertEqual(sent["state"], browser.cookies["coauth_logout"])
        self.assertEqual(sorted(browser.attributes["coauth_logout"]),
                         ["HttpOnly", "Max-Age=600", "Path=/", "SameSite=Lax"])
        back = self.at_provider(browser, response)
        page = browser.get(back.location)
        self.assertEqual(page.status, 200)
        self.assertIn("You are signed out", page.body)
        self.assertNotIn("coauth_logout", browser.cookies)
        # The provider does not know who it is any more, either.
        page = browser.get(browser.get(self.server.url + "/login").location)
        self.assertIn('type="password"', page.body)

    def test_the_page_lets_its_form_lead_there(self):
        browser = self.signed_in()
        origin = self.provider.issuer
        for path in ("/", "/profile"):
            policy = browser.get(self.server.url + path).get("Content-Security-Policy")
            self.assertIn(f"form-action 'self' {origin};", policy)

    def test_a_program(self):
        browser = self.signed_in()
        back = self.at_provider(browser, browser.post(self.server.url + "/logout"))
        self.assertEqual(browser.get_json(back.location).json(), {"signed_out": True})

    def test_LO16_the_state_does_not_fit(self):
        for change in (lambda url, _: url.split("?")[0], lambda url, state: url.replace(state, "A" * 43),
                       lambda url, state: url.replace(state, ""), lambda url, _: url + "&state=x",
                       lambda url, _: url + "&" + "a=1&" * 100):
            browser = self.signed_in()
            back = self.at_provider(browser, browser.post(self.server.url + "/logout"))
            state = browser.cookies["coauth_logout"]
            url = change(back.location, state)
            with self.subTest(url=url.replace(state, "the state")):
                page = browser.get(url)
                self.assertEqual(page.status, 400)
                self.assertIn("could not be confirmed", page.body)
                self.assertIn("coauth.client:", page.body)
                self.assert_signed_in(browser, False)
                # It is not asked for a second time.
                self.assertNotIn("coauth_logout", browser.cookies)
                self.assert_problem(browser.get_json(back.location), 400, "coauth.client:state_mismatch")

    def test_LO16_nobody_went_there(self):
        browser = self.signed_in()
        for query, code in (("", "state_missing"), ("?state=x", "state_mismatch"), ("?state=", "state_mismatch"),
                            ("?state=" + "A" * 43, "state_mismatch"), ("?state=a&state=b", "duplicate_parameter"),
                            ("?state=%zz", "malformed_callback")):
            with self.subTest(query=query):
                response = browser.get_json(self.server.url + "/signed-out" + query)
                self.assert_problem(response, 400, "coauth.client:" + code)
        self.assert_signed_in(browser)

    def test_LO16_the_state_of_another_browser(self):
        one, other = self.signed_in(), self.signed_in()
        back = self.at_provider(one, one.post(self.server.url + "/logout"))
        other.post(self.server.url + "/logout")
        self.assert_problem(other.get_json(back.location), 400, "coauth.client:state_mismatch")

    def test_LO17_a_provider_that_signs_nobody_out(self):
        self.provider.do("misbehave", name="lo17-endpoint-missing")
        browser = self.signed_in()
        response = browser.post(self.server.url + "/logout")
        self.assertEqual((response.status, response.get("Location")), (302, "/"))
        self.assertNotIn("coauth_logout", browser.cookies)
        self.assert_signed_in(browser, False)

    def test_LO17_a_provider_without_tls(self):
        self.provider.do("misbehave", name="lo17-endpoint-without-tls")
        self.assertEqual(Browser().get_json(self.server.url + "/login").status, 502)

    def test_nobody_comes_back_if_that_is_not_registered(self):
        server = self.start_client(self.provider, "--post-logout-redirect-uri", "")
        browser = self.signed_in(server=server)
        response = browser.post(server.url + "/logout")
        self.assertEqual(sorted(response.parameters()), ["client_id", "id_token_hint"])
        self.assertNotIn("coauth_logout", browser.cookies)
        self.assertEqual(browser.get(response.location).status, 200)

    def test_another_way_back(self):
        server = self.start_server("--issuer", self.provider.issuer, "--insecure-loopback", "--client-id", CLIENT_ID,
                                   "--redirect-uri", "https://app.example/callback", "--post-logout-redirect-uri",
                                   "https://app.example/bye?lang=en", secret=CLIENT_SECRET)
        server.callback = "https://app.example/callback"
        self.provider.register(server.callback, post_logout_redirect_uri="https://app.example/bye?lang=en")
        browser = Browser()
        back = browser.authorize(browser.get(server.url + "/login"), server.callback)
        browser.get(server.url + back.location[len("https://app.example"):])
        response = browser.post(server.url + "/logout", Origin="https://app.example")
        self.assertEqual(sorted(browser.attributes["__Host-coauth_logout"]),
                         ["HttpOnly", "Max-Age=600", "Path=/", "SameSite=Lax", "Secure"])
        back = self.at_provider(browser, response)
        self.assertTrue(back.location.startswith("https://app.example/bye?lang=en&state="))
        self.assertEqual(browser.get(server.url + back.location[len("https://app.example"):]).status, 200)
        self.assertEqual(browser.get(server.url + "/signed-out").status, 404)

    def test_plain_oauth(self):
        server = self.start_client(self.provider, "--scope", "")
        browser = self.signed_in(server=server)
        response = browser.post(server.url + "/logout")
        self.assertNotIn("id_token_hint", response.parameters())
        self.assertTrue(response.location.startswith(self.provider.urls["end_session"]))

    # By the provider

    def token(self, header=None, remove=(), **claims):
        now = int(time.time())
        said = {"iss": self.provider.issuer, "aud": CLIENT_ID, "iat": now, "exp": now + 120,
                "jti": secrets.token_hex(8), "events": {EVENT: {}}, "sub": "ada", **claims}
        for name in remove:
            del said[name]
        head = {"alg": "RS256", "kid": self.provider.do("key"), "typ": "logout+jwt", **(header or {})}
        return self.provider.do("sign", header={n: v for n, v in head.items() if v is not None}, claims=said)

    def post(self, body, content_type=FORM):
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=PATIENCE)
        try:
            connection.request("POST", "/backchannel-logout", body, {"Content-Type": content_type})
            response = connection.getresponse()
            response.text = response.read().decode()
            return response
        finally:
            connection.close()

    def notify(self, token):
        return self.post(urlencode({"logout_token": token}))

    def assert_refused(self, response, code=None):
        self.assertEqual((response.status, response.getheader("Cache-Control")), (400, "no-store"), response.text)
        problem = json.loads(response.text)
        self.assertEqual((response.getheader("Content-Type"), problem["status"]), ("application/problem+json", 400))
        self.assertTrue(problem["code"].startswith("coauth."))
        if code:
            self.assertEqual(problem["code"], "coauth.client:" + code)

    def assert_accepted(self, response):
        self.assertEqual((response.status, response.getheader("Cache-Control")), (200, "no-store"), response.text)

    def refused(self, cases):
        """Each of (token, code): refused, and nobody was signed out."""
        browser = self.signed_in()
        for token, code in cases:
            with self.subTest(code=code, token=token[:200]):
                self.assert_refused(self.notify(token), code)
                self.assert_signed_in(browser)

    def test_LO14_a_logout_token_ends_the_session(self):
        browser = self.signed_in()
        self.assert_accepted(self.notify(self.token(sid=self.claims(browser)["sid"])))
        self.assert_signed_in(browser, False)
        # Who is not there any more is signed out.
        self.assert_accepted(self.notify(self.token()))
        ended = [event["ended"] for event in self.server.events() if event["event"] == "backchannel_logout"]
        self.assertEqual(ended, [1, 0])

    def test_LO14_what_is_no_logout_request(self):
        browser = self.signed_in()
        token = self.token()
        form = urlencode({"logout_token": token})
        for body, content_type, code in ((form, "application/json", "unexpected_content_type"),
                                         (form, "", "unexpected_content_type"),
                                         (json.dumps({"logout_token": token}), "application/json",
                                          "unexpected_content_type"),
                                         ("", FORM, "malformed_callback"), ("logout_token=", FORM, None),
                                         ("token=" + token, FORM, "malformed_callback"),
                                         (form + "&" + form, FORM, "duplicate_parameter"),
                                         ("logout_token=%zz", FORM, "malformed_callback"),
                                         (form + "&a=1" * 100, FORM, "callback_too_large"),
                                         ("logout_token=x", FORM, "malformed_jwt"),
                                         ("logout_token=a.b.c", FORM, None)):
            with self.subTest(body=body[:40], content_type=content_type):
                self.assert_refused(self.post(body, content_type), code)
        self.assertEqual(self.post("a" * 100_000).status, 413)
        self.assertEqual(Browser().get(self.server.url + "/backchannel-logout?" + form).status, 405)
        self.assert_signed_in(browser)
        # What was not accepted is not used up.
        self.assert_accepted(self.post(form + "&more=1", FORM + "; charset=utf-8"))
        self.assert_signed_in(browser, False)

    def test_LO1_without_signature(self):
        signed = self.token()
        claims = signed.split(".")[1]
        cases = [(".".join((part({"alg": alg, "typ": "logout+jwt"}), claims, "")), "algorithm_not_allowed")
                 for alg in ("none", "None", "NONE", "")]
        self.refused(cases + [(signed.rsplit(".", 1)[0] + ".", None), (signed.rsplit(".", 1)[0], "malformed_jwt")])

    def test_LO2_another_algorithm_or_signature(self):
        signed = self.token()
        head, claims, signature = signed.split(".")
        hs256 = part({"alg": "HS256", "typ": "logout+jwt"}) + "." + claims
        forged = encoded(hmac.new(CLIENT_SECRET.encode(), hs256.encode(), hashlib.sha256).digest())
        first = "A" if signature[0] != "A" else "B"
        self.refused([(hs256 + "." + forged, "algorithm_not_allowed"),
                      (self.token(header={"alg": "RS512"}), "algorithm_not_allowed"),
                      (self.token(header={"alg": "ES256"}), None),
                      (".".join((head, claims, first + signature[1:])), "signature_invalid"),
                      (".".join((head, part({"sub": "ada"}), signature)), "signature_invalid")])

    def test_LO3_no_logout_event(self):
        self.refused([(self.token(remove=("events",)), "logout_event_missing"),
                      (self.token(events={}), "logout_event_missing"),
                      (self.token(events={"http://schemas.openid.net/event/other": {}}), "logout_event_missing"),
                      (self.token(events={EVENT: "yes"}), None), (self.token(events=[EVENT]), None),
                      (self.token(events=EVENT), None)])

    def test_LO4_a_nonce(self):
        self.refused([(self.token(nonce="x"), "nonce_in_logout_token"), (self.token(nonce=None), None)])

    def test_LO5_of_or_for_others(self):
        self.refused([(self.token(iss="https://evil.example"), "id_token_issuer_mismatch"),
                      (self.token(iss=self.provider.issuer + "/"), "id_token_issuer_mismatch"),
                      (self.token(remove=("iss",)), "claim_missing"), (self.token(aud="another"), "audience_mismatch"),
                      (self.token(aud=[CLIENT_ID, "another"]), "audience_mismatch"),
                      (self.token(aud=[]), None), (self.token(remove=("aud",)), "claim_missing")])

    def test_LO6_nobody_and_no_session(self):
        self.refused([(self.token(remove=("sub",)), "session_unidentified"), (self.token(sub=""), None),
                      (self.token(sid=1), "claim_invalid"), (self.token(sub=["ada"]), "claim_invalid")])

    def test_LO7_LO8_time_and_name(self):
        now = int(time.time())
        self.refused([(self.token(remove=("iat",)), "claim_missing"), (self.token(remove=("jti",)), "claim_missing"),
                      (self.token(jti=""), None), (self.token(iat=now + 3600, exp=now + 3700), "token_not_yet_valid"),
                      (self.token(iat=now - 600, exp=now - 300), "token_expired"),
                      (self.token(iat=now - 86_400, remove=("exp",)), "token_too_old")])

    def test_LO9_used_again(self):
        browser = self.signed_in()
        token = self.token()
        self.assert_accepted(self.notify(token))
        self.assert_signed_in(browser, False)
        self.assertEqual(self.sign_in(browser).status, 302)
        for _ in range(2):
            self.assert_refused(self.notify(token), "token_replayed")
        self.assert_signed_in(browser)

    def test_LO10_another_kind_of_token(self):
        leaving = self.signed_in()
        id_token = leaving.post(self.server.url + "/logout").parameters()["id_token_hint"]
        self.refused([(id_token, None), (self.token(header={"typ": "at+jwt"}), "token_type_mismatch"),
                      (self.token(header={"typ": "id_token+jwt"}), "token_type_mismatch")])
        for header in ({"typ": None}, {"typ": "JWT"}):
            with self.subTest(header=header):
                self.assert_accepted(self.notify(self.token(header=header)))

    def test_LO10_a_logout_token_is_no_id_token(self):
        self.signed_in()
        self.provider.spoil("token", body=json.dumps({"access_token": "CANARY", "token_type": "Bearer",
                                                      "id_token": self.token(nonce="x")}))
        response = self.sign_in(Browser(), Accept="application/json")
        self.assertEqual(response.status, 502, response.body)
        self.assertTrue(response.code().startswith("coauth.client:"))

    def test_LO12_only_those_who_are_meant(self):
        self.provider.do("user", name="bob", password=PASSWORD, claims={})
        one, two, three = (self.signed_in() for _ in range(3))
        bob = Browser()
        page = bob.get(bob.get(self.server.url + "/login").location)
        action, fields = bob.form(page)
        page = bob.post(action, {**fields, "username": "bob", "password": PASSWORD, "decision": "allow"})
        bob.return_from(bob.authorize(page, self.server.callback), self.server.callback)
        self.assertEqual(bob.get_json(self.server.url + "/profile").json()["subject"], "bob")
        everybody = [one, two, three, bob]
        sids = [self.claims(each)["sid"] for each in everybody]
        self.assertEqual(len(set(sids)), 4)

        def assert_left(*left):
            self.assertEqual([each.get(self.server.url + "/profile").status == 200 for each in everybody],
                             [each in left for each in everybody])

        # One session of ada's, named with and without her.
        self.assert_accepted(self.notify(self.token(sid=sids[0])))
        assert_left(two, three, bob)
        self.assert_accepted(self.notify(self.token(sid=sids[1], remove=("sub",))))
        assert_left(three, bob)
        # Nobody's: a session that is not the person's, an unknown one, and the same names from elsewhere.
        self.assert_accepted(self.notify(self.token(sid=sids[3])))
        self.assert_accepted(self.notify(self.token(sid="unknown")))
        self.assert_accepted(self.notify(self.token(sub="carol")))
        self.assert_refused(self.notify(self.token(iss="https://evil.example", sid=sids[3])))
        assert_left(three, bob)
        # All of hers.
        self.assertEqual(self.sign_in(one).status, 302)
        assert_left(one, three, bob)
        self.assert_accepted(self.notify(self.token()))
        assert_left(bob)

    def test_LO13_no_keys(self):
        browser = self.signed_in()
        self.provider.do("rotate")
        token = self.token()
        for how in ({"status": 503, "body": ""}, {"body": "{}"}, {"truncation": 5}):
            self.provider.behave()
            self.provider.spoil("jwks", **how)
            self.assert_refused(self.notify(token))
            self.assert_signed_in(browser)

    def test_a_rotated_key(self):
        browser = self.signed_in()
        self.provider.do("rotate")
        self.assert_accepted(self.notify(self.token()))
        self.assert_signed_in(browser, False)

    def test_a_provider_that_was_never_asked(self):
        """Whoever sends nonsense then does not make this server fail, whether the provider is there or not."""
        self.assert_accepted(self.notify(self.token()))
        self.provider.spoil("metadata", status=500, body="")
        self.server = self.start_client(self.provider)
        self.assert_refused(self.notify(self.token()))

    def test_somebody_signs_out_at_the_provider(self):
        """The provider itself delivers the token."""
        browser, other = self.signed_in(), self.signed_in()
        action, fields = browser.form(browser.get(self.provider.urls["end_session"]))
        self.assertEqual(browser.post(action, {**fields, "decision": "allow"}).status, 200)
        deadline = time.monotonic() + PATIENCE
        while browser.get(self.server.url + "/profile").status == 200 and time.monotonic() < deadline:
            time.sleep(0.02)
        self.assert_signed_in(browser, False)
        self.assert_signed_in(other)
        # What the token said is not in the log, nor the token.
        self.assertNotIn("eyJ", self.server.stderr())

    def test_a_refresh_that_was_under_way(self):
        import threading
        browser = self.signed_in()
        self.provider.spoil("token", delay_ms=700)
        got = []
        one = Browser()
        one.cookies = dict(browser.cookies)
        thread = threading.Thread(
            target=lambda: got.append(one.post(self.server.url + "/refresh", Accept="application/json")))
        thread.start()
        self.wait_for_requests("token", 2)
        self.assert_accepted(self.notify(self.token()))
        thread.join()
        self.assert_problem(got[0], 401, "login_server:not_signed_in")

    # By a frame of the provider's page

    def frame(self, browser, query):
        return browser.get_json(self.server.url + "/frontchannel-logout" + query)

    def test_LO15_front_channel(self):
        browser, other = self.signed_in(), self.signed_in()
        iss, sid = quote(self.provider.issuer, safe=""), self.claims(browser)["sid"]
        for query, code in (("", "session_unidentified"), (f"?iss={iss}", "session_unidentified"),
                            (f"?sid={sid}", "session_unidentified"),
                            (f"?iss=https%3A%2F%2Fevil.example&sid={sid}", "issuer_mismatch"),
                            (f"?iss={iss}&sid=x", "session_unidentified"),
                            (f"?iss={iss}&sid={self.claims(other)['sid']}", "session_unidentified"),
                            (f"?iss={iss}&sid={sid}&sid={sid}", "duplicate_parameter"),
                            ("?x=1", "session_unidentified"), ("?sid=%zz", "malformed_callback")):
            with self.subTest(query=query):
                response = self.frame(browser, query)
                self.assert_problem(response, 400, "coauth.client:" + code)
                self.assertEqual(response.get("Cache-Control"), "no-store")
                self.assert_signed_in(browser)
        response = self.frame(browser, f"?iss={iss}&sid={sid}")
        self.assertEqual((response.status, response.get("Cache-Control")), (200, "no-store"))
        self.assertNotIn("login_session", browser.cookies)
        self.assert_signed_in(browser, False)
        self.assert_signed_in(other)
        # On the word of a page nothing else happens.
        self.assertEqual(self.provider.count("revocation"), 0)

    def test_LO15_nobody_is_signed_in(self):
        browser = self.signed_in()
        query = "?" + urlencode({"iss": self.provider.issuer, "sid": self.claims(browser)["sid"]})
        self.assertEqual(self.frame(Browser(), query).status, 200)
        self.assert_signed_in(browser)
