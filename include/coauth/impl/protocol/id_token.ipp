#ifndef COAUTH_IMPL_PROTOCOL_ID_TOKEN_IPP
#define COAUTH_IMPL_PROTOCOL_ID_TOKEN_IPP

#include <coauth/impl/protocol/id_token_storage.ipp>
#include <coauth/protocol/id_token.hpp>

namespace coauth::inline COAUTH_MODE {

COAUTH_DECL std::string_view verified_id_token::issuer() const noexcept { return storage_->issuer; }
COAUTH_DECL std::string_view verified_id_token::subject() const noexcept { return storage_->subject; }
COAUTH_DECL std::span<const std::string_view> verified_id_token::audience() const noexcept
{
    return storage_->audience.list();
}
COAUTH_DECL std::string_view verified_id_token::authorized_party() const noexcept
{
    return storage_->authorized_party;
}
COAUTH_DECL verified_id_token::time_point verified_id_token::expires_at() const noexcept
{
    return storage_->expires_at;
}
COAUTH_DECL verified_id_token::time_point verified_id_token::issued_at() const noexcept
{
    return storage_->issued_at;
}
COAUTH_DECL std::optional<verified_id_token::time_point> verified_id_token::authenticated_at() const noexcept
{
    return storage_->authenticated_at;
}
COAUTH_DECL std::string_view verified_id_token::authentication_context() const noexcept
{
    return storage_->authentication_context;
}
COAUTH_DECL std::string_view verified_id_token::session_id() const noexcept { return storage_->session_id; }
COAUTH_DECL const boost::json::object& verified_id_token::claims() const noexcept
{
    return storage_->claims.object();
}
COAUTH_DECL std::string_view verified_id_token::claim(std::string_view name) const
{
    return storage_->claims.text(name);
}
COAUTH_DECL const secret& verified_id_token::encoded() const noexcept { return storage_->encoded; }

} // namespace coauth::inline COAUTH_MODE

#endif
