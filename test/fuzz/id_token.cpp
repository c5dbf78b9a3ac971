// An ID token: see signed_text.hpp for the input. What follows the signer in the first line says what is demanded.
#include "signed_text.hpp"

#include <coauth/protocol/id_token_validation.hpp>

#include <boost/json/object.hpp>

namespace {

constexpr std::string_view client_id = "client";
constexpr std::string_view issuer = "https://as.example/tenant";
constexpr std::chrono::system_clock::time_point now{std::chrono::seconds(1'700'000'000)};

/// Forty-three times `A` in base64url.
const coauth::random_value nonce{};

const coauth::openid_registration& registration(bool with_secret)
{
    static const coauth::openid_registration both[] = {
        coauth::openid_registration().set_trusted_audiences({"other"}),
        coauth::openid_registration().set_trusted_audiences({"other"}).set_id_token_signed_response_alg(
            fuzz::shared_secret()),
    };
    return both[with_secret];
}

void check(const coauth::verified_id_token& token, const coauth::detail::id_token_expectations& expected,
           const coauth::limits& bounds)
{
    using fuzz::require;
    require(token.issuer() == issuer, "iss is the server's");
    require(!token.subject().empty() && token.subject().size() <= 255, "sub is there");
    require(std::none_of(token.subject().begin(), token.subject().end(),
                         [](unsigned char c) { return c < 0x20 || c == 0x7f; }),
            "sub has no control characters");
    const auto audience = token.audience();
    require(std::find(audience.begin(), audience.end(), client_id) != audience.end(), "aud has the client");
    for (const std::string_view one : audience)
        require(one == client_id || one == "other", "aud has nobody else who is not trusted");
    require(token.authorized_party().empty() || token.authorized_party() == client_id, "azp is the client");
    require(token.expires_at() > now - bounds.clock_tolerance - std::chrono::seconds(1), "exp is to come");
    require(token.issued_at() <= now + bounds.clock_tolerance + std::chrono::seconds(1),
            "iat is not to come");
    require(token.issued_at() >= now - bounds.id_token_age - bounds.clock_tolerance - std::chrono::seconds(1),
            "iat is not long ago");
    const auto& claims = token.claims();
    const auto* const sent_back = claims.if_contains("nonce");
    if (sent_back && !sent_back->is_null())
        require(expected.nonce && token.claim("nonce") == nonce.to_string(), "nonce is ours");
    else
        require(!expected.nonce || expected.previous, "nonce is there");
    if (expected.max_age && !expected.previous) {
        require(token.authenticated_at().has_value(), "auth_time is there");
        require(*token.authenticated_at() >=
                    now - *expected.max_age - bounds.clock_tolerance - std::chrono::seconds(1),
                "auth_time is not long ago");
    }
    if (!expected.required_acr.empty() && !expected.previous)
        require(token.authentication_context() == "gold", "acr is the demanded one");
    require(!claims.contains("events"), "no logout token");
    if (expected.previous)
        require(token.subject() == expected.previous->subject(), "sub is the same as before");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string_view text = fuzz::text(data, size);
    const std::string_view asked = text.substr(0, std::min(text.find('\n'), text.size()));
    const auto demanded = [&](std::string_view what) { return asked.find(what) != asked.npos; };
    const fuzz::signed_text input(text);

    const coauth::limits bounds;
    coauth::detail::id_token_expectations expected;
    expected.registration = &registration(input.with_secret);
    expected.issuer = issuer;
    expected.client_id = client_id;
    expected.algorithms = coauth::default_signing_algorithms;
    expected.keys = &fuzz::published_keys();
    expected.now = now;
    expected.access_token = "access token";
    expected.code = "code";
    if (!demanded("-nonce"))
        expected.nonce = &nonce;
    if (demanded("+max_age"))
        expected.max_age = std::chrono::seconds(60);
    if (demanded("+acr"))
        expected.required_acr = "silver gold";

    const auto verified = coauth::detail::verify_id_token(input.compact, expected, bounds);
    fuzz::check_error_queue();
    if (!verified) {
        fuzz::check_error(verified.error());
        return 0;
    }
    if (demanded("+acr"))
        fuzz::require(verified->authentication_context() == "gold" ||
                          verified->authentication_context() == "silver",
                      "acr is a demanded one");
    expected.required_acr = {};
    check(*verified, expected, bounds);
    fuzz::require(!input.raw, "nobody forges an ID token");
    fuzz::require(verified->encoded().expose() == input.compact, "it is handed back as it came");

    // Whatever is good for a sign-in is good for a refresh of it, but for how old the sign-in may be.
    expected.previous = &*verified;
    const auto refreshed = coauth::detail::verify_id_token(input.compact, expected, bounds);
    fuzz::require(refreshed.has_value(), "the same token is that of the same sign-in");
    check(*refreshed, expected, bounds);
    return 0;
}
