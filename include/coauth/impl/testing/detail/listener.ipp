#ifndef COAUTH_IMPL_TESTING_DETAIL_LISTENER_IPP
#define COAUTH_IMPL_TESTING_DETAIL_LISTENER_IPP

#include <coauth/testing/detail/listener.hpp>
#include <coauth/testing/detail/server_connection.hpp>
#include <coauth/testing/detail/server_core.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <thread>

COAUTH_COROUTINES_BEGIN

namespace coauth::inline COAUTH_MODE::testing::detail {

inline constexpr std::size_t most_connections = 4096;

inline boost::asio::ssl::context server_tls(const certificate_authority::certificate& certificate)
{
    namespace ssl = boost::asio::ssl;
    ssl::context out(ssl::context::tls_server);
    SSL_CTX_set_min_proto_version(out.native_handle(), TLS1_2_VERSION);
    out.use_certificate_chain(boost::asio::buffer(certificate.chain_pem));
    out.use_private_key(boost::asio::buffer(certificate.private_key_pem), ssl::context::pem);
    return out;
}

class listener::state {
public:
    state(std::shared_ptr<server_core> served, std::uint16_t port,
          const std::optional<certificate_authority::certificate>& certificate)
        : core(std::move(served)), acceptor(context, {boost::asio::ip::address_v4::loopback(), port})
    {
        if (certificate)
            tls.emplace(server_tls(*certificate));
    }
    ~state()
    {
        context.stop();
        if (thread.joinable())
            thread.join();
    }

    boost::asio::awaitable<void> accept()
    {
        namespace asio = boost::asio;
        asio::steady_timer breath(context);
        for (;;) {
            error_code failure;
            asio::ip::tcp::socket socket =
                co_await acceptor.async_accept(asio::redirect_error(asio::use_awaitable, failure));
            if (failure == asio::error::operation_aborted || failure == asio::error::bad_descriptor)
                co_return;
            if (failure) { // out of descriptors, most likely: some connection will end
                breath.expires_after(std::chrono::milliseconds(20));
                co_await breath.async_wait(asio::redirect_error(asio::use_awaitable, failure));
                continue;
            }
            if (open.use_count() > static_cast<long>(most_connections))
                continue; // and the socket is closed
            if (tls)
                asio::co_spawn(context,
                               serve(std::make_shared<tls_connection>(core, open, std::move(socket), *tls)),
                               asio::detached);
            else
                asio::co_spawn(context,
                               serve(std::make_shared<plain_connection>(core, open, std::move(socket))),
                               asio::detached);
        }
    }

    std::shared_ptr<server_core> core;
    std::optional<boost::asio::ssl::context> tls;
    std::shared_ptr<const int> open = std::make_shared<const int>(0); // each connection holds it
    boost::asio::io_context context{1};
    boost::asio::ip::tcp::acceptor acceptor;
    std::thread thread;
};

COAUTH_DECL listener::listener(std::shared_ptr<server_core> core, std::uint16_t port,
                               const std::optional<certificate_authority::certificate>& certificate)
    : state_(std::make_unique<state>(std::move(core), port, certificate))
{
}

COAUTH_DECL listener::~listener() = default;

COAUTH_DECL std::uint16_t listener::port() const noexcept { return state_->acceptor.local_endpoint().port(); }

COAUTH_DECL void listener::start()
{
    boost::asio::co_spawn(state_->context, state_->accept(), boost::asio::detached);
    state_->thread = std::thread([context = &state_->context] { context->run(); });
}

} // namespace coauth::inline COAUTH_MODE::testing::detail

COAUTH_COROUTINES_END

#endif
