#ifndef COAUTH_IMPL_TESTING_DETAIL_LISTENER_IPP
#define COAUTH_IMPL_TESTING_DETAIL_LISTENER_IPP

#include <coauth/detail/openssl_pointer.hpp>
#include <coauth/testing/detail/listener.hpp>
#include <coauth/testing/detail/server_connection.hpp>
#include <coauth/testing/detail/server_core.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <stdexcept>
#include <string>
#include <thread>

COAUTH_COROUTINES_BEGIN

namespace coauth::inline COAUTH_MODE::testing::detail {

inline constexpr std::size_t most_connections = 4096;

using server_tls = coauth::detail::openssl_pointer<SSL_CTX, SSL_CTX_free>;

inline void use_certificate(SSL_CTX* context, const certificate_authority::certificate& certificate)
{
    using coauth::detail::openssl_pointer;
    const auto bio_of = [](const std::string& pem) {
        return openssl_pointer<BIO, BIO_free_all>(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    };
    const auto chain = bio_of(certificate.chain_pem);
    bool good = true;
    for (bool first = true; good; first = false) {
        openssl_pointer<X509, X509_free> each(PEM_read_bio_X509(chain.get(), nullptr, nullptr, nullptr));
        if (!each) {
            good = !first;
            break;
        }
        good = first ? SSL_CTX_use_certificate(context, each.get()) == 1
                     : SSL_CTX_add1_chain_cert(context, each.get()) == 1;
    }
    const auto private_key = bio_of(certificate.private_key_pem);
    const openssl_pointer<EVP_PKEY, EVP_PKEY_free> key(
        PEM_read_bio_PrivateKey(private_key.get(), nullptr, nullptr, nullptr));
    good = good && key && SSL_CTX_use_PrivateKey(context, key.get()) == 1;
    ERR_clear_error();
    if (!good)
        throw std::runtime_error("the certificate of the authorization server or its key cannot be used");
}

inline server_tls make_server_tls(const certificate_authority::certificate& certificate)
{
    server_tls out(SSL_CTX_new(TLS_server_method()));
    if (!out)
        throw std::bad_alloc();
    SSL_CTX_set_min_proto_version(out.get(), TLS1_2_VERSION);
    use_certificate(out.get(), certificate);
    return out;
}

class listener::state {
public:
    state(std::shared_ptr<server_core> served, std::uint16_t port,
          const std::optional<certificate_authority::certificate>& certificate)
        : core(std::move(served)), acceptor(context, {boost::asio::ip::address_v4::loopback(), port})
    {
        acceptor.non_blocking(true);
        if (certificate)
            tls = make_server_tls(*certificate);
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
        for (;;) {
            error_code failure;
            asio::ip::tcp::socket socket = acceptor.accept(failure);
            if (failure == asio::error::would_block || failure == asio::error::try_again) {
                co_await acceptor.async_wait(asio::socket_base::wait_read,
                                             asio::redirect_error(asio::use_awaitable, failure));
                if (!failure)
                    continue;
            }
            if (failure == asio::error::operation_aborted || failure == asio::error::bad_descriptor)
                co_return;
            if (failure) { // out of descriptors, most likely: some connection will end
                co_await sleep_for(std::chrono::milliseconds(20));
                continue;
            }
            if (open.use_count() > static_cast<long>(most_connections))
                continue; // and the socket is closed
            auto connection = std::make_shared<server_connection>(core, open, std::move(socket), tls.get());
            asio::co_spawn(context, serve(std::move(connection)), asio::detached);
        }
    }

    std::shared_ptr<server_core> core;
    server_tls tls;                                                   // null for plain HTTP
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
