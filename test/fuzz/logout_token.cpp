// A logout token: see signed_text.hpp for the input. `+session` in the first line: a session has to be named.
#include "signed_text.hpp"

#include <coauth/protocol/logout_token_validation.hpp>

#include <array>

namespace {

constexpr std::chrono::system_clock::time_point now{std::chrono::seconds(1'700'000'000)};

coauth::openid_registration make(bool with_secret, bool session_required)
{
    coauth::openid_registration out;
    out.set_trusted_audiences({"other"}).set_logout_session_required(session_required);
    if (with_secret)
        out.set_id_token_signed_response_alg(fuzz::shared_secret());
    return out;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    static const std::array registrations{make(false, false), make(false, true), make(true, false),
                                          make(true, true)};
    const std::string_view text = fuzz::text(data, size);
    const bool session_required = text.substr(0, text.find('\n')).find("+session") != text.npos;
    const fuzz::signed_text input(text);

    const coauth::limits bounds;
    coauth::detail::logout_token_expectations expected;
    expected.registration = &registrations[(input.with_secret ? 2u : 0u) + (session_required ? 1u : 0u)];
    expected.issuer = "https://as.example/tenant";
    expected.client_id = "client";
    expected.algorithms = coauth::default_signing_algorithms;
    expected.keys = &fuzz::published_keys();
    expected.now = now;

    const auto token = coauth::detail::verify_logout_token(input.compact, expected, bounds);
    fuzz::check_error_queue();
    if (!token) {
        fuzz::check_error(token.error());
        return 0;
    }
    constexpr std::chrono::seconds second(1);
    fuzz::require(!input.raw, "nobody forges a logout token");
    fuzz::require(token->issuer() == expected.issuer, "iss is the server's");
    fuzz::require(!token->subject().empty() || !token->session_id().empty(), "it means somebody");
    fuzz::require(!session_required || !token->session_id().empty(), "it means one session");
    fuzz::require(token->subject().size() <= 255, "sub is no longer than it may be");
    fuzz::require(!token->token_id().empty(), "jti is there");
    fuzz::require(token->issued_at() <= now + bounds.clock_tolerance + second, "iat is not to come");
    if (const auto end = token->expires_at())
        fuzz::require(*end > now - bounds.clock_tolerance - second, "exp is to come");
    else
        fuzz::require(token->issued_at() >= now - bounds.logout_token_age - bounds.clock_tolerance - second,
                      "iat is not long ago");
    return 0;
}
