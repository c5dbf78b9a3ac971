#ifndef COAUTH_IMPL_CORE_RANDOM_VALUE_IPP
#define COAUTH_IMPL_CORE_RANDOM_VALUE_IPP

#include <coauth/core/random_value.hpp>
#include <coauth/detail/base64url.hpp>

namespace coauth::inline COAUTH_MODE {

COAUTH_DECL std::optional<random_value> random_value::decode(std::string_view text) noexcept
{
    std::optional<random_value> out(std::in_place);
    if (text.size() != encoded_size || !detail::base64url_decode(text, out->bytes_.data()))
        out.reset();
    return out;
}

COAUTH_DECL random_value::encoded::encoded(std::span<const unsigned char, size_bytes> bytes) noexcept
{
    detail::base64url_encode(bytes, text_.data());
}

} // namespace coauth::inline COAUTH_MODE

#endif
