"""Every route, signed in or not, for people and for programs; cookies, headers, cross-site requests, return_to."""

import json
import re
from urllib.parse import quote

from harness import Browser, TestCase, USER_NAME

# What must not get anybody away from the site. Collected from advisories about redirects after a sign-in.
NOT_HERE = [
    "", "profile", "https://evil.example", "http://evil.example/", "https:evil.example", "https:/evil.example",
    "https:///evil.example", "http:\\\\evil.example", "//evil.example", "///evil.example", "////evil.example",
    "//evil.example/%2f..", "/\\evil.example", "\\/evil.example", "\\\\evil.example", "/\\/evil.example",
    "//\\evil.example", "/%5cevil.example", "/%5c%5cevil.example", "/%5Cevil.example/", "%2f%2fevil.example",
    "/%2fevil.example", "/%2f%2fevil.example", "%2fevil.example", "/%252fevil.example", "/%25252fevil.example",
    "/%09/evil.example", "/\t/evil.example", "/\n/evil.example", "/\r\n/evil.example", "/\x00/evil.example",
    "/%00/evil.example", "/%0d%0aSet-Cookie:x=1", "/\r\nSet-Cookie: x=1", "\t//evil.example", " //evil.example",
    " /profile", "/profile ", "/pro file", "javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x",
    "/javascript:alert(1)//x", "@evil.example", "//user@evil.example", "evil.example", "./profile", "../profile",
    "?next=//evil.example", "#//evil.example", "/profile#//evil.example", "/..//evil.example", "/.//evil.example",
    "/a/..//evil.example", "/./%2fevil.example", "/%2e%2e//evil.example", "//[::1]/", "//127.0.0.1", "//%65vil.example",
    "/\u2215evil.example", "/\uff0f\uff0fevil.example", "/\u3000/evil.example", "/" + "a" * 3000, "/%zz", "/%",
    "/profile\\..\\evil", "/login", "/login?return_to=/profile", "/callback", "/callback?code=x",
]
HERE = ["/", "/profile", "/resource", "/profile?tab=tokens", "/a/b;c=d/e?f=g&h=https://other.example/", "/a%20b",
        "/caf%C3%A9", "/@someone", "/a:b"]

PAGE_FIELDS = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store"}


class Routes(TestCase):
    def setUp(self):
        self.start()

    def assert_guarded(self, response):
        """What every answer carries."""
        for name, value in PAGE_FIELDS.items():
            self.assertEqual(response.all(name), [value], response.url)
        if response.status in (301, 302, 303):
            return
        policy = response.get("Content-Security-Policy")
        self.assertIn("default-src 'none'", policy)
        self.assertIn("frame-ancestors 'none'", policy)
        self.assertNotIn("unsafe", policy)
        if "html" in response.get("Content-Type"):
            self.assertNotIn("<script", response.body)

    def test_LG7_everybody(self):
        browser = Browser()
        home = browser.get(self.server.url + "/")
        self.assertEqual(home.status, 200)
        self.assertIn('href="/login"', home.body)
        self.assert_guarded(home)
        self.assertEqual(browser.get_json(self.server.url + "/").json(), {"signed_in": False})
        health = browser.get(self.server.url + "/healthz")
        self.assertEqual(health.status, 200)
        self.assertEqual(browser.cookies, {})

    def test_not_signed_in(self):
        browser = Browser()
        for path in ("/profile", "/resource"):
            page = browser.get(self.server.url + path)
            self.assertEqual((page.status, page.get("Content-Type")), (401, "text/html; charset=utf-8"))
            self.assertIn(f'href="/login?return_to={path}"', page.body)
            self.assert_guarded(page)
            self.assert_problem(browser.get_json(self.server.url + path), 401, "login_server:not_signed_in")
        response = browser.post(self.server.url + "/refresh", Accept="application/json")
        self.assert_problem(response, 401, "login_server:not_signed_in")
        response = browser.post(self.server.url + "/logout")
        self.assertEqual((response.status, response.get("Location")), (302, "/"))

    def test_no_such_page(self):
        browser = Browser()
        for path in ("/nothing", "/Profile", "/profile/", "/%70rofile", "/callback/", "/..", "/favicon.ico"):
            page = browser.get(self.server.url + path)
            self.assertEqual(page.status, 404, path)
            self.assert_guarded(page)
        self.assert_problem(browser.get_json(self.server.url + "/nothing"), 404, "login_server:not_found")

    def test_other_methods(self):
        browser = Browser()
        for method, path, allow in (("POST", "/", "GET, HEAD"), ("DELETE", "/profile", "GET, HEAD"),
                                    ("GET", "/logout", "POST"), ("GET", "/backchannel-logout", "POST"),
                                    ("POST", "/signed-out", "GET, HEAD"), ("POST", "/frontchannel-logout", "GET, HEAD"),
                                    ("GET", "/refresh", "POST"),
                                    ("PUT", "/callback", "GET, HEAD, POST"), ("OPTIONS", "/login", "GET, HEAD"),
                                    ("TRACE", "/", "GET, HEAD"), ("BREW", "/", "GET, HEAD")):
            response = browser.request(method, self.server.url + path, Accept="application/json")
            self.assert_problem(response, 405, "login_server:method_not_allowed")
            self.assertEqual(response.get("Allow"), allow)

    def test_head(self):
        response = Browser().request("HEAD", self.server.url + "/")
        self.assertEqual((response.status, response.body), (200, ""))
        self.assertGreater(int(response.get("Content-Length")), 500)

    def test_what_accept_means(self):
        for accept, json_wanted in (("application/json", True), ("application/problem+json", True), ("*/*", False),
                                    ("text/html,application/xhtml+xml,*/*;q=0.8", False),
                                    ("text/html, application/json;q=0.5", False),
                                    ("application/json, text/plain, */*", True)):
            response = Browser().get(self.server.url + "/profile", Accept=accept)
            self.assertEqual("json" in response.get("Content-Type"), json_wanted, accept)

    def test_login_leads_to_the_provider(self):
        browser = Browser()
        response = browser.get(self.server.url + "/login")
        self.assertEqual(response.status, 302)
        self.assertTrue(response.location.startswith(self.provider.urls["authorization"] + "?"))
        self.assert_guarded(response)
        parameters = response.parameters()
        self.assertEqual(
            {name: parameters[name] for name in ("response_type", "client_id", "redirect_uri", "scope",
                                                 "code_challenge_method")},
            {"response_type": "code", "client_id": "the-client", "redirect_uri": self.server.callback,
             "scope": "openid profile email", "code_challenge_method": "S256"})
        for name in ("state", "nonce", "code_challenge"):
            self.assertRegex(parameters[name], r"^[A-Za-z0-9_-]{43}$")
        self.assertEqual(list(browser.cookies), ["coauth"])
        self.assertRegex(browser.cookies["coauth"], r"^[A-Za-z0-9_-]{43}$")
        self.assertEqual(sorted(browser.attributes["coauth"]), ["HttpOnly", "Max-Age=300", "Path=/", "SameSite=Lax"])

    def test_CB22_return_to(self):
        browser = Browser()
        for target in NOT_HERE:
            with self.subTest(return_to=target):
                response = browser.get(self.server.url + "/login?return_to=" + quote(target, safe=""),
                                       Accept="application/json")
                self.assert_problem(response, 400, "login_server:invalid_return_to")
                self.assertIsNone(response.get("Set-Cookie"))
        for query in ("return_to=/profile&return_to=/", "return_to=/profile&return_to=//evil.example", "return_to"):
            self.assertEqual(browser.get(self.server.url + "/login?" + query).status, 400, query)
        for target in HERE:
            with self.subTest(return_to=target):
                response = self.sign_in(Browser(), "/login?return_to=" + quote(target, safe=""))
                self.assertEqual((response.status, response.get("Location")), (302, target))

    def test_signed_in(self):
        browser = self.signed_in()
        self.assertEqual(sorted(browser.attributes["login_session"]), ["HttpOnly", "Path=/", "SameSite=Lax"])
        self.assertEqual(browser.get_json(self.server.url + "/").json(), {"signed_in": True})
        profile = browser.get_json(self.server.url + "/profile")
        self.assertEqual(profile.get("Content-Type"), "application/json")
        self.assert_guarded(profile)
        got = profile.json()
        self.assertRegex(got["token"].pop("expires_at"), r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
        claims = got.pop("claims")
        self.assertEqual((claims["iss"], claims["sub"], claims["aud"]), (self.provider.issuer, "ada", "the-client"))
        self.assertNotIn("nonce", claims)
        self.assertEqual(got, {
            "issuer": self.provider.issuer, "subject": "ada",
            "userinfo": {"sub": "ada", "preferred_username": "ada", "name": USER_NAME, "email": "ada@example.com"},
            "token": {"type": "Bearer", "scope": ["openid", "profile", "email"], "refreshable": True}})

    def test_pages_escape_what_they_show(self):
        browser = self.signed_in()
        for path in ("/", "/profile"):
            page = browser.get(self.server.url + path)
            self.assertEqual(page.status, 200)
            self.assert_guarded(page)
            self.assertIn("Ada &lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;Co&quot;", page.body)

    def test_errors_escape_what_they_show(self):
        browser = Browser()
        begun = browser.get(self.server.url + "/login")
        page = browser.get(self.server.callback + "?error=server_error&error_description=" +
                           quote("<script>alert(1)</script>") + "&state=" + begun.parameters()["state"] + "&iss=" +
                           quote(self.provider.issuer, safe=""))
        self.assertEqual(page.status, 502)
        self.assertIn("&lt;script&gt;", page.body)
        self.assert_guarded(page)

    def test_pages_are_accessible(self):
        browser = self.signed_in()
        for page in (browser.get(self.server.url + "/"), browser.get(self.server.url + "/profile"),
                     Browser().get(self.server.url + "/"), Browser().get(self.server.url + "/profile"),
                     Browser().get(self.server.callback)):
            self.assertIn('<html lang="en">', page.body)
            self.assertRegex(page.body, r"<title>[^<]+</title>")
            self.assertEqual(len(re.findall(r"<h1[ >]", page.body)), 1)
            self.assertEqual(len(re.findall(r"<main[ >]", page.body)), 1)
            self.assertIn('name="viewport"', page.body)
            if page.status >= 400:
                self.assertIn('role="alert"', page.body)

    def test_cross_site_requests(self):
        browser = self.signed_in()
        own = self.server.url
        refused = [{"Sec_Fetch_Site": "cross-site"}, {"Sec_Fetch_Site": "same-site"}, {"Sec_Fetch_Site": "same-site",
                   "Origin": own}, {"Sec_Fetch_Site": "cross-site", "Origin": own}, {"Sec_Fetch_Site": ""},
                   {"Origin": "https://evil.example"}, {"Origin": "null"}, {"Origin": ""},
                   {"Origin": own + ".evil.example"}, {"Origin": self.provider.issuer},
                   {"Origin": own.replace("http:", "https:")},
                   {"Sec_Fetch_Site": "same-origin", "Origin": "https://evil.example"}]
        before = self.provider.do("count_all")
        for headers in refused:
            for path in ("/logout", "/refresh"):
                with self.subTest(path=path, headers=headers):
                    response = browser.post(own + path, Accept="application/json", **headers)
                    self.assert_problem(response, 403, "login_server:cross_site_request")
        self.assertEqual(browser.get_json(own + "/profile").status, 200)
        self.assertEqual(self.provider.do("count_all"), before)
        for headers in ({"Sec_Fetch_Site": "same-origin", "Origin": "null"}, {"Sec_Fetch_Site": "same-origin"},
                        {"Sec_Fetch_Site": "same-origin", "Origin": own}, {"Origin": own}, {"Sec_Fetch_Site": "none"},
                        {}):
            with self.subTest(headers=headers):
                response = self.signed_in().post(own + "/logout", **headers)
                self.assertTrue(response.location.startswith(self.provider.urls["end_session"]), response.body)

    def test_the_callback_has_to_be_a_form(self):
        response = Browser().request("POST", self.server.callback, json.dumps({"state": "x"}),
                                     Content_Type="application/json", Accept="application/json")
        self.assert_problem(response, 415, "login_server:not_a_form")

    def test_another_name_of_this_machine(self):
        host = f"localhost:{self.server.port}"
        response = Browser().get(self.server.url + "/", Host=host)
        self.assertEqual((response.status, response.get("Location")), (302, self.server.url + "/"))
        self.assertEqual(Browser().get(self.server.url + "/", Host="evil.example").status, 200)


class Configured(TestCase):
    def test_cookies_over_https(self):
        for mode, same_site in (("query", "SameSite=Lax"), ("form_post", "SameSite=None")):
            server = self.start("--redirect-uri", "https://app.example/callback", "--response-mode", mode)
            server.callback = "https://app.example/callback"
            self.provider.register(server.callback)
            browser = Browser()
            begun = browser.get(server.url + "/login")
            self.assertEqual(sorted(browser.attributes["__Host-coauth"]),
                             ["HttpOnly", "Max-Age=300", "Path=/", same_site, "Secure"])
            back = browser.authorize(begun, server.callback)
            if mode == "query":
                response = browser.get(server.url + back.location[len("https://app.example"):])
            else:
                response = browser.post(server.url + "/callback", browser.form(back)[1])
            self.assertEqual(response.status, 302, response.body)
            self.assertEqual(sorted(browser.attributes["__Host-login_session"]),
                             ["HttpOnly", "Path=/", "SameSite=Lax", "Secure"])
            self.assertEqual(browser.get(server.url + "/profile").status, 200)

    def test_form_post_over_loopback_http(self):
        server = self.start("--response-mode", "form_post")
        browser = Browser()
        self.assertEqual(browser.get(server.url + "/login").parameters()["response_mode"], "form_post")
        self.assertEqual(sorted(browser.attributes["coauth"]), ["HttpOnly", "Max-Age=300", "Path=/"])
        self.signed_in()

    def test_another_callback_path(self):
        provider = self.start_provider()
        self.provider = provider
        server = self.start_client(provider, "--redirect-uri", "http://127.0.0.1:9/auth/cb?tenant=1")
        provider.register("http://127.0.0.1:9/auth/cb?tenant=1")
        browser = Browser()
        back = browser.authorize(browser.get(server.url + "/login"), "http://127.0.0.1:9/auth/cb")
        self.assertEqual(Browser().get(server.url + "/callback").status, 404)
        response = browser.get(server.url + back.location[len("http://127.0.0.1:9"):])
        self.assertEqual((response.status, response.get("Location")), (302, "/profile"), response.body)

    def test_without_a_resource(self):
        self.start()
        browser = self.signed_in()
        self.assert_problem(browser.get_json(self.server.url + "/resource"), 404, "login_server:no_resource")

    def test_the_embedded_provider(self):
        server = self.start_server()
        page = Browser().get(server.url + "/")
        self.assertIn("alice", page.body)
        response = Browser().get(server.url + "/login")
        self.assertRegex(response.location, r"^http://127\.0\.0\.1:\d+/authorize\?")
