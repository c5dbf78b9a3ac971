// A program for the command line: signs in with the person's own browser, and keeps the tokens in a file (RFC 8252).
#include "main.hpp"

#include <coauth/policy/file_token_store.hpp>
#include <coauth/refresh_scheduler.hpp>
#include <coauth/refresh_scheduler_implementation.hpp>

#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include <cstdlib>
#include <filesystem>
#include <functional>

namespace beast = boost::beast;
namespace http = boost::beast::http;
using namespace std::chrono_literals;
using asio::ip::tcp;

namespace {

/** Where the browser comes back to: a port of the loopback interface that the system chooses, open for this one
    sign-in (RFC 8252 7.3, 8.3). Other programs on this machine can reach it as well: what they send has neither the
    state nor the code verifier of this sign-in.
*/
class loopback_listener {
public:
    explicit loopback_listener(const asio::any_io_executor& executor)
        : acceptor_(executor, tcp::endpoint(asio::ip::address_v4::loopback(), 0))
    {
    }

    /// By its address: `localhost` may be something else (RFC 8252 8.3).
    std::string redirect_uri() const
    {
        return "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port()) + "/callback";
    }

    /// The query of the callback. The port is closed then.
    asio::awaitable<std::string> wait()
    {
        for (;;) {
            beast::tcp_stream stream(co_await acceptor_.async_accept(asio::use_awaitable));
            stream.expires_after(10s);
            beast::flat_buffer buffer;
            http::request_parser<http::empty_body> parser;
            parser.header_limit(16 * 1024);
            boost::system::error_code failed;
            co_await http::async_read(stream, buffer, parser,
                                      asio::redirect_error(asio::use_awaitable, failed));
            if (failed)
                continue;
            const std::string target(parser.get().target());
            const bool is_callback =
                parser.get().method() == http::verb::get && target.starts_with("/callback?");
            http::response<http::string_body> answer(is_callback ? http::status::ok : http::status::not_found,
                                                     11);
            answer.set(http::field::content_type, "text/plain; charset=utf-8");
            answer.body() =
                is_callback ? "Thank you. You can close this page.\n" : "There is no such page.\n";
            answer.keep_alive(false);
            answer.prepare_payload();
            co_await http::async_write(stream, answer, asio::redirect_error(asio::use_awaitable, failed));
            if (!is_callback)
                continue; // browsers ask for icons, too
            acceptor_.close();
            co_return target.substr(target.find('?') + 1);
        }
    }

private:
    tcp::acceptor acceptor_;
};

/// What everybody can take out of a program that is given away is no secret: a public client (RFC 8252 8.5).
coauth::client make_client(const coauth::testing::authorization_server& provider,
                           const std::string& redirect_uri)
{
    coauth::client out(coauth::issuer::parse(provider.issuer()).value(),
                       coauth::client_registration("example-tool", coauth::public_client(),
                                                   coauth::redirect_uri::parse(redirect_uri).value()),
                       provider.in_process_transport());
    out.allow_resource_origin(
        coauth::endpoint_url::parse(provider.url(coauth::testing::endpoint::api)).value());
    return out;
}

using open_browser = std::function<void(const std::string& redirect_uri, const std::string& url)>;

asio::awaitable<coauth::token_set> sign_in(const coauth::testing::authorization_server& provider,
                                           const open_browser& open)
{
    loopback_listener listener(co_await asio::this_coro::executor);
    coauth::client client = make_client(provider, listener.redirect_uri());
    auto request = co_await client.begin_authorization({.scope = "openid profile api"});
    std::cout << "Open this page to sign in:\n" << request.value().url() << '\n';
    open(listener.redirect_uri(), request->url());
    const std::string query = co_await listener.wait();
    // This program is what began the sign-in, so it keeps the binding itself.
    auto code =
        co_await client.accept_callback({.parameters = query, .browser_binding = request->browser_binding()});
    auto tokens = co_await client.exchange(std::move(code).value());
    co_return std::move(tokens).value();
}

/// One run of the program. @return whether somebody had to sign in
asio::awaitable<bool> run_tool(const coauth::testing::authorization_server& provider,
                               const std::filesystem::path& folder, const open_browser& open)
{
    // The tokens are sealed. If the system keeps secrets for people, that is where the key belongs.
    const auto keys = coauth::load_or_make_seal_keys((folder / "key").string());
    const auto file = std::make_shared<coauth::file_token_store>((folder / "tokens").string(), keys.value(),
                                                                 provider.issuer());

    const coauth::client client = make_client(provider, "http://127.0.0.1/callback");
    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    // The store is locked while somebody refreshes: of several runs at once, one does.
    coauth::refresh_scheduler scheduler(executor, client, file);

    bool signed_in = false;
    auto grant = co_await scheduler.find("person");
    if (!grant && grant.error() == coauth::errc::grant_unknown) {
        coauth::token_set tokens = co_await sign_in(provider, open);
        grant = co_await scheduler.manage("person", std::move(tokens));
        signed_in = true;
    }
    const std::string api = provider.url(coauth::testing::endpoint::api);
    auto answer = co_await grant.value().fetch_resource({.url = api});
    std::cout << "The API says: " << answer.value().body() << '\n';
    expect(answer->status() == 200, "the API takes the token");
    co_return signed_in;
}

/// What the browser does at the end: it goes where the provider sends it.
asio::awaitable<void> visit(std::string address)
{
    const auto url = coauth::endpoint_url::parse(address, coauth::insecure::http_to_loopback).value();
    beast::tcp_stream stream(co_await asio::this_coro::executor);
    const tcp::endpoint there(asio::ip::address_v4::loopback(), url.port());
    co_await stream.async_connect(there, asio::use_awaitable);
    http::request<http::empty_body> request(http::verb::get, std::string(url.target()), 11);
    request.set(http::field::host, url.host_header());
    co_await http::async_write(stream, request, asio::use_awaitable);
    beast::flat_buffer buffer;
    http::response<http::string_body> answer;
    co_await http::async_read(stream, buffer, answer, asio::use_awaitable);
    std::cout << "The browser shows: " << answer.body();
}

/// A folder that goes away again. In your program it is one of the person's, as ~/.config/your-tool.
class temporary_folder {
public:
    temporary_folder()
    {
        std::string name = (std::filesystem::temp_directory_path() / "coauth-example-XXXXXX").string();
        expect(mkdtemp(name.data()) != nullptr, "there is a place for temporary files"); // for its owner only
        path_ = name;
    }
    temporary_folder(const temporary_folder&) = delete;
    temporary_folder& operator=(const temporary_folder&) = delete;
    ~temporary_folder()
    {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    const std::filesystem::path& path() const noexcept { return path_; }

private:
    std::filesystem::path path_;
};

} // namespace

asio::awaitable<void> example(coauth::testing::authorization_server& provider)
{
    const temporary_folder folder;
    // In your program: xdg-open, open, or nothing but the line on the screen. Providers let native applications use
    // any port of the loopback interface; the one for tests wants to know which.
    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    const open_browser open = [&](const std::string& redirect_uri, const std::string& url) {
        provider.add_client(
            coauth::testing::registered_client("example-tool").add_redirect_uri(redirect_uri));
        const auto browser = provider.sign_in(url, "ada", "correct horse");
        asio::co_spawn(executor, visit(browser.callback_url()), asio::detached);
    };

    const bool first = co_await run_tool(provider, folder.path(), open);
    expect(first, "nobody had signed in before");
    const bool second = co_await run_tool(provider, folder.path(), open);
    expect(!second, "the second run found the tokens in the file");
}
