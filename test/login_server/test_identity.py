"""Who signed in: ID tokens that are believed, those that are not, and clients that sign."""

import base64
import hashlib
import hmac
import json
import os
import tempfile
import time
from urllib.parse import parse_qs

from harness import CLIENT_ID, Browser, TestCase

LONG_SECRET = "CANARY-client-secret-that-is-long-enough-for-HS512-as-RFC-7518-has-it"


def decoded(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class IdTokens(TestCase):
    def claims(self, browser):
        return browser.get_json(self.server.url + "/profile").json()["claims"]

    def test_verified_claims(self):
        self.start()
        browser = self.signed_in()
        profile = browser.get_json(self.server.url + "/profile").json()
        claims = profile["claims"]
        self.assertEqual((profile["issuer"], profile["subject"]), (self.provider.issuer, "ada"))
        self.assertEqual((claims["iss"], claims["sub"], claims["aud"]), (self.provider.issuer, "ada", CLIENT_ID))
        self.assertNotIn("nonce", claims)
        self.assertTrue({"exp", "iat", "auth_time", "at_hash", "sid"} <= set(claims), claims)
        self.assertLess(abs(claims["iat"] - time.time()), 60)
        page = browser.get(self.server.url + "/profile").body
        for text in ("The ID token", "Userinfo", "Session at the provider", claims["sid"], "ada@example.com"):
            self.assertIn(text, page)

    def test_everything_that_the_provider_says_is_shown(self):
        self.start()
        self.provider.do("id_token", set={"odd": {"a": [1, None, "<b>"]}, "name": "<i>Ada</i>", "exp_text": -1},
                         remove=["auth_time"])
        browser = self.signed_in()
        claims = self.claims(browser)
        self.assertEqual((claims["odd"], claims["exp_text"]), ({"a": [1, None, "<b>"]}, -1))
        page = browser.get(self.server.url + "/profile").body
        self.assertIn("&lt;i&gt;Ada&lt;/i&gt;", page)
        self.assertNotIn("<i>", page)

    def refused(self, code, **change):
        self.provider.do("id_token", **{"set": {}, "remove": [], **change})
        before = self.provider.count("userinfo")
        browser = Browser()
        self.assert_problem(self.sign_in(browser, Accept="application/json"), 502, "coauth.client:" + code)
        self.assertNotIn("login_session", browser.cookies)
        self.assertEqual(self.provider.count("userinfo"), before, "it went on after a failure")
        self.assertNotIn("eyJ", self.server.stderr())

    def test_ID15_another_issuer(self):
        self.start()
        self.refused("id_token_issuer_mismatch", set={"iss": "https://evil.example"})
        self.refused("claim_missing", remove=["iss"])

    def test_ID16_another_audience(self):
        self.start()
        self.refused("audience_mismatch", set={"aud": "another"})
        self.refused("claim_missing", remove=["aud"])

    def test_ID23_expired(self):
        self.start()
        self.refused("token_expired", set={"exp": int(time.time()) - 3600, "iat": int(time.time()) - 3601})

    def test_ID27_nobody(self):
        self.start()
        self.refused("claim_missing", remove=["sub"])

    def test_ID28_another_nonce(self):
        self.start()
        self.refused("nonce_mismatch", set={"nonce": "A" * 43})
        self.refused("nonce_mismatch", remove=["nonce"])

    def test_UI1_userinfo_of_somebody_else(self):
        self.start()
        self.provider.spoil("userinfo", body='{"sub":"bob"}')
        self.assert_problem(self.sign_in(Browser(), Accept="application/json"), 502, "coauth.client:subject_mismatch")

    def test_algorithms(self):
        for algorithm in ("RS256", "PS256", "ES256", "EdDSA", "RS512"):
            with self.subTest(algorithm=algorithm):
                self.start("--id-token-alg", algorithm, client={"id_token_algorithm": algorithm})
                self.signed_in()

    def test_ID4_only_what_was_said(self):
        for accepted, used in ((("ES256", "EdDSA"), "RS256"), (("RS256",), "ES256"), (("PS256",), "RS256")):
            with self.subTest(accepted=accepted, used=used):
                self.start(*(word for each in accepted for word in ("--id-token-alg", each)),
                           client={"id_token_algorithm": used})
                self.assert_problem(self.sign_in(Browser(), Accept="application/json"), 502,
                                    "coauth.client:algorithm_not_allowed")
        # Not in the library's list: it has to be asked for.
        self.start(client={"id_token_algorithm": "RS512"})
        self.assertEqual(self.sign_in(Browser(), Accept="application/json").status, 502)

    def test_a_secret_signs_the_id_token(self):
        for algorithm in ("HS256", "HS384", "HS512"):
            with self.subTest(algorithm=algorithm):
                self.start("--id-token-alg", algorithm, secret=LONG_SECRET,
                           client={"id_token_algorithm": algorithm, "secret": LONG_SECRET})
                self.signed_in()
                self.assertEqual(self.provider.count("jwks"), 0)

    def test_ID3_ID4_a_secret_and_nothing_else(self):
        self.start("--id-token-alg", "HS256", secret=LONG_SECRET, client={"secret": LONG_SECRET})
        self.assert_problem(self.sign_in(Browser(), Accept="application/json"), 502,
                            "coauth.client:algorithm_not_allowed")
        self.start(secret=LONG_SECRET, client={"id_token_algorithm": "HS256", "secret": LONG_SECRET})
        self.assert_problem(self.sign_in(Browser(), Accept="application/json"), 502,
                            "coauth.client:algorithm_not_allowed")

    def test_keys(self):
        for how, status, code in (({"status": 503, "body": "", "fields": {"Retry-After": "9"}}, 503, None),
                                  ({"status": 500, "body": ""}, 502, None), ({"body": "[]"}, 502, "malformed_json"),
                                  ({"body": '{"keys":{}}'}, 502, "invalid_key_set"),
                                  ({"body": '{"keys":[]}'}, 502, "signing_key_unknown"),
                                  ({"delay_ms": 60_000}, 504, "timed_out")):
            with self.subTest(how=how):
                self.start()
                self.provider.spoil("jwks", **how)
                browser = Browser()
                response = self.sign_in(browser, Accept="application/json")
                self.assertEqual((response.status, response.get("Content-Type")), (status, "application/problem+json"))
                if code:
                    self.assertEqual(response.code(), "coauth.client:" + code)
                self.assertNotIn("login_session", browser.cookies)

    def test_a_rotated_key(self):
        self.start()
        self.signed_in()
        self.provider.do("rotate")
        self.signed_in()
        self.assertEqual(self.provider.count("jwks"), 2)

    def test_a_refresh_keeps_who_it_is(self):
        self.start()
        browser = self.signed_in()
        before = self.claims(browser)
        response = browser.post(self.server.url + "/refresh", Accept="application/json")
        after = response.json()["claims"]
        self.assertEqual([after[name] for name in ("iss", "sub", "aud", "auth_time", "sid")],
                         [before[name] for name in ("iss", "sub", "aud", "auth_time", "sid")])

    def test_a_refresh_for_somebody_else(self):
        self.start()
        browser = self.signed_in()
        self.provider.do("id_token", set={"sub": "bob"}, remove=[])
        response = browser.post(self.server.url + "/refresh", Accept="application/json")
        self.assert_problem(response, 502, "coauth.client:subject_mismatch")
        self.assertEqual(browser.get_json(self.server.url + "/profile").json()["subject"], "ada")


class Assertions(TestCase):
    """Clients that sign. The provider of these tests takes none; test/interop has one that does."""

    def start_signing(self, *arguments, **rest):
        provider = self.provider = self.start_provider()
        metadata = Browser().get(provider.issuer + "/.well-known/openid-configuration").json()
        metadata["token_endpoint_auth_methods_supported"] = ["client_secret_jwt", "private_key_jwt"]
        provider.spoil("metadata", body=json.dumps(metadata))
        self.server = self.start_client(provider, *arguments, **rest)

    def assertion(self):
        """What the server sent, its header and its claims."""
        response = self.sign_in(Browser(), Accept="application/json")
        self.assert_problem(response, 502, "coauth.server:invalid_client")
        request = self.provider.requests("token")[-1]
        self.assertNotIn("Authorization", request["fields"])
        sent = parse_qs(request["body"])
        self.assertNotIn("client_secret", sent)
        self.assertEqual(sent["client_assertion_type"], ["urn:ietf:params:oauth:client-assertion-type:jwt-bearer"])
        [compact] = sent["client_assertion"]
        header, claims, _ = compact.split(".")
        claims = json.loads(decoded(claims))
        self.assertEqual((claims["iss"], claims["sub"], claims["aud"]), (CLIENT_ID, CLIENT_ID, self.provider.issuer))
        self.assertNotIn(compact, self.server.stderr() + response.body)
        return compact, json.loads(decoded(header)), claims

    def test_client_secret_jwt(self):
        self.start_signing("--client-auth", "client_secret_jwt", secret=LONG_SECRET)
        compact, header, claims = self.assertion()
        self.assertEqual(header["alg"], "HS256")
        signed, signature = compact.rsplit(".", 1)
        self.assertEqual(decoded(signature), hmac.new(LONG_SECRET.encode(), signed.encode(), hashlib.sha256).digest())
        self.assertNotEqual(self.assertion()[2]["jti"], claims["jti"])

    def key(self, algorithm):
        made = self.start_provider().do("make_key", algorithm=algorithm)
        file = tempfile.NamedTemporaryFile(suffix=".pem")
        self.addCleanup(file.close)
        file.write(made["pem"].encode())
        file.flush()
        return file.name, made["jwk"]

    def test_private_key_jwt(self):
        path, jwk = self.key("RS256")
        self.start_signing("--client-key", path, "--client-key-id", "key-7", secret=None)
        compact, header, _ = self.assertion()
        self.assertEqual((header["alg"], header["kid"]), ("RS256", "key-7"))
        # RFC 8017 8.2.2
        signed, signature = compact.rsplit(".", 1)
        n, e = (int.from_bytes(decoded(jwk[name]), "big") for name in ("n", "e"))
        message = pow(int.from_bytes(decoded(signature), "big"), e, n).to_bytes((n.bit_length() + 7) // 8, "big")
        self.assertTrue(message.startswith(b"\x00\x01\xff"))
        self.assertTrue(message.endswith(hashlib.sha256(signed.encode()).digest()))
        with open(path, encoding="ascii") as file:
            lines = file.read().split("\n")[1:-2]
        self.assertEqual([line for line in lines if line in self.server.stderr()], [])

    def test_the_key_says_which_algorithm(self):
        for algorithm in ("ES256", "ES384", "ES512", "EdDSA"):
            self.start_signing("--client-auth", "private_key_jwt", "--client-key", self.key(algorithm)[0], secret=None)
            self.assertEqual(self.assertion()[1]["alg"], algorithm)

    def test_an_algorithm_is_named(self):
        self.start_signing("--client-key", self.key("RS256")[0], "--client-key-alg", "PS384", secret=None)
        self.assertEqual(self.assertion()[1]["alg"], "PS384")

    def test_a_provider_without_discovery(self):
        provider = self.provider = self.start_provider()
        server = self.server = self.start_server(
            "--authorization-endpoint", provider.urls["authorization"], "--token-endpoint", provider.urls["token"],
            "--client-id", CLIENT_ID, "--insecure-loopback", "--client-key", self.key("ES256")[0])
        server.callback = server.url + "/callback"
        provider.register(server.callback)
        self.sign_in(Browser())
        [compact] = parse_qs(provider.requests("token")[0]["body"])["client_assertion"]
        self.assertEqual(json.loads(decoded(compact.split(".")[1]))["aud"], provider.urls["token"])

    def refused(self, *arguments, says, secret=None):
        from test_options import run
        got = run("--issuer", "https://provider.example", "--client-id", "me", *arguments, secret=secret)
        with self.subTest(arguments=arguments):
            self.assertEqual((got.returncode, got.stdout, got.stderr.count("\n")), (2, "", 1), got)
            self.assertIn(says, got.stderr)

    def test_what_does_not_fit(self):
        rsa, _ = self.key("RS256")
        ec, _ = self.key("ES256")
        self.refused("--client-auth", "private_key_jwt", says="needs --client-key")
        self.refused("--client-key-id", "x", says="--client-key-id needs --client-key")
        self.refused("--client-key-alg", "RS256", says="--client-key-alg needs --client-key")
        self.refused("--client-key", "/no/such/file", says="--client-key cannot be read")
        self.refused("--client-key", os.path.dirname(rsa), says="--client-key cannot be read")
        self.refused("--client-key", __file__, says="--client-key holds no private key")
        self.refused("--client-key", rsa, "--client-key-alg", "ES256", says="that fits --client-key-alg ES256")
        self.refused("--client-key", ec, "--client-key-alg", "ES384", says="that fits --client-key-alg ES384")
        self.refused("--client-key", ec, "--client-key-alg", "HS256", says="--client-key-alg has to be one of")
        self.refused("--client-key", ec, "--client-auth", "none", says="--client-auth none has no use for --client-key")
        self.refused("--client-key", ec, "--client-secret-file", ec, says="has no use for --client-secret-file")
        self.refused("--client-auth", "client_secret_jwt", says="needs --client-secret-file or COAUTH_CLIENT_SECRET")
        self.refused("--client-auth", "client_secret_jwt", secret="a" * 31, says="at least 32 bytes")
        self.refused("--id-token-alg", "none", says="--id-token-alg has to be one of RS256")
        self.refused("--id-token-alg", "rs256", says="--id-token-alg has to be one of RS256")
        self.refused("--id-token-alg", "HS256", says="needs --client-secret-file or COAUTH_CLIENT_SECRET")
        for algorithm, size in (("HS256", 32), ("HS384", 48), ("HS512", 64)):
            self.refused("--id-token-alg", algorithm, secret="a" * (size - 1),
                         says=f"--id-token-alg {algorithm} needs a client secret of at least {size} bytes")
        for pair in (("HS256", "RS256"), ("RS256", "HS256"), ("HS256", "HS256"), ("HS256", "HS512")):
            self.refused("--id-token-alg", pair[0], "--id-token-alg", pair[1], secret=LONG_SECRET,
                         says="only one algorithm with a secret")
