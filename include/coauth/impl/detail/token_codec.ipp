#ifndef COAUTH_IMPL_DETAIL_TOKEN_CODEC_IPP
#define COAUTH_IMPL_DETAIL_TOKEN_CODEC_IPP

// First: header-only, it ends with code that needs the next one to be complete.
#include <coauth/protocol/id_token.hpp>

#include <coauth/detail/base64url.hpp>
#include <coauth/detail/byte_codec.hpp>
#include <coauth/detail/json_document.hpp>
#include <coauth/detail/token_codec.hpp>
#include <coauth/impl/detail/json_claims.ipp>
#include <coauth/impl/protocol/id_token_storage.ipp>
#include <coauth/impl/protocol/signed_claims.ipp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <utility>

namespace coauth::inline COAUTH_MODE::detail {

inline constexpr unsigned char token_encoding_version = 1;

// Of the flags.
inline constexpr unsigned char tokens_have_expiry = 1;
inline constexpr unsigned char tokens_have_assumed_scope = 2;
inline constexpr unsigned char tokens_have_id_token = 4;
inline constexpr unsigned char tokens_have_sign_in = 8;
inline constexpr unsigned char all_token_flags = 15;

COAUTH_DECL secure_bytes encode_tokens(const token_set& tokens)
{
    std::shared_ptr<const id_token_storage> sign_in;
    unsigned char flags = 0;
    if (tokens.expires_at())
        flags |= tokens_have_expiry;
    if (tokens.scope_assumed())
        flags |= tokens_have_assumed_scope;
    if (tokens.has_id_token()) {
        flags |= tokens_have_id_token;
        sign_in = id_token_access::sign_in_of(tokens.id_token());
        if (&sign_in->encoded != &tokens.id_token().encoded())
            flags |= tokens_have_sign_in;
    }
    const std::string scope = tokens.scope().to_string();
    byte_writer out;
    out.reserve(64 + tokens.access_token().size() + tokens.refresh_token().size() + scope.size() +
                (sign_in ? sign_in->encoded.size() + tokens.id_token().encoded().size() : 0));
    out.byte(token_encoding_version).byte(flags);
    out.text(tokens.access_token().expose()).text(tokens.refresh_token().expose());
    out.text(tokens.token_type()).text(scope);
    out.time(tokens.received_at());
    if (flags & tokens_have_expiry)
        out.time(*tokens.expires_at());
    if (flags & tokens_have_id_token)
        out.text(tokens.id_token().encoded().expose());
    if (flags & tokens_have_sign_in)
        out.text(sign_in->encoded.expose());
    return out.take();
}

/// An ID token that was verified before it was written down; null if it was none.
inline std::shared_ptr<id_token_storage> restore_id_token(std::string_view compact)
{
    const std::size_t first = compact.find('.');
    const std::size_t second = first == compact.npos ? first : compact.find('.', first + 1);
    if (second == compact.npos)
        return nullptr;
    const std::string_view encoded = compact.substr(first + 1, second - first - 1);
    secure_bytes payload(base64url_decoded_size(encoded.size()) + 1);
    if (!base64url_decode(encoded, reinterpret_cast<unsigned char*>(payload.data())))
        return nullptr;
    // It was within the limits of whoever verified it, which may have been others.
    limits bounds;
    bounds.json_depth = 512;
    bounds.json_nodes = std::numeric_limits<std::size_t>::max();
    const auto document = json_document::parse_for_callers({payload.data(), payload.size() - 1}, bounds);
    if (!document)
        return nullptr;
    auto out = std::make_shared<id_token_storage>();
    out->claims = share_claims(document->share());
    const boost::json::object& claims = out->claims.object();
    std::optional<instant> expires;
    std::optional<instant> issued;
    std::optional<instant> authenticated;
    if (read_required_text(claims, "iss", out->issuer) != nothing_wrong ||
        read_required_text(claims, "sub", out->subject) != nothing_wrong ||
        read_audience(claims, out->audience) != nothing_wrong ||
        read_time(claims, "exp", expires) != nothing_wrong ||
        read_time(claims, "iat", issued) != nothing_wrong ||
        read_time(claims, "auth_time", authenticated) != nothing_wrong || !expires || !issued)
        return nullptr;
    out->authorized_party = out->claims.text("azp");
    out->authentication_context = out->claims.text("acr");
    out->session_id = out->claims.text("sid");
    out->expires_at = time_point_of(*expires);
    out->issued_at = time_point_of(*issued);
    if (authenticated)
        out->authenticated_at = time_point_of(*authenticated);
    out->encoded = secret(compact);
    return out;
}

COAUTH_DECL result<token_set> decode_tokens(const opened_seal& opened)
{
    byte_reader in(opened.content());
    const unsigned char version = in.byte();
    const unsigned char flags = in.byte();
    if (version != token_encoding_version || (flags & ~all_token_flags) != 0)
        return errc::seal_broken;
    const std::string_view access_token = in.text();
    const std::string_view refresh_token = in.text();
    const std::string_view type = in.text();
    auto granted = scope::parse(in.text());
    const auto received_at = in.time();
    std::optional<token_set::time_point> expires_at;
    if (flags & tokens_have_expiry)
        expires_at = in.time();
    std::shared_ptr<id_token_storage> person;
    if (flags & tokens_have_id_token)
        person = restore_id_token(in.text());
    std::shared_ptr<id_token_storage> sign_in;
    if (flags & tokens_have_sign_in)
        sign_in = restore_id_token(in.text());
    if (!in.complete() || !granted || (person == nullptr) != ((flags & tokens_have_id_token) == 0) ||
        (sign_in == nullptr) != ((flags & tokens_have_sign_in) == 0) || (sign_in && !person))
        return errc::seal_broken;
    token_set out(secret(access_token), std::string(type), std::move(*granted));
    out.set_refresh_token(secret(refresh_token)).set_received_at(received_at).set_expires_at(expires_at);
    out.set_scope_assumed((flags & tokens_have_assumed_scope) != 0);
    if (person) {
        person->sign_in = std::move(sign_in);
        out.set_id_token(std::make_shared<const verified_id_token>(id_token_access::make(std::move(person))));
    }
    return out;
}

inline seal_binding token_binding(std::string_view store_label, std::string_view owner, std::string_view key)
{
    seal_binding out("coauth tokens, version 1");
    out.add(store_label).add(owner).add(key);
    return out;
}

COAUTH_DECL result<secure_bytes> seal_tokens(const seal_key_ring& ring, const token_set& tokens,
                                             std::string_view store_label, std::string_view owner,
                                             std::string_view key)
{
    const secure_bytes encoded = encode_tokens(tokens);
    return seal(ring, {encoded.data(), encoded.size()}, token_binding(store_label, owner, key));
}

COAUTH_DECL result<token_set> open_tokens(const seal_key_ring& ring, std::string_view sealed,
                                          std::string_view store_label, std::string_view owner,
                                          std::string_view key)
{
    const auto opened = open_seal(ring, sealed, token_binding(store_label, owner, key));
    if (!opened)
        return opened.error();
    return decode_tokens(*opened);
}

} // namespace coauth::inline COAUTH_MODE::detail

#endif
