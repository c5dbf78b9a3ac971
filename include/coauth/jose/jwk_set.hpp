// Floor 2.
#ifndef COAUTH_JOSE_JWK_SET_HPP
#define COAUTH_JOSE_JWK_SET_HPP

#include <coauth/core/limits.hpp>
#include <coauth/core/result.hpp>
#include <coauth/jose/algorithm.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

namespace coauth::inline COAUTH_MODE {
namespace detail {
struct jwk_set_storage;
class verification_key;
} // namespace detail

/** The public keys that a server signs with.

    Keys that cannot verify a signature of ours are left out: for encryption, of other kinds, symmetric ones, weak
    ones, points that are not on their curve. The private part of a key that should not have been published is
    not kept.

    @par Thread safety Distinct objects: safe. Shared objects: const functions are safe. Copies share.
    @par Specification RFC 7517 5, RFC 7518 6, RFC 8037 2
*/
class jwk_set {
public:
    /// No key.
    jwk_set() = default;

    /** Read a key set.

        @par Errors
        - errc::malformed_json, errc::duplicate_member: the document cannot be trusted to say what it seems to say
        - errc::invalid_key_set: `keys` is missing, no array, has something else than objects in it, or more of them than
          limits::key_set_keys; one that does not say its kind (`kty`)
    */
    COAUTH_LAZY static result<jwk_set> parse(std::string_view json, const limits& bounds = {});

    /// How many keys can be used.
    COAUTH_DECL std::size_t size() const noexcept;

    /** The one key that an algorithm and a key identifier lead to. For the library's own use.

        @param key_id as the token has it; without one there must be a single key that would do
        @par Errors errc::signing_key_unknown, errc::signing_key_ambiguous
        @return valid as long as this set or a copy of it
    */
    COAUTH_DECL result<const detail::verification_key*> find(signing_algorithm algorithm,
                                                             std::optional<std::string_view> key_id) const;

private:
    std::shared_ptr<const detail::jwk_set_storage> storage_;
};

} // namespace coauth::inline COAUTH_MODE

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/jose/jwk_set.ipp>
#endif

#endif
