// What a token endpoint answers. First line: status|Content-Type|Retry-After|what is tolerated; then the body.
#include "fuzz.hpp"

#include <coauth/protocol/token_response.hpp>

#include <charconv>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    std::string_view body = fuzz::text(data, size);
    std::string_view head = fuzz::take(body, '\n');
    const std::string_view status = fuzz::take(head, '|');
    coauth::detail::answer answer;
    std::from_chars(status.data(), status.data() + status.size(), answer.status);
    answer.content_type = fuzz::take(head, '|');
    answer.retry_after = fuzz::take(head, '|');
    answer.body = body;
    const auto asked = [&](char what) { return head.find(what) != head.npos; };

    const coauth::limits bounds;
    coauth::detail::token_expectations expected;
    expected.requested_scope = "openid email";
    expected.id_token = asked('i');
    expected.now = std::chrono::system_clock::time_point(std::chrono::seconds(1'700'000'000));
    expected.tolerated.missing_token_type = asked('m');
    expected.tolerated.any_token_content_type = asked('a');
    expected.tolerated.comma_separated_scope = asked('c');

    coauth::secret id_token;
    const auto tokens = coauth::detail::parse_token_response(answer, expected, bounds, id_token);
    if (answer.status != 200)
        fuzz::check_error(coauth::detail::parse_error_response(answer, bounds));
    if (!tokens) {
        fuzz::check_error(tokens.error());
        return 0;
    }
    fuzz::require(answer.status == 200, "tokens come with status 200");
    for (const coauth::secret* token : {&tokens->access_token(), &tokens->refresh_token()})
        fuzz::require(token->size() <= bounds.token_bytes && fuzz::visible_or_space(token->expose()),
                      "tokens are visible characters, not too many");
    fuzz::require(!tokens->access_token().empty(), "there is an access token");
    fuzz::require(tokens->access_token().expose().find(' ') == std::string_view::npos,
                  "that a header field can carry");
    std::string type = tokens->token_type();
    std::transform(type.begin(), type.end(), type.begin(),
                   [](unsigned char c) { return c < 0x80 ? static_cast<char>(std::tolower(c)) : '?'; });
    fuzz::require(type == "bearer", "of a known type");
    fuzz::require(!expected.id_token || !id_token.empty(), "an ID token that was asked for is there");
    fuzz::require(id_token.size() <= bounds.token_bytes, "limits::token_bytes");
    fuzz::require(!tokens->has_id_token(), "and is not verified yet");
    fuzz::require(tokens->received_at() == expected.now, "the clock is the client's");
    if (const auto end = tokens->expires_at())
        fuzz::require(*end >= expected.now && *end <= expected.now + std::chrono::seconds(2'147'483'647),
                      "expires_in is clamped");
    return 0;
}
