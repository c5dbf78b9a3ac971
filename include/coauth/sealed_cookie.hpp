// Floor 3.
#ifndef COAUTH_SEALED_COOKIE_HPP
#define COAUTH_SEALED_COOKIE_HPP

#include <coauth/core/result.hpp>
#include <coauth/core/secret.hpp>
#include <coauth/detail/sealed_text.hpp>
#include <coauth/policy/seal_key_ring.hpp>

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace coauth::inline COAUTH_MODE {

/** The most characters of a cookie's value: with its name and attributes it stays within the 4096 that browsers keep.
    @par Specification RFC 6265 6.1
*/
inline constexpr std::size_t default_cookie_characters = 3800;

/** Keeps bytes of the application, as a session, in a cookie of the browser: encrypted and not to be changed.

    Every process with the same keys can open it, and none has to remember it. So none can take it back, either: a copy
    of a cookie is good until it expires, sign-out or not. Let it hold the key of something that can be ended, or
    keep lifetimes short.

    @tparam Clock a clock of the system's time
    @par Thread safety Distinct and shared objects: safe.
*/
template <class Clock>
class basic_sealed_cookie {
public:
    /**
        @param purpose what the cookie is for, as `session`: one for another purpose does not open here
        @param most_characters of the cookie's value
    */
    basic_sealed_cookie(seal_key_ring keys, std::string_view purpose,
                        std::size_t most_characters = default_cookie_characters)
        : keys_(std::move(keys)), binding_("coauth application cookie, version 1"), most_(most_characters)
    {
        binding_.add(purpose);
    }

    /** Make the value of the cookie: base64url.

        @par Errors
        - errc::sealed_data_too_large: the value would have too many characters; of the default, about 2800 bytes fit
        - errc::random_source_failed
        @param lifetime after which it does not open any more; at most ten years
    */
    result<std::string> seal(std::string_view content, std::chrono::seconds lifetime) const
    {
        return detail::seal_text(keys_, content, binding_, detail::expiry_after(now(), lifetime), most_);
    }

    /** Open the value of a cookie as it came back.

        @par Errors
        - errc::seal_broken: changed, for another purpose, or sealed with a key that is not here
        - errc::seal_expired
    */
    result<secret> open(std::string_view value) const
    {
        auto opened = detail::open_sealed_text(keys_, value, binding_, now(), most_);
        if (!opened)
            return opened.error();
        return std::move(*opened).take();
    }

private:
    static std::chrono::seconds now() { return detail::whole_seconds_now<Clock>(); }

    seal_key_ring keys_;
    detail::seal_binding binding_;
    std::size_t most_;
};

using sealed_cookie = basic_sealed_cookie<std::chrono::system_clock>;

} // namespace coauth::inline COAUTH_MODE

#endif
