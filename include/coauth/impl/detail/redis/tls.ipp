// Floor 5. TLS as https_transport has it, for a protocol that is not HTTP.
#ifndef COAUTH_IMPL_DETAIL_REDIS_TLS_IPP
#define COAUTH_IMPL_DETAIL_REDIS_TLS_IPP

#include <coauth/detail/https/tls_context.hpp>
#include <coauth/detail/redis/link.hpp>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>

#include <openssl/ssl.h>
#include <openssl/tls1.h>

namespace coauth::inline COAUTH_MODE::detail {

/** Names the host in the handshake (RFC 6066 3), which Boost.Redis does not do.

    It makes the SSL objects itself, so that the context has to see to it.
*/
class redis_server_name {
public:
    static bool set(SSL_CTX* context, const std::string& host)
    {
        auto name = std::make_unique<std::string>(host);
        if (SSL_CTX_set_ex_data(context, index(), name.get()) != 1)
            return false;
        name.release(); // NOLINT: free_name() has it
        SSL_CTX_set_info_callback(context, &redis_server_name::on_event);
        return true;
    }

private:
    static int index()
    {
        static const int value = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, &free_name);
        return value;
    }
    static void free_name(void*, void* name, CRYPTO_EX_DATA*, int, long, void*)
    {
        delete static_cast<std::string*>(name);
    }
    static void on_event(const SSL* ssl, int where, int)
    {
        if ((where & SSL_CB_HANDSHAKE_START) == 0)
            return;
        const auto* const name =
            static_cast<const std::string*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), index()));
        if (name)
            SSL_set_tlsext_host_name(const_cast<SSL*>(ssl), name->c_str());
    }
};

COAUTH_DECL result<boost::asio::ssl::context> make_redis_tls(const redis_settings& settings)
{
    if (!settings.tls())
        return boost::asio::ssl::context(boost::asio::ssl::context::tls_client);
    result<tls_context> made = make_tls_context(settings.trust());
    if (!made)
        return made.error();
    SSL_CTX* const native = made->get();
    // Neither HTTP nor the transport's memory of sessions.
    SSL_CTX_sess_set_new_cb(native, nullptr);
    SSL_CTX_set_session_cache_mode(native, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_alpn_protos(native, nullptr, 0);
    error_code not_an_address;
    boost::asio::ip::make_address(settings.host(), not_an_address);
    if (not_an_address && !redis_server_name::set(native, settings.host()))
        return error(errc::invalid_configuration).set_description("OpenSSL keeps no host name");
    boost::asio::ssl::context out(made->release());
    out.set_verify_mode(boost::asio::ssl::verify_peer);
    out.set_verify_callback(boost::asio::ssl::host_name_verification(settings.host()));
    return result<boost::asio::ssl::context>(std::move(out));
}

} // namespace coauth::inline COAUTH_MODE::detail

#endif
