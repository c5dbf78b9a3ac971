// Floor 3. What is sealed into the value of a cookie.
#ifndef COAUTH_DETAIL_SEALED_TEXT_HPP
#define COAUTH_DETAIL_SEALED_TEXT_HPP

#include <coauth/core/result.hpp>
#include <coauth/detail/seal.hpp>
#include <coauth/policy/seal_key_ring.hpp>

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

namespace coauth::inline COAUTH_MODE::detail {

/** Seal as base64url, until a time. Who has the text can see when that is, and cannot change it.

    @param expires in whole seconds since the epoch; what is before it has expired
    @par Errors those of seal(), and errc::sealed_data_too_large: more than so many characters
*/
COAUTH_DECL result<std::string> seal_text(const seal_key_ring& ring, std::string_view content,
                                          seal_binding binding, std::chrono::seconds expires,
                                          std::size_t most_characters);

/** @par Errors
    - errc::seal_broken: not from seal_text() with the same binding and a key of the ring, or too long
    - errc::seal_expired
*/
COAUTH_DECL result<opened_seal> open_sealed_text(const seal_key_ring& ring, std::string_view text,
                                                 seal_binding binding, std::chrono::seconds now,
                                                 std::size_t most_characters);

/// Of any clock of the system's time.
template <class Clock>
std::chrono::seconds whole_seconds_now()
{
    return std::chrono::floor<std::chrono::seconds>(
        std::chrono::system_clock::time_point(Clock::now()).time_since_epoch());
}

/// Lifetimes beyond ten years are not meant.
constexpr std::chrono::seconds expiry_after(std::chrono::seconds now, std::chrono::seconds lifetime) noexcept
{
    constexpr std::chrono::seconds longest = std::chrono::hours(24 * 3653);
    return now + (lifetime < lifetime.zero() ? lifetime.zero() : lifetime > longest ? longest : lifetime);
}

} // namespace coauth::inline COAUTH_MODE::detail

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/detail/sealed_text.ipp>
#endif

#endif
