#ifndef COAUTH_IMPL_JOSE_JWK_SET_IPP
#define COAUTH_IMPL_JOSE_JWK_SET_IPP

#include <coauth/detail/json_document.hpp>
#include <coauth/impl/jose/jwk.ipp>
#include <coauth/jose/jwk_set.hpp>
#include <coauth/jose/verification_key.hpp>

#include <vector>

namespace coauth::inline COAUTH_MODE {

struct detail::jwk_set_storage {
    std::vector<std::unique_ptr<const verification_key>> keys;
};

COAUTH_LAZY_DECL result<jwk_set> jwk_set::parse(std::string_view json, const limits& bounds)
{
    if (json.size() > bounds.discovery_body_bytes)
        return errc::invalid_key_set;
    const auto document = detail::json_document::parse(json, bounds);
    if (!document)
        return document.error();
    // RFC 7517 5.1: "The value of the 'keys' parameter is an array of JWK values."
    const auto* member = document->object().if_contains("keys");
    const auto* keys = member ? member->if_array() : nullptr;
    if (!keys || keys->size() > bounds.key_set_keys)
        return errc::invalid_key_set;
    const detail::error_mark mark;
    const auto storage = std::make_shared<detail::jwk_set_storage>();
    for (const boost::json::value& each : *keys) {
        const auto* jwk = each.if_object();
        // RFC 7517 4.1: "This member MUST be present in a JWK."
        if (!jwk || !detail::string_member(*jwk, "kty"))
            return errc::invalid_key_set;
        if (auto key = detail::read_jwk(*jwk))
            storage->keys.push_back(std::move(key));
    }
    jwk_set out;
    out.storage_ = storage;
    return out;
}

COAUTH_DECL std::size_t jwk_set::size() const noexcept { return storage_ ? storage_->keys.size() : 0; }

COAUTH_DECL result<const detail::verification_key*>
jwk_set::find(signing_algorithm algorithm, std::optional<std::string_view> key_id) const
{
    const detail::verification_key* found = nullptr;
    for (std::size_t i = 0; i < size(); ++i) {
        const detail::verification_key& key = *storage_->keys[i];
        // OpenID Connect Core 10.1: with several keys, "a kid value MUST be provided in the JOSE Header".
        if (!key.fits(algorithm) || (key_id && key.key_id() != *key_id))
            continue;
        if (found)
            return errc::signing_key_ambiguous;
        found = &key;
    }
    if (!found)
        return errc::signing_key_unknown;
    return found;
}

} // namespace coauth::inline COAUTH_MODE

#endif
