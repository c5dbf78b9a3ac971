// Floor 3.
#ifndef COAUTH_POLICY_SEAL_KEY_RING_HPP
#define COAUTH_POLICY_SEAL_KEY_RING_HPP

#include <coauth/core/random_value.hpp>
#include <coauth/core/result.hpp>
#include <coauth/core/secret.hpp>

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace coauth::inline COAUTH_MODE {
namespace detail {
class seal_access;
}

/** The keys that seal what is kept outside of this process: tokens in a store, sign-ins in a cookie.

    1 to 16 keys of 256 bits. The first one seals, all of them open. To exchange a key without anybody noticing,
    give all processes the new one in the second place, then put it first, and take the old one away when nothing
    sealed with it is in use any more.

    Sealing is AES-256-GCM with a random nonce of 96 bits: exchange a key before it has sealed 2^32 times. A key has an
    identifier, made of it by SHA-256, that goes with what it seals.

    @par Thread safety Distinct and shared objects: safe. Copies share.
    @par Specification NIST SP 800-38D
*/
class seal_key_ring {
public:
    static constexpr std::size_t most_keys = 16;

    /** @par Errors errc::invalid_configuration: no key, too many, or one of them twice */
    static COAUTH_DECL result<seal_key_ring> make(std::span<const random_value> keys);

    /** Read keys from a text.

        One a line, each 32 random bytes in base64url without padding, 43 characters; make_key_text() makes one.
        Empty lines, spaces around a key, and lines that begin with `#` do not count.

        @par Errors errc::invalid_configuration: something else, or as make() has it
    */
    static COAUTH_DECL result<seal_key_ring> parse(std::string_view text);

    /** Read keys from a file, whose text is as parse() has it. Nobody else should be able to read the file.

        Blocks; for the start of a program.

        @par Errors
        - those of read_secret_file(), for example no_such_file_or_directory, or file_too_large: more than 1 MiB
        - errc::invalid_configuration: as parse() has it
    */
    static COAUTH_DECL result<seal_key_ring> load(const std::string& path);

    /** One new key: what it seals can be opened in this process only, as long as it runs.
        @par Errors errc::random_source_failed
    */
    static COAUTH_DECL result<seal_key_ring> generate();

    /** A new key as a line for a file.
        @par Errors errc::random_source_failed
    */
    static COAUTH_DECL result<secret> make_key_text();

    std::size_t size() const noexcept { return entries_->size(); }

private:
    friend class detail::seal_access;

    struct entry {
        std::array<unsigned char, 8> identifier;
        random_value key;
    };
    explicit seal_key_ring(std::shared_ptr<const std::vector<entry>> entries) noexcept
        : entries_(std::move(entries))
    {
    }

    std::shared_ptr<const std::vector<entry>> entries_; // never null, never empty
};

} // namespace coauth::inline COAUTH_MODE

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/policy/seal_key_ring.ipp>
#endif

#endif
