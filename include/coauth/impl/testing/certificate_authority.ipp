#ifndef COAUTH_IMPL_TESTING_CERTIFICATE_AUTHORITY_IPP
#define COAUTH_IMPL_TESTING_CERTIFICATE_AUTHORITY_IPP

#include <coauth/detail/openssl_pointer.hpp>
#include <coauth/testing/certificate_authority.hpp>

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <stdexcept>

namespace coauth::inline COAUTH_MODE::testing {
namespace detail {

using coauth::detail::openssl_pointer;
using key_pointer = openssl_pointer<EVP_PKEY, EVP_PKEY_free>;
using x509_pointer = openssl_pointer<X509, X509_free>;
using bio_pointer = openssl_pointer<BIO, BIO_free_all>;

inline void require(bool done, const char* what)
{
    if (!done)
        throw std::runtime_error(std::string("certificate_authority: ") + what);
}

inline std::string contents(BIO* bio)
{
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio, &data);
    return {data, static_cast<std::size_t>(size)};
}

inline std::string pem_of(X509* certificate)
{
    const bio_pointer bio(BIO_new(BIO_s_mem()));
    require(bio && PEM_write_bio_X509(bio.get(), certificate) == 1, "cannot write the certificate");
    return contents(bio.get());
}

inline std::string pem_of(EVP_PKEY* key)
{
    const bio_pointer bio(BIO_new(BIO_s_mem()));
    require(bio && PEM_write_bio_PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1,
            "cannot write the key");
    return contents(bio.get());
}

inline void add_extension(X509* certificate, X509* issuer, int nid, const char* value)
{
    X509V3_CTX context{};
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    const openssl_pointer<X509_EXTENSION, X509_EXTENSION_free> extension(
        X509V3_EXT_nconf_nid(nullptr, &context, nid, value));
    require(extension && X509_add_ext(certificate, extension.get(), -1) == 1, "cannot add an extension");
}

inline void add_alternative_names(X509* certificate, const certificate_request& request)
{
    const openssl_pointer<GENERAL_NAMES, GENERAL_NAMES_free> names(GENERAL_NAMES_new());
    const auto add = [&](int type, const std::string& text) {
        GENERAL_NAME* name = a2i_GENERAL_NAME(nullptr, nullptr, nullptr, type, text.c_str(), 0);
        require(name != nullptr, "not a name or an address");
        if (sk_GENERAL_NAME_push(names.get(), name) == 0) {
            GENERAL_NAME_free(name);
            require(false, "out of memory");
        }
    };
    for (const auto& name : request.dns_names())
        add(GEN_DNS, name);
    for (const auto& address : request.ip_addresses())
        add(GEN_IPADD, address);
    if (sk_GENERAL_NAME_num(names.get()) > 0)
        require(X509_add1_ext_i2d(certificate, NID_subject_alt_name, names.get(), 0, 0) == 1,
                "cannot add the alternative names");
}

/// Everything of a certificate but extensions and signature.
inline x509_pointer new_certificate(const certificate_request& request, EVP_PKEY* key,
                                    const X509_NAME* issuer)
{
    x509_pointer out(X509_new());
    require(out && X509_set_version(out.get(), X509_VERSION_3) == 1, "out of memory");
    const openssl_pointer<BIGNUM, BN_free> serial(BN_new());
    require(serial && BN_rand(serial.get(), 127, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1 &&
                BN_to_ASN1_INTEGER(serial.get(), X509_get_serialNumber(out.get())) != nullptr,
            "cannot make a serial number");

    X509_NAME* subject = X509_get_subject_name(out.get());
    const auto* organization = reinterpret_cast<const unsigned char*>("coauth tests");
    require(X509_NAME_add_entry_by_txt(subject, "O", MBSTRING_UTF8, organization, -1, -1, 0) == 1,
            "cannot set the subject");
    if (const std::string& name = request.common_name(); !name.empty())
        require(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                                           reinterpret_cast<const unsigned char*>(name.data()),
                                           static_cast<int>(name.size()), -1, 0) == 1,
                "cannot set the subject");
    require(X509_set_issuer_name(out.get(), issuer != nullptr ? issuer : subject) == 1,
            "cannot set the issuer");

    const auto set_time = [](ASN1_TIME* field, certificate_request::time_point time) {
        return ASN1_TIME_set(field, std::chrono::system_clock::to_time_t(time)) != nullptr;
    };
    require(set_time(X509_getm_notBefore(out.get()), request.not_before()) &&
                set_time(X509_getm_notAfter(out.get()), request.not_after()),
            "cannot set the validity");
    require(X509_set_pubkey(out.get(), key) == 1, "cannot set the key");
    return out;
}

/// Without an issuer it is its own.
inline certificate_authority::certificate make_certificate(const certificate_request& request, X509* issuer,
                                                           EVP_PKEY* issuer_key)
{
    const bool rsa = request.key() == certificate_key::rsa_2048;
    const key_pointer key(rsa ? EVP_RSA_gen(2048) : EVP_EC_gen("P-256"));
    require(key != nullptr, "cannot make a key");
    const auto made =
        new_certificate(request, key.get(), issuer != nullptr ? X509_get_subject_name(issuer) : nullptr);
    X509* const leaf = made.get();
    add_extension(leaf, leaf, NID_basic_constraints, "critical,CA:FALSE");
    add_extension(leaf, leaf, NID_key_usage, "critical,digitalSignature,keyEncipherment");
    add_extension(leaf, leaf, NID_ext_key_usage, "serverAuth,clientAuth");
    if (issuer != nullptr)
        add_extension(leaf, issuer, NID_authority_key_identifier, "keyid:always");
    add_alternative_names(leaf, request);
    require(X509_sign(leaf, issuer_key != nullptr ? issuer_key : key.get(), EVP_sha256()) > 0, "cannot sign");
    return {pem_of(leaf), pem_of(key.get())};
}

} // namespace detail

struct certificate_authority::state {
    detail::key_pointer key;
    detail::x509_pointer root;
    std::string pem;
};

COAUTH_DECL certificate_authority::certificate_authority()
{
    auto made = std::make_shared<state>();
    made->key.reset(EVP_EC_gen("P-256"));
    detail::require(made->key != nullptr, "cannot make a key");
    const auto request = certificate_request().set_common_name("coauth test authority");
    made->root = detail::new_certificate(request, made->key.get(), nullptr);
    X509* root = made->root.get();
    detail::add_extension(root, root, NID_basic_constraints, "critical,CA:TRUE");
    detail::add_extension(root, root, NID_key_usage, "critical,keyCertSign,cRLSign");
    detail::add_extension(root, root, NID_subject_key_identifier, "hash");
    detail::require(X509_sign(root, made->key.get(), EVP_sha256()) > 0, "cannot sign");
    made->pem = detail::pem_of(root);
    state_ = std::move(made);
}

COAUTH_DECL const std::string& certificate_authority::certificate_pem() const noexcept { return state_->pem; }

COAUTH_DECL certificate_authority::certificate
certificate_authority::issue(const certificate_request& request) const
{
    return detail::make_certificate(request, state_->root.get(), state_->key.get());
}

COAUTH_DECL certificate_authority::certificate
certificate_authority::issue_self_signed(const certificate_request& request)
{
    return detail::make_certificate(request, nullptr, nullptr);
}

COAUTH_DECL certificate_authority::certificate certificate_authority::issue_for_loopback() const
{
    certificate_request request;
    request.set_common_name("localhost").add_dns_name("localhost");
    request.add_ip_address("127.0.0.1").add_ip_address("::1");
    return issue(request);
}

} // namespace coauth::inline COAUTH_MODE::testing

#endif
