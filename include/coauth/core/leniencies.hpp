// Floor 1.
#ifndef COAUTH_CORE_LENIENCIES_HPP
#define COAUTH_CORE_LENIENCIES_HPP

#include <coauth/detail/config.hpp>

#include <string_view>

namespace coauth::inline COAUTH_MODE {

/** What a policy tolerates of servers that do not keep to the specifications. Nothing, by default.

    None of it touches what protects the person: PKCE, state, browser binding, issuer and TLS stay.
*/
struct leniencies {
    /// Take a token response without `token_type` as one of a bearer token (RFC 6749 5.1 requires it).
    bool missing_token_type = false;
    /// Read JSON whatever the Content-Type of a token response is (RFC 6749 5.1 wants application/json).
    bool any_token_content_type = false;
    /// Take commas in the granted scope for separators, too.
    bool comma_separated_scope = false;
    /// Words of the server's own, with spaces between them, that say in `error` what invalid_grant says (RFC 6749 5.2): they
    /// are errors anyway, and with this it is known that only a new sign-in helps.
    std::string_view words_for_invalid_grant{};
};

} // namespace coauth::inline COAUTH_MODE

#endif
