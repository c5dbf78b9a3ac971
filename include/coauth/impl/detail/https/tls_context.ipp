#ifndef COAUTH_IMPL_DETAIL_HTTPS_TLS_CONTEXT_IPP
#define COAUTH_IMPL_DETAIL_HTTPS_TLS_CONTEXT_IPP

#include <coauth/detail/https/tls_context.hpp>
#include <coauth/detail/https/tls_engine.hpp>
#include <coauth/secret_file.hpp>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <climits>
#include <cstddef>

namespace coauth::inline COAUTH_MODE::detail {

inline error misconfigured(std::string_view what)
{
    ERR_clear_error();
    return error(errc::invalid_configuration).set_description(what);
}

/// OpenSSL's own would ask at the terminal.
inline int no_password(char*, int, int, void*) { return 0; }

using x509_pointer = openssl_pointer<X509, X509_free>;

/// All certificates of a PEM text; empty if there is none, or one that cannot be read.
inline std::vector<x509_pointer> read_certificates(std::string_view pem)
{
    std::vector<x509_pointer> out;
    if (pem.size() > INT_MAX)
        return out;
    const openssl_pointer<BIO, BIO_free_all> bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    ERR_clear_error();
    while (x509_pointer certificate{PEM_read_bio_X509(bio.get(), nullptr, no_password, nullptr)})
        out.push_back(std::move(certificate));
    if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE) // that is how the text should end
        out.clear();
    ERR_clear_error();
    return out;
}

inline bool add_authorities(SSL_CTX* context, std::string_view pem)
{
    const auto certificates = read_certificates(pem);
    for (const auto& certificate : certificates)
        if (X509_STORE_add_cert(SSL_CTX_get_cert_store(context), certificate.get()) != 1)
            return false;
    return !certificates.empty();
}

inline error add_trust(SSL_CTX* context, const https_transport_settings& settings)
{
    if (settings.system_authorities() && SSL_CTX_set_default_verify_paths(context) != 1)
        return misconfigured("the system's authorities cannot be read");
    for (const std::string& pem : settings.authorities())
        if (!add_authorities(context, pem))
            return misconfigured("a PEM text of authorities has no certificate, or one that cannot be read");
    for (const std::string& path : settings.authority_files()) {
        constexpr std::size_t most_bytes = 1024 * 1024; // several times the system's authorities
        const auto pem = read_secret_file(path, most_bytes);
        if (!pem && pem.error().code() == boost::system::errc::file_too_large)
            return misconfigured("more than 1 MiB of authorities are in the file " + path);
        if (!pem || !add_authorities(context, pem->expose()))
            return misconfigured("no certificate can be read from the file " + path);
    }
    return {};
}

inline error add_client_certificate(SSL_CTX* context, const https_transport_settings& settings)
{
    if (settings.client_certificate().empty() && settings.client_key().empty())
        return {};
    const auto chain = read_certificates(settings.client_certificate());
    if (chain.empty() || SSL_CTX_use_certificate(context, chain.front().get()) != 1)
        return misconfigured("the client certificate cannot be read");
    for (std::size_t i = 1; i < chain.size(); ++i)
        if (SSL_CTX_add1_chain_cert(context, chain[i].get()) != 1)
            return misconfigured("the client certificate's chain cannot be used");

    const std::string_view pem = settings.client_key().expose();
    if (pem.size() > INT_MAX)
        return misconfigured("the client certificate's key cannot be read");
    const openssl_pointer<BIO, BIO_free_all> bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    const openssl_pointer<EVP_PKEY, EVP_PKEY_free> key(
        PEM_read_bio_PrivateKey(bio.get(), nullptr, no_password, nullptr));
    if (!key)
        return misconfigured("the client certificate's key cannot be read");
    if (SSL_CTX_use_PrivateKey(context, key.get()) != 1 || SSL_CTX_check_private_key(context) != 1)
        return misconfigured("the client certificate's key is not the certificate's");
    return {};
}

COAUTH_DECL result<tls_context> make_tls_context(const https_transport_settings& settings)
{
    tls_context out(SSL_CTX_new(TLS_client_method()));
    if (!out)
        return misconfigured("OpenSSL has no TLS to offer");
    SSL_CTX* const context = out.get();

    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
    const int oldest = settings.oldest_tls() == tls_version::tls1_3 ? TLS1_3_VERSION : TLS1_2_VERSION;
    // RFC 9325 4.2: ephemeral keys and authenticated encryption only. In TLS 1.3 there is nothing else.
    static constexpr char tls12_ciphers[] = "ECDHE+AESGCM:ECDHE+CHACHA20";
    static constexpr unsigned char protocols[] =
        "\x08http/1.1"; // RFC 7301: no other protocol's server may answer
    if (SSL_CTX_set_min_proto_version(context, oldest) != 1 ||
        SSL_CTX_set_cipher_list(context, tls12_ciphers) != 1 ||
        SSL_CTX_set_alpn_protos(context, protocols, sizeof(protocols) - 1) != 0)
        return misconfigured("OpenSSL does not offer what TLS 1.2 or newer needs");
    if (SSL_CTX_get_security_level(context) < 2) // no RSA below 2048 bits, no SHA-1
        SSL_CTX_set_security_level(context, 2);
    // RFC 9325 3.3 and 3.5: no compression, no renegotiation. Early data is only sent by who asks for it.
    SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CLEANSE_PLAINTEXT);
    SSL_CTX_clear_options(context, SSL_OP_LEGACY_SERVER_CONNECT | SSL_OP_IGNORE_UNEXPECTED_EOF);
    SSL_CTX_set_read_ahead(context, 1);
    tls_engine::keep_sessions_of(context);

    if (error failed = add_trust(context, settings); failed.code())
        return failed;
    if (error failed = add_client_certificate(context, settings); failed.code())
        return failed;
    ERR_clear_error();
    return out;
}

} // namespace coauth::inline COAUTH_MODE::detail

#endif
