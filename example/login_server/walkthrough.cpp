#include "walkthrough.hpp"

#include "narrator.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <cstdio>
#include <mutex>
#include <stdexcept>

namespace asio = boost::asio;

namespace login_server {
namespace {

using coauth::testing::endpoint;
using coauth::testing::server_answer;
using coauth::testing::server_request;

/// What the provider was asked and answered behind the browser's back.
class back_channel {
public:
    void watch(coauth::testing::authorization_server& server)
    {
        for (const endpoint each : {endpoint::metadata, endpoint::token, endpoint::jwks, endpoint::userinfo,
                                    endpoint::revocation, endpoint::api})
            server.on_answer(each, [this](const server_request& request, server_answer& answer) {
                const std::lock_guard lock(mutex_); // the provider has a thread of its own
                seen_.emplace_back(request, answer);
            });
        server.on_jwt(coauth::testing::server_jwt::logout_token,
                      [this](boost::json::object&, boost::json::object& claims) {
                          const std::lock_guard lock(mutex_);
                          logout_ = claims;
                      });
    }

    /// What came since the last call.
    std::vector<std::pair<server_request, server_answer>> take()
    {
        const std::lock_guard lock(mutex_);
        return std::exchange(seen_, {});
    }

    /// What the last logout token said.
    boost::json::object logout() const
    {
        const std::lock_guard lock(mutex_);
        return logout_;
    }

private:
    mutable std::mutex mutex_;
    std::vector<std::pair<server_request, server_answer>> seen_;
    boost::json::object logout_;
};

class walkthrough {
public:
    walkthrough(asio::any_io_executor executor, const std::string& redirect_uri, embedded_provider& at)
        : browser_(executor),
          timer_(executor),
          provider_end_(at.server().url(endpoint::end_session)),
          redirect_uri_(redirect_uri),
          site_(redirect_uri.substr(0, redirect_uri.find('/', 8)))
    {
        seen_.watch(at.server());
    }

    asio::awaitable<void> walk()
    {
        co_await welcome();
        browser_page page = co_await begin();
        page = co_await sign_in_at_provider(std::move(page));
        co_await come_back(std::move(page));
        co_await replay();
        co_await look_at_profile("The browser shows who is signed in");
        co_await refresh();
        co_await call_api();
        co_await sign_out();
        co_await sign_out_at_provider();
        tell_.note("");
        tell_.note("Done: " + std::to_string(tell_.steps()) + " steps, and everything was as it should be.");
    }

private:
    static void expect(bool met, const char* what)
    {
        if (!met)
            throw std::runtime_error(what);
    }

    void tell_back_channel()
    {
        for (const auto& [request, answer] : seen_.take())
            tell_.exchange(request, answer);
    }

    void tell_cookies(const browser_page& page)
    {
        for (const std::string& each : page.cookies_set())
            tell_.cookie(each);
    }

    /// A redirect, its parameters one a line.
    void tell_redirect(std::string_view from_to, const browser_page& page)
    {
        const std::string& to = page.location();
        const auto mark = std::min(to.find('?'), to.size());
        tell_.line(from_to, std::to_string(page.status()) + " to " + to.substr(0, mark) +
                                (mark < to.size() ? " with" : ""));
        if (mark < to.size())
            tell_.values(parse_form(std::string_view(to).substr(mark + 1)));
    }

    asio::awaitable<void> welcome()
    {
        tell_.step("A browser opens the site");
        tell_.line("browser -> site", "GET " + site_ + '/');
        const browser_page page = co_await browser_.get(site_ + '/');
        expect(page.status() == 200, "the home page did not open");
        tell_.line("site -> browser", "200, a page with a sign-in button");
    }

    asio::awaitable<browser_page> begin()
    {
        tell_.step("The sign-in button: the site makes an authorization request");
        tell_.line("browser -> site", "GET " + site_ + "/login");
        browser_page page = co_await browser_.get(site_ + "/login");
        const auto asked = seen_.take();
        if (!asked.empty())
            tell_.note("The first sign-in is when the site asks the provider for its endpoints:");
        for (const auto& [request, answer] : asked)
            tell_.exchange(request, answer);
        tell_redirect("site -> browser", page);
        tell_cookies(page);
        expect(page.status() == 302, "there was no redirect to the provider");
        tell_.note("The site keeps state, nonce and code verifier, bound to the cookie of this browser. The "
                   "verifier");
        tell_.note("stays there; code_challenge is its SHA-256 hash (PKCE).");
        co_return page;
    }

    /// Fill in the provider's pages until it sends the browser elsewhere.
    asio::awaitable<browser_page> sign_in_at_provider(browser_page page)
    {
        tell_.step("At the provider, a person signs in and agrees");
        for (int requests = 0; requests < 8; ++requests) {
            if (page.location().starts_with(redirect_uri_))
                co_return page;
            const auto form = page.first_form();
            if (!page.location().empty()) {
                const std::string to = page.location();
                tell_.line("browser -> provider", "GET " + to.substr(0, to.find('?')));
                page = co_await browser_.get(to);
            } else if (form && form->action == redirect_uri_) {
                co_return page; // response mode form_post
            } else {
                expect(form.has_value(), "the provider shows a page without a form");
                const bool password_asked = page.body().find("type=\"password\"") != std::string::npos;
                name_values fields = form->fields;
                if (password_asked) {
                    fields.emplace_back("username", embedded_provider::user_name);
                    fields.emplace_back("password", embedded_provider::password);
                }
                fields.emplace_back("decision", "allow");
                tell_.line("browser -> provider", "POST " + form->action);
                tell_.values(fields);
                page = co_await browser_.post(form->action, std::move(fields));
            }
            if (page.location().empty())
                tell_.line("provider -> browser", std::to_string(page.status()) + ", a page" +
                                                      (page.first_form() ? " with a form" : ""));
            else if (!page.location().starts_with(redirect_uri_))
                tell_.line("provider -> browser", std::to_string(page.status()) + " to " +
                                                      page.location().substr(0, page.location().find('?')));
            tell_cookies(page);
        }
        throw std::runtime_error("the provider did not send the browser back");
    }

    asio::awaitable<void> come_back(browser_page page)
    {
        tell_.step("The provider sends the browser back with a code; the site exchanges it");
        if (page.location().empty()) {
            const auto form = page.first_form();
            tell_.line("browser -> site", "POST " + form->action);
            tell_.values(form->fields);
            callback_body_ = form->fields;
            page = co_await browser_.post(redirect_uri_, callback_body_);
        } else {
            tell_redirect("provider -> browser", page);
            callback_url_ = page.location();
            tell_.line("browser -> site", "GET " + redirect_uri_ + "?\u2026");
            page = co_await browser_.get(callback_url_);
        }
        tell_.note("The site checks state, cookie and issuer. Then, without the browser:");
        tell_back_channel();
        tell_.note("Who it is comes from the ID token, whose signature, issuer, audience, nonce, times "
                   "and hashes were right.");
        tell_redirect("site -> browser", page);
        tell_cookies(page);
        expect(page.status() == 302 && page.location() == site_ + "/profile", "the sign-in failed");
    }

    asio::awaitable<void> replay()
    {
        tell_.step("Somebody who got hold of that callback tries it again");
        tell_.line("browser -> site", "the same request");
        const browser_page page = co_await repeat_callback();
        const std::string code = code_of(page);
        tell_.line("site -> browser", std::to_string(page.status()) + ' ' + code);
        // A sign-in that was kept in a cookie of its own is gone with it.
        expect(page.status() == 400 && (code == "coauth.client:unknown_transaction" ||
                                        code == "coauth.client:browser_binding_missing"),
               "a callback worked twice");
        expect(seen_.take().empty(), "a code was sent twice");
        tell_.note("The provider was not even asked.");
    }

    /// Not a coroutine itself.
    asio::awaitable<browser_page> repeat_callback()
    {
        if (callback_url_.empty())
            return browser_.post(redirect_uri_, callback_body_, "application/json");
        return browser_.get(callback_url_, "application/json");
    }

    static std::string code_of(const browser_page& page)
    {
        boost::system::error_code failed;
        const auto body = boost::json::parse(page.body(), failed);
        const auto* code = !failed && body.is_object() ? body.get_object().if_contains("code") : nullptr;
        return code && code->is_string() ? std::string(code->get_string()) : std::string();
    }

    asio::awaitable<void> look_at_profile(std::string_view title)
    {
        tell_.step(title);
        tell_.line("browser -> site", "GET " + site_ + "/profile, Accept: application/json");
        const browser_page page = co_await browser_.get(site_ + "/profile", "application/json");
        tell_.line("site -> browser", std::to_string(page.status()));
        expect(page.status() == 200, "there is no profile");
        const auto profile = boost::json::parse(page.body());
        expect(profile.at("userinfo").at("sub").as_string() == embedded_provider::user_name.data() &&
                   profile.at("subject") == profile.at("userinfo").at("sub") &&
                   profile.at("claims").at("iss") == profile.at("issuer"),
               "somebody else is signed in");
        name_values shown;
        for (const auto& [name, value] : profile.get_object())
            if (const auto* object = value.if_object())
                for (const auto& [inner, content] : *object)
                    shown.emplace_back(std::string(name) + '.' + std::string(inner),
                                       boost::json::serialize(content));
            else
                shown.emplace_back(std::string(name), boost::json::serialize(value));
        tell_.values(shown);
    }

    asio::awaitable<void> refresh()
    {
        tell_.step("The site exchanges the refresh token for a new access token");
        tell_.line("browser -> site", "POST " + site_ + "/refresh");
        const browser_page page = co_await browser_.post(site_ + "/refresh", {});
        tell_back_channel();
        tell_redirect("site -> browser", page);
        expect(page.status() == 302, "the refresh failed");
    }

    asio::awaitable<void> call_api()
    {
        tell_.step("The site calls an API in the person's name");
        tell_.line("browser -> site", "GET " + site_ + "/resource, Accept: application/json");
        const browser_page page = co_await browser_.get(site_ + "/resource", "application/json");
        tell_back_channel();
        tell_.line("site -> browser", std::to_string(page.status()));
        expect(page.status() == 200 && boost::json::parse(page.body()).at("status").as_int64() == 200,
               "the API did not take the new access token");
    }

    asio::awaitable<void> sign_out()
    {
        tell_.step(
            "The person signs out: the session ends, its tokens are revoked, and the provider hears of it");
        tell_.line("browser -> site", "POST " + site_ + "/logout");
        browser_page page = co_await browser_.post(site_ + "/logout", {});
        tell_back_channel();
        tell_redirect("site -> browser", page);
        tell_cookies(page);
        expect(page.status() == 302 && page.location().starts_with(provider_end_), "signing out failed");
        tell_.line("browser -> provider", "GET " + provider_end_ + "?\u2026");
        page = co_await browser_.get(page.location());
        tell_redirect("provider -> browser", page);
        tell_cookies(page);
        expect(page.location().starts_with(site_ + '/'), "the provider did not send the browser back");
        tell_.line("browser -> site",
                   "GET " + page.location().substr(0, page.location().find('?')) + "?\u2026");
        page = co_await browser_.get(page.location());
        tell_.line("site -> browser", std::to_string(page.status()) + ", the state is that of the cookie");
        expect(page.status() == 200, "the site did not know the way back");
        page = co_await ask_for_profile();
        expect(page.status() == 401, "somebody is still signed in");
    }

    asio::awaitable<browser_page> ask_for_profile()
    {
        tell_.line("browser -> site", "GET " + site_ + "/profile, Accept: application/json");
        browser_page page = co_await browser_.get(site_ + "/profile", "application/json");
        tell_.line("site -> browser", std::to_string(page.status()) + ' ' + code_of(page));
        co_return page;
    }

    asio::awaitable<void> sign_out_at_provider()
    {
        browser_page page = co_await begin();
        page = co_await sign_in_at_provider(std::move(page));
        co_await come_back(std::move(page));

        tell_.step("Signed in once more, the person signs out at the provider, which tells the site");
        tell_.line("browser -> provider", "GET " + provider_end_);
        page = co_await browser_.get(provider_end_);
        tell_.line("provider -> browser",
                   std::to_string(page.status()) + ", a page that asks whether to sign out");
        const auto form = page.first_form();
        expect(form.has_value(), "the provider does not ask");
        name_values fields = form->fields;
        fields.emplace_back("decision", "allow");
        tell_.line("browser -> provider", "POST " + form->action);
        tell_.values(fields);
        page = co_await browser_.post(form->action, std::move(fields));
        tell_.line("provider -> browser", std::to_string(page.status()));
        expect(page.status() == 200, "signing out at the provider failed");
        // Without the browser, and so at some time soon.
        for (int asked = 0; asked < 100; ++asked) {
            page = co_await browser_.get(site_ + "/profile", "application/json");
            if (page.status() == 401)
                break;
            timer_.expires_after(std::chrono::milliseconds(50));
            co_await timer_.async_wait(asio::use_awaitable);
        }
        tell_.line("provider -> site", "POST /backchannel-logout, a signed logout token that says");
        name_values said;
        for (const auto& [name, value] : seen_.logout())
            said.emplace_back(std::string(name), boost::json::serialize(value));
        tell_.values(said);
        page = co_await ask_for_profile();
        expect(page.status() == 401, "the provider's word did not end the session");
    }

    walkthrough_browser browser_;
    asio::steady_timer timer_;
    narrator tell_;
    back_channel seen_;
    std::string provider_end_;
    std::string redirect_uri_;
    std::string site_;
    std::string callback_url_;
    name_values callback_body_;
};

asio::awaitable<void> run(std::string redirect_uri, embedded_provider& provider,
                          std::function<void(bool)> done)
{
    bool good = false;
    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    walkthrough tour(executor, redirect_uri, provider);
    try {
        co_await tour.walk();
        good = true;
    } catch (const std::exception& failure) {
        std::fflush(stdout);
        std::fprintf(stderr, "walkthrough: %s\n", failure.what());
    }
    provider.server().clear_hooks();
    done(good);
}

} // namespace

void start_walkthrough(asio::io_context& context, std::string redirect_uri, embedded_provider& provider,
                       std::function<void(bool)> done)
{
    asio::co_spawn(context, run(std::move(redirect_uri), provider, std::move(done)), asio::detached);
}

} // namespace login_server
