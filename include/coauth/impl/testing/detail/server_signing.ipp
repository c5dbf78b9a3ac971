// Floor 4. A part of server_core.
#ifndef COAUTH_IMPL_TESTING_DETAIL_SERVER_SIGNING_IPP
#define COAUTH_IMPL_TESTING_DETAIL_SERVER_SIGNING_IPP

#include <coauth/testing/detail/random_token.hpp>
#include <coauth/testing/detail/server_core.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <openssl/evp.h>

#include <stdexcept>

namespace coauth::inline COAUTH_MODE::testing::detail {

/// Of the hash that belongs to a signature the left half: OpenID Connect Core 3.1.3.6. Ed25519 has SHA-512 in it.
inline std::string half_hash(const token_algorithm& algorithm, std::string_view text)
{
    const std::string_view name = name_of(algorithm);
    const char* const digest = name.ends_with("256") ? "SHA256" : name.ends_with("384") ? "SHA384" : "SHA512";
    std::string bytes(EVP_MAX_MD_SIZE, '\0');
    std::size_t size = 0;
    if (EVP_Q_digest(nullptr, digest, nullptr, text.data(), text.size(),
                     reinterpret_cast<unsigned char*>(bytes.data()), &size) != 1)
        throw std::runtime_error("authorization_server: no hash");
    return base64url(std::string_view(bytes).substr(0, size / 2));
}

inline std::int64_t seconds_of(time_point time)
{
    return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

COAUTH_DECL signing_key server_core::current_key()
{
    const token_algorithm algorithm = configuration_.id_token_algorithm();
    const auto* published = std::get_if<signing_algorithm>(&algorithm);
    return keys_.current(published != nullptr ? *published : signing_algorithm::rs256);
}

COAUTH_DECL token_algorithm server_core::id_token_algorithm(const registered_client& of) const
{
    return of.id_token_algorithm().value_or(configuration_.id_token_algorithm());
}

COAUTH_DECL std::string server_core::sign(server_jwt kind, const token_algorithm& algorithm,
                                          const registered_client& receiver, boost::json::object claims)
{
    boost::json::object header;
    header["alg"] = name_of(algorithm);
    header["typ"] = kind == server_jwt::logout_token ? "logout+jwt" : "JWT";
    std::optional<signing_key> published;
    if (const auto* with = std::get_if<signing_algorithm>(&algorithm)) {
        published = keys_.current(*with);
        header["kid"] = published->key_id();
    }
    if (const auto hook = claims_hooks_.get(kind))
        (*hook)(header, claims);
    if (const auto hook = signing_hooks_.get(kind))
        if (auto given = (*hook)(header, claims))
            return *std::move(given);
    if (published)
        return published->sign(header, claims);
    // OpenID Connect Core 10.1: "the octets of the UTF-8 representation of the client_secret" are the key.
    return coauth::sign(hmac_key(std::get<hmac_algorithm>(algorithm), secret(receiver.secret())), header,
                        claims);
}

// OpenID Connect Core 2, 3.1.3.6.
COAUTH_DECL std::string server_core::id_token(const issued_tokens& issued, const user& of,
                                              const registered_client& to, std::string_view code)
{
    const grant& from = *issued.from;
    const token_algorithm algorithm = id_token_algorithm(to);
    const time_point issued_at = now();
    boost::json::object claims;
    claims["iss"] = issuer();
    claims["sub"] = of.subject();
    claims["aud"] = to.id();
    claims["iat"] = seconds_of(issued_at);
    claims["exp"] = seconds_of(issued_at + configuration_.id_token_lifetime());
    claims["auth_time"] = seconds_of(from.authenticated_at);
    if (!code.empty() && !from.nonce.empty()) // 12.2: after a refresh, "it SHOULD NOT have a nonce Claim"
        claims["nonce"] = from.nonce;
    claims["at_hash"] = half_hash(algorithm, issued.access_token);
    if (!code.empty() && configuration_.code_hash() == code_hash::sent)
        claims["c_hash"] = half_hash(algorithm, code);
    if (!from.authentication_context.empty())
        claims["acr"] = from.authentication_context;
    claims["amr"] = boost::json::array{"pwd"}; // RFC 8176 2
    claims["sid"] = from.session_id;
    std::string out = sign(server_jwt::id_token, algorithm, to, std::move(claims));
    issued_id_token known;
    known.client_id = to.id();
    known.user_name = from.user_name;
    known.session_id = from.session_id;
    const std::lock_guard lock(mutex_);
    id_tokens_.insert(fingerprint(out), std::move(known));
    return out;
}

// OpenID Connect Back-Channel Logout 2.4.
COAUTH_DECL std::string server_core::logout_token(const logout_notice& notice)
{
    const time_point issued_at = now();
    boost::json::object claims;
    claims["iss"] = issuer();
    claims["aud"] = notice.client->id();
    claims["iat"] = seconds_of(issued_at);
    // 2.4: "It is RECOMMENDED that [...] expiration times [be] at most two minutes in the future".
    claims["exp"] = seconds_of(issued_at + std::chrono::minutes(2));
    claims["jti"] = random_token();
    claims["events"].emplace_object()["http://schemas.openid.net/event/backchannel-logout"].emplace_object();
    if (!notice.subject.empty())
        claims["sub"] = notice.subject;
    if (!notice.session_id.empty())
        claims["sid"] = notice.session_id;
    // 2.6: "Validate the Logout Token signature in the same way that an ID Token signature is validated".
    return sign(server_jwt::logout_token, id_token_algorithm(*notice.client), *notice.client,
                std::move(claims));
}

COAUTH_DECL std::string server_core::logout_token(std::string_view client_id, std::string_view subject,
                                                  std::string_view session_id)
{
    logout_notice notice;
    {
        const std::lock_guard lock(mutex_);
        notice.client = find_client(client_id);
    }
    if (!notice.client)
        throw std::invalid_argument("authorization_server: there is no such client");
    notice.subject = subject;
    notice.session_id = session_id;
    return logout_token(notice);
}

} // namespace coauth::inline COAUTH_MODE::testing::detail

#endif
