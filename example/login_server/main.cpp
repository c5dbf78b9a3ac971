// A web application that signs people in with any OAuth 2.0 or OpenID Connect provider.
#include "application.hpp"
#include "embedded_provider.hpp"
#include "http_server.hpp"
#include "options.hpp"
#include "stores.hpp"
#include "walkthrough.hpp"

#include <coauth/https_transport.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include <sys/resource.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <stdexcept>
#include <utility>

#ifndef LOGIN_SERVER_VERSION // CMake knows it
#define LOGIN_SERVER_VERSION "of unknown version"
#endif

namespace asio = boost::asio;
using namespace login_server;

namespace {

// It has to be over within five seconds.
constexpr std::chrono::milliseconds longest_answering{3'000};
constexpr std::chrono::milliseconds longest_farewell{4'000};

/// A crowd needs descriptors: at this server, and at the embedded provider.
void allow_many_connections()
{
    rlimit files{};
    if (getrlimit(RLIMIT_NOFILE, &files) != 0)
        return;
    files.rlim_cur = std::min<rlim_t>(files.rlim_max, 65'536);
    setrlimit(RLIMIT_NOFILE, &files);
}

coauth::any_transport make_transport(const options& from)
{
    coauth::https_transport_settings settings;
    settings.set_user_agent("coauth-login-server");
    settings.set_idle_connections(64, 64);
    if (!from.authorities_file.empty())
        settings.add_authorities(
            std::string(read_file("--ca-file", from.authorities_file, most_file_bytes).expose()));
    auto made = coauth::https_transport::create(std::move(settings));
    if (!made && !from.authorities_file.empty())
        throw option_error("--ca-file holds no certificate, or one that cannot be read");
    return std::move(made).value();
}

std::shared_ptr<http_server> listen(asio::io_context& context, const options& from, event_log log)
{
    std::string host = from.listen_host;
    if (host.starts_with('[') && host.ends_with(']'))
        host = host.substr(1, host.size() - 2);
    boost::system::error_code failed;
    const auto found =
        asio::ip::tcp::resolver(context).resolve(host, std::to_string(from.listen_port), failed);
    if (failed || found.empty())
        throw option_error("--listen names a host that is not known here");
    try {
        return http_server::listen(context, *found.begin(), log);
    } catch (const boost::system::system_error& failure) {
        throw std::runtime_error("cannot listen on " + from.listen_host + ':' +
                                 std::to_string(from.listen_port) + ": " + failure.code().message() +
                                 "; --listen 127.0.0.1:0 picks a free port");
    }
}

/// The end: answers what was asked, keeps the tokens that refreshes under way bring, but does not wait for ever.
class farewell {
public:
    /// @param background ends what goes on without requests
    farewell(asio::io_context& context, http_server& server, application& app,
             asio::cancellation_signal& background)
        : context_(context),
          server_(server),
          app_(app),
          background_(background),
          answering_(context),
          deadline_(context)
    {
    }
    farewell(const farewell&) = delete;

    void begin()
    {
        if (std::exchange(begun_, true))
            return;
        background_.emit(asio::cancellation_type::terminal);
        deadline_.expires_after(longest_farewell);
        deadline_.async_wait([this](const boost::system::error_code&) { context_.stop(); });
        answering_.expires_after(longest_answering);
        answering_.async_wait([this](const boost::system::error_code&) {
            // Not earlier: requests that are being answered may want tokens.
            asio::co_spawn(context_, app_.stop(), [this](std::exception_ptr) { context_.stop(); });
        });
        server_.stop([this] { answering_.cancel(); });
    }

private:
    asio::io_context& context_;
    http_server& server_;
    application& app_;
    asio::cancellation_signal& background_;
    asio::steady_timer answering_;
    asio::steady_timer deadline_;
    bool begun_ = false;
};

int run(options& from)
{
    check_authorization_parameters(from);
    const coauth::any_transport transport = make_transport(from);
    const event_log log(from.log_format);
    asio::cancellation_signal background; // goes after the coroutines that listen to it
    asio::io_context context(1);
    if (from.command == command::walkthrough && !from.listen_given)
        from.listen_port = 0;
    const auto server = listen(context, from, log);
    const std::string origin = "http://" + from.listen_host + ':' + std::to_string(server->port());
    const site here(from.redirect_uri.empty() ? origin + "/callback" : from.redirect_uri, origin,
                    from.post_logout_redirect_uri);

    embedded_provider embedded;
    std::string hint;
    const bool is_embedded = from.provider == provider_kind::embedded;
    if (is_embedded) {
        embedded.start(from, here, origin);
        embedded.deliver_logouts(context, transport, log);
        hint = embedded_provider::hint();
    }
    const stores kept = make_stores(context.get_executor(), from);
    provider at(context.get_executor(), from, here, transport, kept);
    application app(context.get_executor(), from, here, at, kept,
                    page_context(at.name(), hint, from.resource.string()), log);
    farewell end(context, *server, app, background);
    asio::co_spawn(context, app.run(), asio::bind_cancellation_slot(background.slot(), asio::detached));
    server->serve([&app](web_request request) { return app.handle(std::move(request)); });

    asio::signal_set signals(context, SIGINT, SIGTERM);
    signals.async_wait([&](const boost::system::error_code& cancelled, int) {
        if (cancelled)
            return;
        log.write("stopping");
        end.begin();
    });
    std::printf("listening on %s\n", origin.c_str());
    std::fflush(stdout);
    if (is_embedded)
        log.write("provider.embedded", {{"issuer", from.issuer.string()}});

    int exit_code = 0;
    if (from.command == command::walkthrough)
        start_walkthrough(context, here.redirect_uri(), embedded, [&](bool good) {
            exit_code = good ? 0 : 1;
            end.begin();
        });
    context.run();
    server->stop([] {}); // connections that are left end with the context, and must not call it then
    return exit_code;
}

} // namespace

int main(int argument_count, char** arguments)
{
    // Whoever read the log may have gone; people go on signing in.
    std::signal(SIGPIPE, SIG_IGN);
    try {
        const std::span<const char* const> given(arguments, static_cast<std::size_t>(argument_count));
        options from =
            parse_options(given.subspan(given.empty() ? 0 : 1), std::getenv("COAUTH_CLIENT_SECRET"));
        if (from.command == command::help || from.command == command::version) {
            const std::string text =
                from.command == command::help ? help_text() : "login_server " LOGIN_SERVER_VERSION "\n";
            std::fwrite(text.data(), 1, text.size(), stdout);
            return 0;
        }
        allow_many_connections();
        return run(from);
    } catch (const option_error& wrong) {
        std::fprintf(stderr, "login_server: %s\n", wrong.what());
        return 2;
    } catch (const std::exception& failure) {
        std::fprintf(stderr, "login_server: %s\n", failure.what());
    }
    return 1;
}
