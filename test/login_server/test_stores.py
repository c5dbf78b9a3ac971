"""Where pending sign-ins, tokens and sessions are kept: here, in cookies, and for several processes."""

import base64
import os
import secrets
import tempfile
from urllib.parse import urlsplit

from harness import Browser, TestCase


def new_key():
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).rstrip(b"=").decode()


class SealedCookies(TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def key_file(self, *keys):
        path = os.path.join(self.folder, f"keys-{len(os.listdir(self.folder))}")
        with open(path, "w", encoding="ascii") as file:
            os.chmod(path, 0o600)
            file.write("".join(key + "\n" for key in keys))
        return path

    def start_two(self, *of_first, of_second=(), **rest):
        """The provider sends people back to the first, wherever they began. Cookies go to both: they are of one host."""
        self.start("--state-store", "sealed", *of_first, **rest)
        self.second = self.start_server(
            "--issuer", self.provider.issuer, "--insecure-loopback", "--client-id", "the-client", "--state-store",
            "sealed", "--redirect-uri", self.server.callback, "--post-logout-redirect-uri", "", *of_second,
            secret="CANARY-client-secret-8f1c")
        self.second.callback = self.server.callback

    def binding_cookies(self, browser):
        return {name: value for name, value in browser.cookies.items() if name.startswith("coauth")}

    def test_in_one_process(self):
        self.start("--state-store", "sealed", "--log", "json")
        browser = self.signed_in()
        self.assertEqual(browser.get_json(self.server.url + "/profile").json()["subject"], "ada")
        self.assertIn("sign_in.completed", [event["event"] for event in self.server.events()])

    def test_by_a_form(self):
        self.start("--state-store", "sealed", "--response-mode", "form_post")
        self.assertEqual(self.signed_in().get(self.server.url + "/profile").status, 200)

    def test_begun_at_one_process_and_completed_at_another(self):
        keys = self.key_file(new_key())
        self.start_two("--seal-key-file", keys, of_second=("--seal-key-file", keys))
        browser = Browser()
        self.assertEqual(self.sign_in(browser, server=self.second, path="/login?return_to=/healthz").location,
                         self.server.url + "/healthz")
        self.assertEqual(browser.get(self.server.url + "/profile").status, 200)
        self.assertEqual(self.provider.count("token"), 1)

    def test_a_new_key(self):
        """What was sealed with the old one opens as long as it is in the file."""
        old, new = new_key(), new_key()
        self.start_two("--seal-key-file", self.key_file(new, old), of_second=("--seal-key-file", self.key_file(old)))
        self.assertEqual(self.sign_in(Browser(), server=self.second).status, 302)

    def test_each_process_has_a_key_of_its_own_without_a_file(self):
        self.start_two()
        response = self.sign_in(Browser(), server=self.second, Accept="application/json")
        self.assertEqual((response.status, response.get("Content-Type")), (400, "application/problem+json"))
        self.assertTrue(response.code().startswith("coauth.client:"), response.code())
        self.assertEqual(self.provider.count("token"), 0)

    def test_the_cookie_of_another_browser_or_a_changed_one(self):
        self.start("--state-store", "sealed")
        one, other = Browser(), Browser()
        back = one.authorize(one.get(self.server.url + "/login"), self.server.callback)
        other.authorize(other.get(self.server.url + "/login"), self.server.callback)
        self.assertEqual(other.return_from(back, self.server.callback).status, 400)
        self.assertEqual(Browser().return_from(back, self.server.callback).status, 400)
        for name, value in self.binding_cookies(one).items():
            for at in (0, len(value) // 2, len(value) - 3):
                changed = Browser()
                changed.cookies = {name: value[:at] + ("A" if value[at] != "A" else "B") + value[at + 1:]}
                self.assertEqual(changed.return_from(back, self.server.callback).status, 400)
        self.assertEqual(self.provider.count("token"), 0)
        self.assertEqual(one.return_from(back, self.server.callback).status, 302)

    def test_several_tabs(self):
        self.start("--state-store", "sealed")
        browser = Browser()
        tabs = [browser.get(self.server.url + "/login?return_to=/tab" + str(i)) for i in range(3)]
        ways_back = [browser.authorize(tab, self.server.callback) for tab in tabs]
        for i in (1, 0, 2):
            self.assertEqual(browser.return_from(ways_back[i], self.server.callback).location,
                             f"{self.server.url}/tab{i}")

    def test_a_second_use(self):
        """A process knows what was used at it; another one does not, but the provider knows that the code was."""
        keys = self.key_file(new_key())
        self.start_two("--seal-key-file", keys, of_second=("--seal-key-file", keys))
        browser = Browser()
        back = browser.authorize(browser.get(self.server.url + "/login"), self.server.callback)
        sealed = self.binding_cookies(browser)
        self.assertEqual(browser.return_from(back, self.server.callback).status, 302)
        self.assertEqual(self.binding_cookies(browser), {})
        for server, status, code in ((self.server, 400, "coauth.client:unknown_transaction"),
                                     (self.second, 502, "coauth.server:invalid_grant"),
                                     (self.second, 400, "coauth.client:unknown_transaction")):
            again = Browser()
            again.cookies = dict(sealed)
            response = again.get_json(server.url + "/callback?" + urlsplit(back.location).query)
            self.assert_problem(response, status, code)
            self.assertNotIn("login_session", again.cookies)
        self.assertEqual(self.provider.count("token"), 2)

    def test_sign_ins_that_nobody_completes(self):
        """Their cookies come with every request: there are never many of them."""
        self.start("--state-store", "sealed")
        browser = Browser()
        most = 0
        for _ in range(30):
            self.assertEqual(browser.get(self.server.url + "/login").status, 302)
            most = max(most, len(self.binding_cookies(browser)))
        self.assertEqual(most, 7)
        self.assertEqual(self.sign_in(browser).status, 302)

    def test_a_long_way_to_return_to(self):
        self.start("--state-store", "sealed")
        browser = Browser()
        for size in (500, 8000):
            begun = browser.get_json(self.server.url + "/login?return_to=/" + "a" * size)
            with self.subTest(size=size):
                if size == 500:
                    self.assertEqual(begun.status, 302)
                    self.assertTrue(all(len(cookie) < 4096 for cookie in begun.all("Set-Cookie")))
                else:
                    self.assertGreaterEqual(begun.status, 400)
                    self.assertTrue(begun.code().startswith(("coauth.client:", "login_server:")), begun.code())

    def test_no_secret_is_shown(self):
        self.start("--state-store", "sealed")
        browser = Browser()
        back = browser.authorize(browser.get(self.server.url + "/login"), self.server.callback)
        sealed = list(self.binding_cookies(browser).values())
        browser.return_from(back, self.server.callback)
        browser.return_from(back, self.server.callback)
        self.server.stop()
        self.assertTrue(sealed)
        for value in sealed + list(browser.cookies.values()):
            self.assertNotIn(value, self.server.stderr())


if __name__ == "__main__":
    import unittest
    unittest.main()
