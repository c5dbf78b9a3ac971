#ifndef COAUTH_IMPL_DETAIL_LOGIN_CODEC_IPP
#define COAUTH_IMPL_DETAIL_LOGIN_CODEC_IPP

#include <coauth/detail/byte_codec.hpp>
#include <coauth/detail/login_codec.hpp>

#include <cstdint>
#include <limits>
#include <optional>

namespace coauth::inline COAUTH_MODE::detail {

inline constexpr unsigned char login_encoding_version = 1;
inline constexpr std::uint64_t no_max_age = std::numeric_limits<std::uint64_t>::max();

COAUTH_DECL secure_bytes encode_login(const pending_login& login)
{
    byte_writer out;
    out.reserve(160 + login.scope().size() + login.required_acr_values().size() +
                login.application_data().size());
    out.byte(login_encoding_version);
    out.value(login.state()).value(login.browser_binding()).value(login.nonce()).value(login.code_verifier());
    out.number(login.client_tag());
    out.byte(static_cast<unsigned char>(login.response_mode()));
    out.number(login.max_age() ? static_cast<std::uint64_t>(login.max_age()->count()) : no_max_age);
    out.text(login.scope()).text(login.required_acr_values()).text(login.application_data());
    return out.take();
}

COAUTH_DECL result<pending_login> decode_login(const opened_seal& opened)
{
    byte_reader in(opened.content());
    if (in.byte() != login_encoding_version)
        return errc::seal_broken;
    const random_value state = in.value();
    const random_value binding = in.value();
    const random_value nonce = in.value();
    const random_value verifier = in.value();
    const std::uint64_t client_tag = in.number();
    const unsigned char mode = in.byte();
    const std::uint64_t age = in.number();
    const std::string_view scope = in.text();
    const std::string_view acr_values = in.text();
    const std::string_view application_data = in.text();
    if (!in.complete() || mode > static_cast<unsigned char>(response_mode::form_post) ||
        (age != no_max_age && age > std::uint64_t{std::numeric_limits<std::int64_t>::max()}))
        return errc::seal_broken;
    std::optional<std::chrono::seconds> max_age;
    if (age != no_max_age)
        max_age = std::chrono::seconds(static_cast<std::int64_t>(age));
    return result<pending_login>(pending_login(state, binding, nonce, verifier, client_tag,
                                               static_cast<response_mode>(mode), scope, application_data,
                                               max_age, acr_values));
}

} // namespace coauth::inline COAUTH_MODE::detail

#endif
