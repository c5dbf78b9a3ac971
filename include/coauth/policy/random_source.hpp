// Floor 3.
#ifndef COAUTH_POLICY_RANDOM_SOURCE_HPP
#define COAUTH_POLICY_RANDOM_SOURCE_HPP

#include <coauth/core/result.hpp>

#include <concepts>
#include <span>

namespace coauth::inline COAUTH_MODE {

/** Where states, nonces, verifiers and bindings come from: a cryptographically secure generator.

    `fill` overwrites the whole span with unpredictable bytes, or fails with errc::random_source_failed
    and then nothing is sent. It has to be safe to call from all threads, and after a fork.
*/
template <class T>
concept random_source = requires(std::span<unsigned char> out) {
    { T::fill(out) } -> std::same_as<result<void>>;
};

/** OpenSSL's generator, its result checked.

    @par Errors errc::random_source_failed
    @par Thread safety Safe; reseeds itself after a fork.
*/
struct openssl_random_source {
    static COAUTH_DECL result<void> fill(std::span<unsigned char> out);
};

} // namespace coauth::inline COAUTH_MODE

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/policy/random_source.ipp>
#endif

#endif
