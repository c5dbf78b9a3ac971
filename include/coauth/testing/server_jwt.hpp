// Floor 4. For tests. What a testing::authorization_server signs, and with what.
#ifndef COAUTH_TESTING_SERVER_JWT_HPP
#define COAUTH_TESTING_SERVER_JWT_HPP

#include <coauth/jose/algorithm.hpp>

#include <boost/json/fwd.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace coauth::inline COAUTH_MODE::testing {

/// With one of the keys that the server publishes, or with the client's secret.
using token_algorithm = std::variant<signing_algorithm, hmac_algorithm>;

/// As it stands in `alg`.
inline std::string_view name_of(const token_algorithm& algorithm) noexcept
{
    if (const auto* published = std::get_if<signing_algorithm>(&algorithm))
        return coauth::name(*published);
    return coauth::name(*std::get_if<hmac_algorithm>(&algorithm));
}

/// What the server signs.
enum class server_jwt {
    id_token,
    userinfo,     ///< if the client is registered for signed userinfo
    logout_token, ///< for back-channel logout
};

/// Called with header and claims before they are signed, to change them.
using claims_hook = std::function<void(boost::json::object& header, boost::json::object& claims)>;
/// Called instead of signing; a value is what is sent, whatever it is.
using signing_hook = std::function<std::optional<std::string>(const boost::json::object& header,
                                                              const boost::json::object& claims)>;

} // namespace coauth::inline COAUTH_MODE::testing

#endif
