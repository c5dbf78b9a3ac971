// What the command line says, checked as far as it can be without asking anybody.
#ifndef LOGIN_SERVER_OPTIONS_HPP
#define LOGIN_SERVER_OPTIONS_HPP

#include "log.hpp"

#include <coauth.hpp>
#include <coauth/jose/signing_key.hpp>
#include <coauth/redis_settings.hpp>

#include <boost/asio/ip/tcp.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace login_server {

/// The command line is wrong; what() is the one line that says how.
class option_error : public std::runtime_error {
public:
    using runtime_error::runtime_error;
};

enum class security_policy { oauth21, oauth20_compatible };
enum class authentication_method {
    none,
    client_secret_basic,
    client_secret_post,
    client_secret_jwt,
    private_key_jwt
};
enum class command { serve, walkthrough, help, version };

/// Where pending sign-ins are kept between /login and /callback.
enum class state_store_kind {
    memory, ///< in this process
    sealed, ///< in the browser's cookie
    redis,  ///< in Redis, for all processes
};

/// Where people sign in.
enum class provider_kind {
    embedded,   ///< the authorization server of coauth/testing, in this process
    discovered, ///< by its issuer's metadata
    endpoints,  ///< by the endpoints on the command line
};

struct options {
    login_server::command command = login_server::command::serve;

    std::string listen_host = "127.0.0.1"; // as it stands in URLs: IPv6 in brackets
    std::uint16_t listen_port = 8080;
    bool listen_given = false;

    provider_kind provider = provider_kind::embedded;
    coauth::issuer issuer;
    coauth::endpoint_url authorization_endpoint;
    coauth::endpoint_url token_endpoint;
    coauth::endpoint_url userinfo_endpoint;

    std::string client_id;
    coauth::secret client_secret;
    authentication_method authentication = authentication_method::none;
    std::optional<coauth::hmac_key> client_assertion_secret; // client_secret_jwt
    std::optional<coauth::signing_key> client_key;           // private_key_jwt
    std::string redirect_uri;                                // empty: the default, which needs the port
    std::optional<std::string> post_logout_redirect_uri;     // no value: the default, likewise
    /// No value: whatever the library accepts and the provider announces.
    std::optional<coauth::signing_algorithms> id_token_algorithms;
    /// ID tokens are signed with the client secret instead.
    std::optional<coauth::hmac_algorithm> id_token_hmac;
    std::optional<coauth::hmac_key> id_token_secret;
    std::string scope;
    coauth::response_mode response_mode = coauth::response_mode::query;
    std::vector<std::pair<std::string, std::string>> authorize_parameters;
    coauth::endpoint_url resource;
    state_store_kind state_store = state_store_kind::memory;
    std::optional<coauth::redis_settings> state_redis;
    std::optional<coauth::redis_settings> token_redis; // no value: tokens and sessions are in this process
    std::string seal_key_file;                         // empty: see stores.cpp
    security_policy policy = security_policy::oauth21;
    std::string authorities_file;
    bool insecure_loopback = false;
    login_server::log_format log_format = login_server::log_format::text;
};

/** Read the command line.

    @param environment_secret the value of COAUTH_CLIENT_SECRET, null if it is not set
    @throws option_error
*/
options parse_options(std::span<const char* const> arguments, const char* environment_secret);

/** The client secret as a key that signs.
    @param for_what the option that asks for it
    @throws option_error if it is too short
*/
coauth::hmac_key secret_for_signing(const options& from, coauth::hmac_algorithm algorithm,
                                    std::string_view for_what);

/// What --help prints.
std::string help_text();

/// The sizes of the largest secret, and of the largest file with keys or certificates, that are taken.
constexpr std::size_t most_secret_bytes = 8 * 1024;
constexpr std::size_t most_file_bytes = 1024 * 1024;

/// Say that what an option names is too large.
option_error too_large(std::string_view option, std::size_t most_bytes);

/** Read a file that an option names.
    @throws option_error if it cannot be read, or is too large
*/
coauth::secret read_file(std::string_view option, const std::string& path, std::size_t most_bytes);

/// An endpoint's URL, or an option_error that names the option.
coauth::endpoint_url parse_endpoint(std::string_view option, std::string_view text, bool insecure_loopback);

/** Let the library judge what every sign-in will ask for, before the first person does.
    @throws option_error
*/
void check_authorization_parameters(const options& from);

} // namespace login_server

#endif
