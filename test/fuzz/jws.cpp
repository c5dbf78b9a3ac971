// A JWS in compact serialization: see signed_text.hpp for the input.
#include "signed_text.hpp"

#include <coauth/jose/jws.hpp>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

namespace {

/// Of RFC 7515 A.2 and A.3: what the keys did sign.
constexpr std::string_view signed_by_others[] = {
    "eyJhbGciOiJSUzI1NiJ9."
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.",
    "eyJhbGciOiJFUzI1NiJ9."
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.",
};

bool is_of_others(std::string_view compact)
{
    return std::any_of(std::begin(signed_by_others), std::end(signed_by_others),
                       [&](std::string_view known) { return compact.starts_with(known); });
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const fuzz::signed_text input(fuzz::text(data, size));
    const coauth::limits bounds;
    coauth::detail::jws_keys keys;
    keys.algorithms = coauth::default_signing_algorithms;
    keys.published = &fuzz::published_keys();
    if (input.with_secret)
        keys.secret = &fuzz::shared_secret();
    const auto verified = coauth::detail::verify_jws(input.compact, keys, bounds);
    fuzz::check_error_queue();
    if (!verified) {
        fuzz::check_error(verified.error());
        return 0;
    }
    fuzz::require(input.compact.size() <= bounds.token_bytes, "limits::token_bytes");
    if (input.raw) {
        fuzz::require(is_of_others(input.compact), "nobody forges a signature");
        return 0;
    }
    fuzz::require(input.header.size() <= bounds.jwt_header_bytes, "limits::jwt_header_bytes");
    boost::system::error_code ec;
    const boost::json::value header = boost::json::parse({input.header.data(), input.header.size()}, ec);
    fuzz::require(!ec && header.is_object(), "the header is an object");
    const auto& members = header.get_object();
    for (const std::string_view name : {"crit", "b64", "zip"})
        fuzz::require(!members.contains(name), "RFC 7515 4.1.11");
    const auto* const algorithm = members.if_contains("alg");
    fuzz::require(algorithm && algorithm->is_string(), "the header names an algorithm");
    if (input.with_secret)
        fuzz::require(algorithm->get_string() == "HS256", "that of the secret");
    else
        fuzz::require(algorithm->get_string() == "EdDSA" || algorithm->get_string() == "Ed25519",
                      "that of the key");
    const auto* const type = members.if_contains("typ");
    fuzz::require(verified->type() == (type ? std::string_view(type->as_string()) : ""), "the type is told");
    const boost::json::value payload = boost::json::parse({input.payload.data(), input.payload.size()}, ec);
    fuzz::require(!ec && payload.is_object(), "the payload is an object");
    fuzz::require(payload.get_object() == verified->payload().object(), "the payload is what was signed");
    return 0;
}
