// Pages: nothing that somebody else wrote becomes markup, and every one is locked down.
#include "server_fixture.hpp"

#include <coauth/detail/sha256.hpp>
#include <coauth/testing/page.hpp>

#include <boost/test/unit_test.hpp>

#include <openssl/evp.h>

namespace coauth_test {
namespace {

using coauth::testing::browser;
using coauth::testing::endpoint;
using coauth::testing::html_escape;
using coauth::testing::page;
using coauth::testing::registered_client;

std::string policy_of(const page& shown)
{
    for (const auto& field : shown.fields())
        if (field.name == "Content-Security-Policy")
            return field.value;
    return {};
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(testing_pages, server_fixture)

BOOST_AUTO_TEST_CASE(markup_is_escaped)
{
    BOOST_TEST(html_escape("<a href=\"x\">&'</a>") == "&lt;a href=&quot;x&quot;&gt;&amp;&#39;&lt;/a&gt;");
    BOOST_TEST(html_escape(std::string_view("a\0b", 3)) == "a\xef\xbf\xbd"
                                                           "b");
    BOOST_TEST(html_escape("Gr\xc3\xbc\xc3\x9f"
                           "e") == "Gr\xc3\xbc\xc3\x9f"
                                   "e");
    const std::string html = page("<script>").set_site_name("</title>&").set_footer("<b>").html();
    BOOST_TEST(!contains(html, "<script"));
    BOOST_TEST(!contains(html, "<b>"));
    BOOST_TEST(contains(html, "<title>&lt;script&gt; \xc2\xb7 &lt;/title&gt;&amp;</title>"));
}

BOOST_AUTO_TEST_CASE(hostile_input_stays_text)
{
    const std::string evil = "\"><script>alert(1)</script>";
    server.add_client(registered_client("evil" + evil)
                          .set_name("Evil" + evil)
                          .set_scope("openid x<b>")
                          .add_redirect_uri("https://client.example/" + evil));
    server.add_user(coauth::testing::user(evil, "p"));
    const form asked = question()
                           .set("client_id", "evil" + evil)
                           .set("redirect_uri", "https://client.example/" + evil)
                           .set("state", evil)
                           .set("scope", "openid x<b>")
                           .set("login_hint", evil)
                           .set("prompt", "consent");
    for (const char* mode : {"query", "form_post"}) {
        browser person(server);
        std::vector<coauth::testing::browser_result> seen;
        seen.push_back(person.open(url(form(asked).set("response_mode", mode))));
        form typed({{"username", evil}, {"password", "wrong"}});
        seen.push_back(person.submit(seen.back(), typed.text()));
        typed.set("password", "p");
        seen.push_back(person.submit(seen.back(), typed.text()));
        for (const auto& at : seen) {
            BOOST_TEST(at.page().size() > 1000u);
            BOOST_TEST(!contains(at.page(), "<script"));
            BOOST_TEST(!contains(at.page(), "x<b>"));
            BOOST_TEST(contains(at.page(), "&lt;script&gt;"));
        }
        // The browser reads the form, so that what it reads is what was asked.
        const auto back = person.submit(seen.back(), "decision=allow");
        BOOST_TEST(back.parameter("state") == evil);
        BOOST_TEST(back.callback_url().starts_with("https://client.example/" + evil));
    }
    // The form that posts the response, as it comes.
    int forms = 0;
    server.on_answer(endpoint::consent, [&](const auto&, auto& answer) {
        if (!contains(answer.body(), "Almost there"))
            return;
        ++forms;
        BOOST_TEST(!contains(answer.body(), "<script"));
        BOOST_TEST(contains(answer.body(), "&lt;script&gt;"));
    });
    browser person(server);
    person.sign_in(url(form(asked).set("response_mode", "form_post").remove("login_hint")), evil, "p");
    BOOST_TEST(forms == 1);
}

BOOST_AUTO_TEST_CASE(every_page_is_locked_down)
{
    const std::vector<reply> pages{
        send("GET", url(question()), {}, {}),
        send("GET", url(question().set("client_id", "nobody")), {}, {}),
        send("GET", server.issuer() + "/elsewhere", {}, {}),
        send("DELETE", url(question()), {}, {}),
        post(endpoint::login, form()),
        post(endpoint::consent, form()),
    };
    for (const reply& one : pages) {
        const std::string policy = one.field("Content-Security-Policy");
        BOOST_TEST(policy.starts_with("default-src 'none'; style-src 'sha256-"));
        BOOST_TEST(contains(policy, "; frame-ancestors 'none'"));
        BOOST_TEST(contains(policy, "; base-uri 'none'"));
        BOOST_TEST(one.field("Referrer-Policy") == "no-referrer");
        BOOST_TEST(one.field("X-Content-Type-Options") == "nosniff");
        BOOST_TEST(one.field("Cache-Control") == "no-store");
        BOOST_TEST(contains(one.body(), "<html lang=\"en\">"));
        BOOST_TEST(!contains(one.body(), " style="));
        BOOST_TEST(!contains(one.body(), "<script"));
    }
}

BOOST_AUTO_TEST_CASE(the_policy_has_the_hash_of_the_style)
{
    const std::string html = page("x").html();
    const auto start = html.find("<style>") + 7;
    const std::string style = html.substr(start, html.find("</style>") - start);
    BOOST_TEST(style == page::stylesheet());
    const auto digest = coauth::detail::sha256(style);
    std::string text(45, '\0');
    EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), digest->data(), 32);
    text.resize(44);
    BOOST_TEST(contains(policy_of(page("x")), "style-src 'sha256-" + text + "';"));
}

BOOST_AUTO_TEST_CASE(forms_may_lead_to_the_client_only)
{
    const auto targets = [](std::string_view url) {
        const std::string policy = policy_of(page("x").add_form_target(url));
        const auto start = policy.find("form-action ");
        return policy.substr(start, policy.find(';', start) - start);
    };
    BOOST_TEST(targets("https://client.example/callback?x") == "form-action 'self' https://client.example");
    BOOST_TEST(targets("http://127.0.0.1:8080/callback") == "form-action 'self' http://127.0.0.1:8080");
    BOOST_TEST(targets("http://[::1]:8080/callback") == "form-action 'self' http:");
    BOOST_TEST(targets("com.example.app:/callback") == "form-action 'self' com.example.app:");
    BOOST_TEST(targets("https://a;script-src%20*/") == "form-action 'self' https:");
    BOOST_TEST(targets("not a url") == "form-action 'self'");
    BOOST_TEST(contains(send("GET", url(question()), {}, {}).field("Content-Security-Policy"),
                        "form-action 'self' https://client.example;"));
}

BOOST_AUTO_TEST_CASE(consent_says_who_asks_for_what_and_where_one_goes)
{
    browser person(server);
    const auto login = person.open(url(question().set("scope", "openid profile offline_access api")));
    BOOST_TEST(contains(login.page(), "<strong>The Client</strong>"));
    const auto consent = person.submit(login, "username=ada&password=correct+horse");
    for (const char* words : {"<strong>The Client</strong>", "Know who you are", "See your name and profile",
                              "Keep this access while you are away", "Use the API in your name",
                              "<strong>client.example</strong>", "<strong>ada</strong>"})
        BOOST_TEST(contains(consent.page(), words), words);
    BOOST_TEST(!contains(consent.page(), "email"));
}

BOOST_AUTO_TEST_CASE(pages_can_be_used_by_everybody)
{
    const std::string html = server.sign_in(url(question()), user_name, "wrong").page();
    for (const char* part :
         {"<label for=\"username\">", "<label for=\"password\">", "autocomplete=\"username\"",
          "autocomplete=\"current-password\"", "aria-invalid=\"true\"", "aria-describedby=\"problem\"",
          "id=\"problem\"", "role=\"alert\"", "<header>", "<main", "<footer>", "<h1>", "name=\"viewport\"",
          "autofocus"})
        BOOST_TEST(contains(html, part), part);
    for (const char* part : {":focus-visible", "prefers-color-scheme: dark", "prefers-contrast"})
        BOOST_TEST(contains(page::stylesheet(), part), part);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace coauth_test
