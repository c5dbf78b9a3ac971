#ifndef COAUTH_IMPL_PROTOCOL_CLIENT_AUTHENTICATION_IPP
#define COAUTH_IMPL_PROTOCOL_CLIENT_AUTHENTICATION_IPP

#include <coauth/protocol/client_authentication.hpp>
#include <coauth/protocol/form.hpp>

#include <openssl/evp.h>

namespace coauth::inline COAUTH_MODE::detail {

inline secret basic_field(const secure_bytes& credentials)
{
    constexpr std::string_view scheme = "Basic ";
    secure_bytes out(scheme.begin(), scheme.end());
    out.resize(scheme.size() + (credentials.size() + 2) / 3 * 4 + 1); // EVP_EncodeBlock adds a NUL
    const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data() + scheme.size()),
                                     reinterpret_cast<const unsigned char*>(credentials.data()),
                                     static_cast<int>(credentials.size()));
    out.resize(scheme.size() + static_cast<std::size_t>(size));
    return secret(std::move(out));
}

COAUTH_DECL client_credentials::client_credentials(std::string client_id, const client_secret_basic& method)
    : client_id_(std::move(client_id)), method_name_(method.method_name)
{
    // RFC 6749 2.3.1: the identifier "is encoded using the "application/x-www-form-urlencoded" encoding
    // algorithm [...]; the client password is encoded using the same algorithm".
    secure_bytes both;
    append_form_encoded(both, client_id_);
    both.push_back(':');
    append_form_encoded(both, method.value.expose());
    authorization_field_ = basic_field(both);
}

COAUTH_DECL client_credentials::client_credentials(std::string client_id, const client_secret_post& method)
    : client_id_(std::move(client_id)), method_name_(method.method_name), post_secret_(method.value)
{
}

COAUTH_DECL client_credentials::client_credentials(std::string client_id, const public_client& method)
    : client_id_(std::move(client_id)), method_name_(method.method_name)
{
}

COAUTH_DECL client_credentials::client_credentials(std::string client_id,
                                                   const insecure::unencoded_client_secret_basic& method)
    : client_id_(std::move(client_id)), method_name_(method.method_name)
{
    secure_bytes both(client_id_.begin(), client_id_.end());
    both.push_back(':');
    const std::string_view password = method.value.expose();
    both.insert(both.end(), password.begin(), password.end());
    authorization_field_ = basic_field(both);
}

COAUTH_DECL result<client_credentials>
client_credentials::for_request(std::string_view issuer, std::chrono::system_clock::time_point now) const
{
    if (!source_)
        return *this;
    auto made = source_->make({issuer, now, random_});
    if (!made)
        return made.error();
    client_credentials out(client_id_, public_client());
    out.method_name_ = method_name_;
    (source_->is_client_secret() ? out.post_secret_ : out.assertion_) = std::move(*made);
    return out;
}

COAUTH_DECL void client_credentials::append_to(secure_bytes& body) const
{
    if (!authorization_field_.empty())
        return;
    append_form_parameter(body, "client_id", client_id_);
    if (!post_secret_.empty())
        append_form_parameter(body, "client_secret", post_secret_.expose());
    if (!assertion_.empty()) { // RFC 7523 2.2
        append_form_parameter(body, "client_assertion_type",
                              "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
        append_form_parameter(body, "client_assertion", assertion_.expose());
    }
}

} // namespace coauth::inline COAUTH_MODE::detail

#endif
