#ifndef COAUTH_IMPL_PROTOCOL_CLIENT_ASSERTION_IPP
#define COAUTH_IMPL_PROTOCOL_CLIENT_ASSERTION_IPP

#include <coauth/core/error.hpp>
#include <coauth/core/random_value.hpp>
#include <coauth/protocol/client_assertion.hpp>

#include <boost/json/object.hpp>

#include <array>

namespace coauth::inline COAUTH_MODE {
namespace detail {

inline std::string signed_by(const signing_key& key, boost::json::object header,
                             const boost::json::object& claims)
{
    if (!key.key_id().empty())
        header["kid"] = key.key_id();
    return key.sign(header, claims);
}
inline std::string signed_by(const hmac_key& key, const boost::json::object& header,
                             const boost::json::object& claims)
{
    return sign(key, header, claims);
}

/// What all of them have in common.
struct assertion_claims {
    std::string issuer;
    std::string subject;
    std::string audience; ///< empty: the server's issuer identifier
    std::string type;     ///< empty: none
    std::chrono::seconds lifetime;
    bool client_secret = false;
};

template <class Key>
class signed_assertion final : public assertion_source {
public:
    signed_assertion(Key key, assertion_claims claims) : key_(std::move(key)), claims_(std::move(claims)) {}

    result<secret> make(const assertion_context& context) const override
    {
        const std::string_view audience = claims_.audience.empty() ? context.issuer : claims_.audience;
        if (audience.empty())
            return errc::invalid_configuration;
        boost::json::object header;
        header["alg"] = name(key_.algorithm());
        if (!claims_.type.empty())
            header["typ"] = claims_.type;
        // RFC 7523 3, 1 to 4: iss, sub, aud and exp are required. One audience, as a string: a list could name
        // a server that takes the assertion for its own. No nbf: clocks differ.
        const auto now = std::chrono::floor<std::chrono::seconds>(context.now.time_since_epoch());
        boost::json::object claims{{"iss", claims_.issuer},
                                   {"sub", claims_.subject},
                                   {"aud", audience},
                                   {"iat", now.count()},
                                   {"exp", (now + claims_.lifetime).count()}};
        if (!claims_.client_secret) { // RFC 7523 3, 7: "a unique identifier for the token"
            std::array<unsigned char, random_value::size_bytes> bytes;
            if (!context.random)
                return errc::random_source_failed;
            if (const auto filled = context.random(bytes); !filled)
                return filled.error();
            claims["jti"] = random_value(bytes).to_string();
        }
        try {
            return secret(signed_by(key_, std::move(header), claims));
        } catch (const exception& failure) {
            return failure.reason();
        }
    }

    bool is_client_secret() const noexcept override { return claims_.client_secret; }
    bool needs_issuer() const noexcept override { return claims_.audience.empty(); }

private:
    Key key_;
    assertion_claims claims_;
};

/// RFC 7523 3, 3: "For client authentication, the subject MUST be the "client_id" of the OAuth client."
template <class Method>
std::shared_ptr<const assertion_source> assertion_of(const Method& method, const std::string& client_id)
{
    constexpr std::chrono::seconds lifetime(60);
    return std::make_shared<signed_assertion<std::decay_t<decltype(method.key())>>>(
        method.key(), assertion_claims{client_id, client_id, method.audience(), method.type(), lifetime});
}

} // namespace detail

COAUTH_DECL std::shared_ptr<const detail::assertion_source>
private_key_jwt::source(const std::string& client_id) const
{
    return detail::assertion_of(*this, client_id);
}

COAUTH_DECL std::shared_ptr<const detail::assertion_source>
client_secret_jwt::source(const std::string& client_id) const
{
    return detail::assertion_of(*this, client_id);
}

COAUTH_DECL signed_client_secret::signed_client_secret(signing_key key, std::string team_id,
                                                       std::string audience)
    : key_(std::move(key)), team_id_(std::move(team_id)), audience_(std::move(audience))
{
    if (key_.key_id().empty() || team_id_.empty() || audience_.empty())
        throw exception(errc::invalid_configuration);
}

COAUTH_DECL std::shared_ptr<const detail::assertion_source>
signed_client_secret::source(const std::string& client_id) const
{
    constexpr std::chrono::minutes lifetime(5);
    return std::make_shared<detail::signed_assertion<signing_key>>(
        key_, detail::assertion_claims{team_id_, client_id, audience_, "", lifetime, true});
}

} // namespace coauth::inline COAUTH_MODE

#endif
