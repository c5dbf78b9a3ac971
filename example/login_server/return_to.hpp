// Where a person may be sent after the sign-in: a path of this site and nowhere else.
#ifndef LOGIN_SERVER_RETURN_TO_HPP
#define LOGIN_SERVER_RETURN_TO_HPP

#include <optional>
#include <string>
#include <string_view>

namespace login_server {

/** Whether a browser that is given this as a Location stays on the site.

    Browsers do not read a Location as RFC 3986 does: they take `\` for `/`, drop tabs and newlines, and read
    `//host` and `https:host` as another site. So this only lets through what every reader understands alike.
*/
bool stays_on_site(std::string_view return_to);

/** The decoded value of `return_to` in a query.
    @return no value if it is missing; an empty string, which does not stay on the site, if it is given twice
*/
std::optional<std::string> return_to_in(std::string_view query);

} // namespace login_server

#endif
