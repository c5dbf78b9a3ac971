// Floor 3.
#ifndef COAUTH_DETAIL_SEAL_HPP
#define COAUTH_DETAIL_SEAL_HPP

#include <coauth/core/result.hpp>
#include <coauth/core/secret.hpp>
#include <coauth/policy/seal_key_ring.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace coauth::inline COAUTH_MODE::detail {

/** What a seal is bound to beside its content: what it is for, and whom it belongs to.

    Each part goes in with its length, so that no two lists of parts become the same text. The first part is a label;
    what is sealed for one purpose must not open for another.
*/
class seal_binding {
public:
    explicit seal_binding(std::string_view label) { add(label); }

    seal_binding& add(std::string_view part)
    {
        for (int shift = 56; shift >= 0; shift -= 8)
            text_ += static_cast<char>(static_cast<std::uint64_t>(part.size()) >> shift & 0xff);
        text_ += part;
        return *this;
    }
    std::string_view view() const noexcept { return text_; }

private:
    std::string text_;
};

/// What came out of a seal. open_seal() alone makes one: who asks for it asks for what a key of the ring vouches for.
class opened_seal {
public:
    std::string_view content() const noexcept { return content_.expose(); }
    secret take() && noexcept { return std::move(content_); }

private:
    friend class seal_access;
    explicit opened_seal(secure_bytes&& content) noexcept : content_(std::move(content)) {}

    secret content_;
};

/// How much longer than its content a seal is: version, key identifier, nonce, tag.
inline constexpr std::size_t seal_overhead = 1 + 8 + 12 + 16;

/// The most that is sealed at once.
inline constexpr std::size_t largest_sealed = 16 * 1024 * 1024;

/** Seal with the first key of the ring.

    @par Errors
    - errc::random_source_failed
    - errc::sealed_data_too_large: beyond largest_sealed
    - errc::invalid_configuration: OpenSSL, as it is configured, has no AES-256-GCM
*/
COAUTH_DECL result<secure_bytes> seal(const seal_key_ring& ring, std::string_view content,
                                      const seal_binding& binding);

/** Open with the key that sealed it.

    @par Errors errc::seal_broken: changed, cut off, of another version, for another purpose or owner, or of a key
    that is not in the ring; which of them nobody is told
*/
COAUTH_DECL result<opened_seal> open_seal(const seal_key_ring& ring, std::string_view sealed,
                                          const seal_binding& binding);

} // namespace coauth::inline COAUTH_MODE::detail

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/detail/seal.ipp>
#endif

#endif
