// What is shown of a session: never a token.
#ifndef LOGIN_SERVER_PROFILE_HPP
#define LOGIN_SERVER_PROFILE_HPP

#include "session_store.hpp"

#include <boost/json/fwd.hpp>

#include <string>
#include <string_view>

namespace login_server {

/// The JSON of /profile.
boost::json::object profile_of(const session& of);

/** What the ID token says: all of it but the nonce, which is nobody's business.

    Precondition: there is one.
*/
boost::json::object id_token_claims(const session& of);

/// What to call the person.
std::string display_name(const session& of);

/// RFC 3339, in UTC.
std::string rfc3339(std::chrono::system_clock::time_point time);

/// The text with everything that is not UTF-8 replaced: for JSON and pages.
std::string valid_utf8(std::string_view text);

} // namespace login_server

#endif
