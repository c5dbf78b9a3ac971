#ifndef COAUTH_IMPL_DETAIL_HTTPS_TLS_ENGINE_IPP
#define COAUTH_IMPL_DETAIL_HTTPS_TLS_ENGINE_IPP

#include <coauth/detail/https/tls_engine.hpp>

#include <boost/asio/ip/address.hpp>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <climits>
#include <new>
#include <utility>

namespace coauth::inline COAUTH_MODE::detail {

/// RFC 9525 6: the name is looked for in the subjectAltName only, a wildcard stands for one whole label.
inline bool expect_host(SSL* ssl, std::string host)
{
    X509_VERIFY_PARAM* const parameters = SSL_get0_param(ssl);
    boost::system::error_code not_an_address;
    boost::asio::ip::make_address(host, not_an_address);
    if (!not_an_address) // RFC 6066 3: "Literal IPv4 and IPv6 addresses are not permitted in "HostName"."
        return X509_VERIFY_PARAM_set1_ip_asc(parameters, host.c_str()) == 1;
    if (host.ends_with('.')) // RFC 6066 3: "without a trailing dot"
        host.pop_back();
    SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
    return !host.empty() && SSL_set1_host(ssl, host.c_str()) == 1 &&
           SSL_set_tlsext_host_name(ssl, host.c_str()) == 1;
}

COAUTH_DECL tls_engine::tls_engine(SSL_CTX* context, const std::string& host, std::string server,
                                   tls_session_cache& sessions)
    : ssl_(SSL_new(context)), server_(std::move(server)), sessions_(&sessions)
{
    attach_buffers();
    SSL_set_app_data(ssl_.get(), this);
    SSL_set_connect_state(ssl_.get());
    failed_ = !expect_host(ssl_.get(), host);
    if (const tls_session session = sessions.take(server_))
        SSL_set_session(ssl_.get(), session.get());
}

COAUTH_DECL tls_engine::tls_engine(SSL_CTX* context) : ssl_(SSL_new(context)), sessions_(nullptr)
{
    attach_buffers();
    SSL_set_accept_state(ssl_.get());
}

COAUTH_DECL void tls_engine::attach_buffers()
{
    if (!ssl_)
        throw std::bad_alloc();
    input_ = BIO_new(BIO_s_mem());
    output_ = BIO_new(BIO_s_mem());
    if (input_ == nullptr || output_ == nullptr) {
        BIO_free(input_);
        BIO_free(output_);
        throw std::bad_alloc();
    }
    BIO_set_mem_eof_return(input_, -1); // empty means: not yet
    SSL_set_bio(ssl_.get(), input_, output_);
}

COAUTH_DECL tls_engine::status tls_engine::status_of(int returned) noexcept
{
    switch (SSL_get_error(ssl_.get(), returned)) {
    case SSL_ERROR_NONE:
        return status::done;
    case SSL_ERROR_WANT_READ:
        return status::needs_input;
    case SSL_ERROR_ZERO_RETURN:
        return status::closed;
    default:
        failed_ = true;
        ERR_clear_error();
        return status::failed;
    }
}

COAUTH_DECL tls_engine::status tls_engine::handshake()
{
    if (failed_)
        return status::failed;
    ERR_clear_error();
    return status_of(SSL_do_handshake(ssl_.get()));
}

COAUTH_DECL bool tls_engine::write(std::string_view plain)
{
    if (failed_)
        return false;
    ERR_clear_error();
    std::size_t written = 0;
    if (SSL_write_ex(ssl_.get(), plain.data(), plain.size(), &written) == 1 && written == plain.size())
        return true;
    failed_ = true;
    ERR_clear_error();
    return false;
}

COAUTH_DECL tls_engine::status tls_engine::read(std::span<char> plain, std::size_t& size)
{
    size = 0;
    if (failed_)
        return status::failed;
    ERR_clear_error();
    return status_of(SSL_read_ex(ssl_.get(), plain.data(), plain.size(), &size));
}

COAUTH_DECL bool tls_engine::has_input() const noexcept
{
    return BIO_pending(input_) > 0 || SSL_has_pending(ssl_.get()) == 1;
}

COAUTH_DECL void tls_engine::close() noexcept
{
    // Freed without it, a TLS 1.2 session counts as bad and is not resumed. After an error that is right.
    if (!failed_ && SSL_is_init_finished(ssl_.get()) == 1)
        SSL_shutdown(ssl_.get());
    ERR_clear_error();
}

COAUTH_DECL bool tls_engine::feed(std::string_view wire)
{
    return wire.size() <= INT_MAX &&
           BIO_write(input_, wire.data(), static_cast<int>(wire.size())) == static_cast<int>(wire.size());
}

COAUTH_DECL void tls_engine::feed_end() noexcept { BIO_set_mem_eof_return(input_, 0); }

COAUTH_DECL std::string_view tls_engine::output() const noexcept
{
    char* data = nullptr;
    const long size = BIO_get_mem_data(output_, &data);
    return size > 0 ? std::string_view(data, static_cast<std::size_t>(size)).substr(output_begin_)
                    : std::string_view();
}

COAUTH_DECL void tls_engine::consume_output(std::size_t size) noexcept
{
    output_begin_ += size;
    if (output().empty()) {
        (void)BIO_reset(output_);
        output_begin_ = 0;
    }
}

COAUTH_DECL void tls_engine::keep_sessions_of(SSL_CTX* context) noexcept
{
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(context, &tls_engine::on_new_session);
}

COAUTH_DECL int tls_engine::on_new_session(SSL* ssl, SSL_SESSION* session)
{
    auto* const self = static_cast<tls_engine*>(SSL_get_app_data(ssl));
    tls_session owned(session);
    try {
        self->sessions_->put(self->server_, std::move(owned));
    } catch (const std::bad_alloc&) { // no exception may pass through OpenSSL, and a full handshake will do
    }
    return 1; // the session is ours
}

} // namespace coauth::inline COAUTH_MODE::detail

#endif
