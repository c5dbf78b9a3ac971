// Floor 4.
#ifndef COAUTH_AUTHORIZATION_CODE_HPP
#define COAUTH_AUTHORIZATION_CODE_HPP

#include <coauth/core/random_value.hpp>
#include <coauth/core/secret.hpp>
#include <coauth/policy/pending_login.hpp>

#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

namespace coauth::inline COAUTH_MODE {
namespace detail {
template <class>
class client_core;
}

/** An authorization code whose callback was checked, with what is needed to exchange it.

    Only basic_client::accept_callback() makes one with a code in it, and basic_client::exchange() takes it
    away: a code that was not checked, or a second use, does not compile.

    @par Thread safety Distinct objects: safe. Shared objects: const functions are safe.
*/
class authorization_code {
public:
    /// Holds no code; basic_client::exchange() refuses it. For Asio, which hands one over beside an exception.
    authorization_code() = default;
    authorization_code(authorization_code&&) = default;
    authorization_code& operator=(authorization_code&&) = default;
    authorization_code(const authorization_code&) = delete;
    authorization_code& operator=(const authorization_code&) = delete;

    /// What was given to begin_authorization(). It never left this server, unless the state store sends it.
    std::string_view application_data() const noexcept { return login_.application_data(); }

private:
    template <class>
    friend class detail::client_core;
    authorization_code(secret&& code, pending_login&& login)
        : code_(std::move(code)), login_(std::move(login))
    {
    }

    secret code_;
    pending_login login_;
};

/** An authorization request: where to send the browser, and what to leave with it. */
class authorization_request {
public:
    authorization_request() = default;
    authorization_request(std::string url, const random_value& browser_binding)
        : url_(std::move(url)), browser_binding_(browser_binding)
    {
    }
    /// Of a state store that seals sign-ins; see sealing_state_store.
    authorization_request(std::string url, secret sealed_login, std::string cookie_suffix)
        : url_(std::move(url)),
          sealed_login_(std::move(sealed_login)),
          cookie_suffix_(std::move(cookie_suffix))
    {
    }

    /// The authorization endpoint with all parameters. For a Location field, not for a shell.
    const std::string& url() const noexcept { return url_; }

    /** The value for the binding cookie of this browser.

        The cookie is what ties the callback to the browser that began: name it with the prefix
        `__Host-` and set HttpOnly, Secure and SameSite=Lax (None with response_mode::form_post). After the prefix
        and the name comes cookie_suffix().
    */
    std::string_view browser_binding() const noexcept
    {
        if (!sealed_login_.empty())
            return sealed_login_.expose();
        const auto& text = browser_binding_.text;
        return {text.data(), text.front() == '\0' ? 0 : text.size()};
    }

    /** What to append to the name of the binding cookie.

        Empty, unless the state store seals sign-ins: then each has a cookie of its own. At the callback
        basic_client::cookie_suffix() finds it again. Eight characters of base64url after a hyphen.
    */
    const std::string& cookie_suffix() const noexcept { return cookie_suffix_; }

private:
    /// Wiped on destruction.
    struct binding {
        binding() = default;
        explicit binding(const random_value& value) noexcept
        {
            const random_value::encoded encoded = value.encode();
            std::memcpy(text.data(), encoded.begin(), text.size());
        }
        binding(const binding&) = default;
        binding& operator=(const binding&) = default;
        ~binding() { detail::cleanse(text); }
        std::array<char, random_value::encoded_size> text{};
    };

    std::string url_;
    binding browser_binding_;
    secret sealed_login_;
    std::string cookie_suffix_;
};

} // namespace coauth::inline COAUTH_MODE

#endif
