// WWW-Authenticate fields, one a line.
#include "fuzz.hpp"

#include <coauth/protocol/bearer_challenge.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    std::string_view rest = fuzz::text(data, size);
    std::vector<std::string_view> fields;
    while (!rest.empty())
        fields.push_back(fuzz::take(rest, '\n'));
    const auto challenge = coauth::bearer_challenge::parse(fields);
    if (!challenge)
        return 0;
    std::string lower(reinterpret_cast<const char*>(data), size);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](unsigned char c) { return c < 0x80 ? static_cast<char>(std::tolower(c)) : '?'; });
    fuzz::require(lower.find("bearer") != lower.npos, "a challenge that is there");
    for (const std::string_view value : {challenge->realm(), challenge->scope(), challenge->acr_values(),
                                         challenge->max_age(), challenge->parameter("error_description")})
        fuzz::require(value.size() <= 8 * 1024, "no more than was read");
    fuzz::require(challenge->parameter("SCOPE") == challenge->scope(), "names without case");
    if (const auto reason = challenge->reason())
        fuzz::check_error(*reason);
    else
        fuzz::require(challenge->parameter("error").empty(), "an error is told");
    return 0;
}
