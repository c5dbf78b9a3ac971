"""A provider that is down, slow, busy or misbehaving."""

import tempfile
import threading
import time

from harness import SOON, Browser, TestCase, free_port


class Discovery(TestCase):
    def login(self):
        return Browser().get_json(self.server.url + "/login")

    def test_down_at_first(self):
        port = free_port()
        self.server = self.start_server("--issuer", f"http://127.0.0.1:{port}", "--insecure-loopback", "--client-id",
                                        "the-client", secret="s")
        self.assertEqual(Browser().get(self.server.url + "/healthz").status, 200)
        self.assertEqual(Browser().get(self.server.url + "/").status, 200)
        for _ in range(2):
            self.assert_problem(self.login(), 502, "coauth.client:connection_failed")
        page = Browser().get(self.server.url + "/login")
        self.assertEqual((page.status, page.get("Content-Type")), (502, "text/html; charset=utf-8"))
        provider = self.start_provider("--port", str(port))
        self.assertEqual(provider.issuer, f"http://127.0.0.1:{port}")
        self.assertEqual(self.login().status, 302)
        for _ in range(3):
            self.login()
        self.assertEqual(provider.count("metadata"), 1)

    def test_a_crowd_asks_once(self):
        self.start()
        self.provider.spoil("metadata", delay_ms=500)
        got = []
        threads = [threading.Thread(target=lambda: got.append(self.login().status)) for _ in range(40)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(got, [302] * 40)
        self.assertEqual(self.provider.count("metadata"), 1)

    def test_a_crowd_fails_together_and_the_next_one_tries_again(self):
        for delay_ms in (500, 4000):  # a busy machine may need more time to gather the crowd
            self.start()
            self.provider.spoil("metadata", delay_ms=delay_ms, status=500, body="no")
            got = []
            threads = [threading.Thread(target=lambda: got.append(self.login().status)) for _ in range(20)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            if self.provider.count("metadata") <= 2:
                break
        self.assertEqual(got, [502] * 20)
        self.assertLessEqual(self.provider.count("metadata"), 2)
        self.provider.behave()
        self.assertEqual(self.login().status, 302)

    def test_slow(self):
        self.start()
        self.provider.spoil("metadata", delay_ms=60_000)
        began = time.monotonic()
        self.assert_problem(self.login(), 504, "coauth.client:timed_out")
        self.assertLess(time.monotonic() - began, SOON)

    def test_busy(self):
        for status in (503, 429):
            self.start()
            self.provider.spoil("metadata", status=status, body="", fields={"Retry-After": "12"})
            response = self.login()
            self.assert_problem(response, 503, "coauth.client:server_unavailable")
            self.assertEqual(response.get("Retry-After"), "12")

    def test_misbehaving(self):
        self.start()
        for how, code in (
                ({"body": '{"issuer":"https://evil.example"}'}, "issuer_mismatch"),
                ({"body": "{}"}, None),
                ({"body": "<html>"}, "malformed_json"),
                ({"fields": {"Content-Type": "text/html"}}, "unexpected_content_type"),
                ({"status": 302, "fields": {"Location": "https://evil.example/"}, "body": ""}, "redirect_refused"),
                ({"status": 404, "body": "no"}, None),
                ({"truncation": 30}, None),
                ({"body": "x" * 300_000}, "body_too_large"),
                ({"raw": "nonsense\r\n\r\n"}, "malformed_http")):
            with self.subTest(how=str(how)[:60]):
                self.provider.behave()
                self.provider.spoil("metadata", **how)
                response = self.login()
                self.assertEqual(response.status, 502, response.body)
                if code:
                    self.assertEqual(response.code(), "coauth.client:" + code)
        self.assertEqual(self.provider.count("authorization") + self.provider.count("token"), 0)

    def test_an_untrusted_certificate(self):
        with tempfile.NamedTemporaryFile(suffix=".pem") as file:
            self.start(provider_arguments=("--tls", file.name))
            self.assert_problem(self.login(), 502, "coauth.client:certificate_rejected")
            self.assertEqual(self.provider.do("count_all"), 0)

    def test_a_method_that_the_provider_does_not_have(self):
        self.start()
        self.provider.spoil("metadata", body="", status=404)
        self.provider.behave()
        metadata = Browser().get(self.provider.issuer + "/.well-known/openid-configuration").json()
        metadata["token_endpoint_auth_methods_supported"] = ["private_key_jwt"]
        import json
        self.provider.spoil("metadata", body=json.dumps(metadata))
        self.assert_problem(self.login(), 502, "coauth.client:client_authentication_unsupported")


class TokenEndpoint(TestCase):
    def setUp(self):
        self.start()
        self.signed_in()  # discovery and keys are there

    def failing(self, endpoint, **how):
        """The answer to a callback while an endpoint misbehaves, and the browser."""
        self.provider.behave()
        self.provider.spoil(endpoint, **how)
        browser = Browser()
        response = self.sign_in(browser, Accept="application/json")
        self.assertNotIn("login_session", browser.cookies)
        return response

    def test_refusals(self):
        for error in ("invalid_grant", "invalid_client", "invalid_request", "unauthorized_client"):
            response = self.failing("token", status=400, body='{"error":"%s"}' % error)
            self.assert_problem(response, 502, "coauth.server:" + error)

    def test_wrong_answers(self):
        for how, code in (({"status": 500, "body": "<h1>no</h1>", "fields": {"Content-Type": "text/html"}}, None),
                          ({"body": "[]"}, "malformed_json"),
                          ({"body": '{"token_type":"Bearer"}'}, "access_token_missing"),
                          ({"body": '{"access_token":"x","token_type":"MAC","id_token":"x"}'}, "unsupported_token_type"),
                          ({"body": '{"access_token":"x","token_type":"Bearer"}'}, "id_token_missing"),
                          ({"body": '{"access_token":"x","access_token":"y","token_type":"Bearer"}'}, "duplicate_member"),
                          ({"truncation": 20}, "outcome_unknown"),
                          ({"status": 307, "body": "", "fields": {"Location": "https://evil.example"}}, "redirect_refused"),
                          ({"body": "x" * (2 * 1024 * 1024)}, "body_too_large")):
            with self.subTest(how=str(how)[:60]):
                before = self.provider.count("token")
                userinfo = self.provider.count("userinfo")
                response = self.failing("token", **how)
                self.assertEqual(response.status, 502, response.body)
                if code:
                    self.assertEqual(response.code(), "coauth.client:" + code)
                self.assertEqual(self.provider.count("token"), before + 1, "a code was sent twice")
                self.assertEqual(self.provider.count("userinfo"), userinfo, "it went on after a failure")

    def test_busy(self):
        for status in (503, 429):
            response = self.failing("token", status=status, body="", fields={"Retry-After": "9"})
            self.assert_problem(response, 503, "coauth.client:server_unavailable")
            self.assertEqual(response.get("Retry-After"), "9")

    def test_slow(self):
        began = time.monotonic()
        self.assert_problem(self.failing("token", delay_ms=60_000), 504, "coauth.client:timed_out")
        self.assertLess(time.monotonic() - began, SOON)

    def test_userinfo(self):
        for how, status in (({"status": 500, "body": "no"}, 502), ({"body": '{"name":"nobody"}'}, 502),
                            ({"body": "<html>"}, 502), ({"truncation": 3}, 502), ({"status": 401, "body": ""}, 502),
                            ({"fields": {"Content-Type": "text/html"}}, 502), ({"status": 503, "body": ""}, 503)):
            with self.subTest(how=how):
                response = self.failing("userinfo", **how)
                self.assertEqual(response.status, status, response.body)

    def test_descriptions_of_the_back_channel_stay_there(self):
        response = self.failing("token", status=400,
                                body='{"error":"invalid_client","error_description":"wrong secret hush-hush"}')
        self.assertNotIn("hush-hush", response.body + self.server.stderr())
