#ifndef COAUTH_IMPL_DETAIL_SEALED_TEXT_IPP
#define COAUTH_IMPL_DETAIL_SEALED_TEXT_IPP

#include <coauth/detail/base64url.hpp>
#include <coauth/detail/byte_codec.hpp>
#include <coauth/detail/sealed_text.hpp>

#include <cstdint>

namespace coauth::inline COAUTH_MODE::detail {

inline constexpr std::size_t sealed_text_expiry_size = 8;

COAUTH_DECL result<std::string> seal_text(const seal_key_ring& ring, std::string_view content,
                                          seal_binding binding, std::chrono::seconds expires,
                                          std::size_t most_characters)
{
    if (content.size() > largest_sealed ||
        base64url_encoded_size(sealed_text_expiry_size + seal_overhead + content.size()) > most_characters)
        return errc::sealed_data_too_large;
    byte_writer writer;
    secure_bytes bytes = writer.number(static_cast<std::uint64_t>(expires.count())).take();
    binding.add({bytes.data(), bytes.size()});
    const result<secure_bytes> sealed = seal(ring, content, binding);
    if (!sealed)
        return sealed.error();
    bytes.insert(bytes.end(), sealed->begin(), sealed->end());
    std::string out(base64url_encoded_size(bytes.size()), '\0');
    base64url_encode({reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()}, out.data());
    return out;
}

COAUTH_DECL result<opened_seal> open_sealed_text(const seal_key_ring& ring, std::string_view text,
                                                 seal_binding binding, std::chrono::seconds now,
                                                 std::size_t most_characters)
{
    if (text.size() > most_characters ||
        base64url_decoded_size(text.size()) < sealed_text_expiry_size + seal_overhead)
        return errc::seal_broken;
    std::string bytes(base64url_decoded_size(text.size()), '\0');
    if (!base64url_decode(text, reinterpret_cast<unsigned char*>(bytes.data())))
        return errc::seal_broken;
    const std::string_view expiry = std::string_view(bytes).substr(0, sealed_text_expiry_size);
    binding.add(expiry);
    result<opened_seal> opened =
        open_seal(ring, std::string_view(bytes).substr(sealed_text_expiry_size), binding);
    if (!opened)
        return opened.error();
    // Only now: before, anybody could have written it.
    if (now.count() >= static_cast<std::int64_t>(byte_reader(expiry).number()))
        return errc::seal_expired;
    return opened;
}

} // namespace coauth::inline COAUTH_MODE::detail

#endif
