#ifndef COAUTH_IMPL_PROTOCOL_PKCE_IPP
#define COAUTH_IMPL_PROTOCOL_PKCE_IPP

#include <coauth/detail/sha256.hpp>
#include <coauth/protocol/pkce.hpp>

#include <boost/url/rfc/unreserved_chars.hpp>

#include <algorithm>

namespace coauth::inline COAUTH_MODE {

COAUTH_DECL result<random_value> code_challenge_s256(std::string_view code_verifier)
{
    // RFC 7636 4.1: "code-verifier = 43*128unreserved"
    if (code_verifier.size() < 43 || code_verifier.size() > 128 ||
        !std::all_of(code_verifier.begin(), code_verifier.end(), boost::urls::unreserved_chars))
        return errc::invalid_parameter;
    const auto digest = detail::sha256(code_verifier);
    if (!digest)
        return errc::invalid_configuration;
    return random_value(*digest);
}

} // namespace coauth::inline COAUTH_MODE

#endif
