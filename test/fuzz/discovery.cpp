// A metadata document.
#include "fuzz.hpp"

#include <coauth/protocol/discovery.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace {

using coauth::server_metadata;

std::string written(const server_metadata& server)
{
    boost::json::object out{{"issuer", server.issuer().string()}};
    const auto add = [&](std::string_view name, const coauth::endpoint_url& url) {
        if (!url.empty())
            out[name] = url.string();
    };
    add("authorization_endpoint", server.authorization_endpoint());
    add("token_endpoint", server.token_endpoint());
    add("userinfo_endpoint", server.userinfo_endpoint());
    add("revocation_endpoint", server.revocation_endpoint());
    add("jwks_uri", server.jwks_uri());
    add("end_session_endpoint", server.end_session_endpoint());
    out["authorization_response_iss_parameter_supported"] = server.sends_issuer_in_response();
    return boost::json::serialize(out);
}

bool same(const server_metadata& left, const server_metadata& right)
{
    return left.issuer().string() == right.issuer().string() &&
           left.authorization_endpoint().string() == right.authorization_endpoint().string() &&
           left.token_endpoint().string() == right.token_endpoint().string() &&
           left.userinfo_endpoint().string() == right.userinfo_endpoint().string() &&
           left.revocation_endpoint().string() == right.revocation_endpoint().string() &&
           left.jwks_uri().string() == right.jwks_uri().string() &&
           left.end_session_endpoint().string() == right.end_session_endpoint().string() &&
           left.sends_issuer_in_response() == right.sends_issuer_in_response();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    static const coauth::issuer expected = *coauth::issuer::parse("https://as.example/tenant");
    const coauth::limits bounds;
    coauth::detail::answer answer;
    answer.status = 200;
    answer.content_type = "application/json";
    answer.body = fuzz::text(data, size);
    const auto server = coauth::detail::parse_server_metadata(answer, expected, nullptr, bounds);
    if (!server) {
        fuzz::check_error(server.error());
        return 0;
    }
    fuzz::require(server->issuer().string() == expected.string(), "it is about this issuer");
    fuzz::require(!server->authorization_endpoint().empty() && !server->token_endpoint().empty(),
                  "the endpoints of every sign-in are there");
    for (const auto* url :
         {&server->authorization_endpoint(), &server->token_endpoint(), &server->userinfo_endpoint(),
          &server->revocation_endpoint(), &server->jwks_uri(), &server->end_session_endpoint()})
        if (!url->empty()) {
            fuzz::require(url->is_https() && url->origin().starts_with("https://"), "nothing but https");
            fuzz::require(url->string().find_first_of("#\\ ") == std::string::npos, "no fragment, no trick");
            const std::string authority = url->string().substr(8, url->string().find_first_of("/?", 8) - 8);
            fuzz::require(!authority.empty() && authority.find_first_of("@%") == authority.npos,
                          "no userinfo, no encoded host");
        }
    const std::string text = written(*server);
    answer.body = text;
    const auto again = coauth::detail::parse_server_metadata(answer, expected, nullptr, bounds);
    fuzz::require(again && same(*again, *server), "what was read is read again");
    return 0;
}
