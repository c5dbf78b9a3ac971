#ifndef COAUTH_IMPL_JOSE_JWS_IPP
#define COAUTH_IMPL_JOSE_JWS_IPP

#include <coauth/core/secret.hpp>
#include <coauth/impl/detail/json_member.ipp>
#include <coauth/impl/jose/openssl.ipp>
#include <coauth/jose/jws.hpp>
#include <coauth/jose/verification_key.hpp>

#include <algorithm>
#include <array>

namespace coauth::inline COAUTH_MODE::detail {

/// The three parts of a compact serialization, still encoded.
struct jws_parts {
    std::string_view header;
    std::string_view payload;
    std::string_view signature;
    std::string_view signed_text; // header and payload with their dot
};

/// Looks for a dot only where the limits allow one: RFC 7515 7.1, of a text that a stranger made.
inline result<jws_parts> split_jws(std::string_view compact, const limits& bounds)
{
    if (compact.size() > bounds.token_bytes)
        return errc::malformed_jwt;
    const std::size_t header_end =
        compact.substr(0, base64url_encoded_size(bounds.jwt_header_bytes) + 1).find('.');
    if (header_end == compact.npos)
        return errc::malformed_jwt;
    const std::string_view rest = compact.substr(header_end + 1);
    const std::size_t payload_size = rest.find('.');
    if (payload_size == rest.npos)
        return errc::malformed_jwt;
    const jws_parts parts{compact.substr(0, header_end), rest.substr(0, payload_size),
                          rest.substr(payload_size + 1), compact.substr(0, header_end + 1 + payload_size)};
    if (parts.signature.size() >
            base64url_encoded_size(std::min(bounds.jwt_signature_bytes, signature_bytes)) ||
        parts.signature.find('.') != std::string_view::npos)
        return errc::malformed_jwt;
    return parts;
}

/// What the library reads of a header. `jku`, `jwk`, `x5u` and `x5c` are not: whom to trust is not for the token to say.
struct jws_header {
    json_document document;
    std::string_view algorithm; // in the document
    std::string_view type;
    std::optional<std::string_view> key_id;
};

inline result<jws_header> parse_jws_header(std::string_view encoded, const limits& bounds)
{
    std::string text(base64url_decoded_size(encoded.size()), '\0');
    if (!base64url_decode(encoded, reinterpret_cast<unsigned char*>(text.data())))
        return errc::malformed_jwt;
    auto document = json_document::parse(text, bounds);
    if (!document)
        return document.error();
    const boost::json::object& members = document->object();
    // RFC 7515 4.1.11: "If any of the listed extension Header Parameters are not understood and supported by the
    // recipient, then the JWS is invalid." None is; and RFC 7797's `b64` must not be overlooked if `crit` is not there.
    for (const std::string_view extension : {"crit", "b64", "zip"})
        if (members.contains(extension))
            return errc::critical_header;
    const auto algorithm = string_member(members, "alg"); // RFC 7515 4.1.1: "MUST be present"
    const auto type = string_member(members, "typ");
    const auto key_id = string_member(members, "kid");
    if (!algorithm || (!type && members.contains("typ")) || (!key_id && members.contains("kid")) ||
        (key_id && key_id->size() > key_id_bytes))
        return errc::malformed_jwt;
    return jws_header{*std::move(document), *algorithm, type.value_or(""), key_id};
}

/// RFC 7518 3.2. The comparison takes the same time wherever the difference is.
inline bool verify_hmac(const hmac_key& key, std::string_view input, std::span<const unsigned char> signature)
{
    const error_mark mark;
    std::array<unsigned char, EVP_MAX_MD_SIZE> own;
    std::size_t size = 0;
    const std::string_view value = key.value().expose();
    if (EVP_Q_mac(nullptr, "HMAC", nullptr, openssl_name(hash_of(key.algorithm())), nullptr, value.data(),
                  value.size(), octets(input), input.size(), own.data(), own.size(), &size) == nullptr)
        return false;
    const bool equal =
        constant_time_equal({reinterpret_cast<const char*>(own.data()), size},
                            {reinterpret_cast<const char*>(signature.data()), signature.size()});
    cleanse(own.data(), own.size());
    return equal;
}

/// How a signature is to be verified: found by the header, before the signature is looked at.
class jws_verification {
public:
    static result<jws_verification> choose(const jws_header& header, const jws_keys& keys)
    {
        // RFC 8725 3.1: "Libraries MUST enable the caller to specify a supported set of algorithms and MUST NOT
        // use any other algorithms when performing cryptographic operations." `none` is not known to begin with.
        jws_verification out;
        if (keys.secret) {
            out.secret_ = keys.secret;
            out.hash_ = hash_of(keys.secret->algorithm());
            if (header.algorithm != name(keys.secret->algorithm()))
                return errc::algorithm_not_allowed;
            return out;
        }
        const auto algorithm = signing_algorithm_from(header.algorithm);
        if (!algorithm || !keys.algorithms.contains(*algorithm))
            return errc::algorithm_not_allowed;
        if (!keys.published)
            return errc::signing_key_unknown;
        const auto key = keys.published->find(*algorithm, header.key_id);
        if (!key)
            return key.error();
        out.public_ = *key;
        out.algorithm_ = *algorithm;
        out.hash_ = hash_of(key_algorithm_of(*algorithm));
        return out;
    }

    bool verify(std::string_view input, std::span<const unsigned char> signature) const
    {
        return secret_ ? verify_hmac(*secret_, input, signature)
                       : public_->verify(algorithm_, input, signature);
    }

    verified_jws make(json_document payload, std::string_view type) const
    {
        return verified_jws(std::move(payload), std::string(type), hash_);
    }

private:
    jws_verification() = default;

    const hmac_key* secret_ = nullptr;
    const verification_key* public_ = nullptr;
    signing_algorithm algorithm_ = {};
    hash_function hash_ = {};
};

COAUTH_LAZY_DECL result<verified_jws> verify_jws(std::string_view compact, const jws_keys& keys,
                                                 const limits& bounds)
{
    const auto parts = split_jws(compact, bounds);
    if (!parts)
        return parts.error();
    const auto header = parse_jws_header(parts->header, bounds);
    if (!header)
        return header.error();
    const auto verification = jws_verification::choose(*header, keys);
    if (!verification)
        return verification.error();
    std::array<unsigned char, signature_bytes> signature;
    if (!base64url_decode(parts->signature, signature.data()))
        return errc::malformed_jwt;
    if (!verification->verify(parts->signed_text,
                              std::span(signature).first(base64url_decoded_size(parts->signature.size()))))
        return errc::signature_invalid;
    secure_bytes payload(base64url_decoded_size(parts->payload.size()));
    if (!base64url_decode(parts->payload, reinterpret_cast<unsigned char*>(payload.data())))
        return errc::malformed_jwt;
    auto document = json_document::parse_for_callers({payload.data(), payload.size()}, bounds);
    if (!document)
        return document.error();
    return verification->make(*std::move(document), header->type);
}

COAUTH_LAZY_DECL bool token_hash_matches(hash_function hash, std::string_view token, std::string_view claim)
{
    const error_mark mark;
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
    if (!hash_text(hash, token, digest))
        return false;
    const auto half = std::span(digest).first(hash_bytes(hash) / 2);
    std::array<char, base64url_encoded_size(EVP_MAX_MD_SIZE / 2)> text;
    base64url_encode(half, text.data());
    return constant_time_equal({text.data(), base64url_encoded_size(half.size())}, claim);
}

} // namespace coauth::inline COAUTH_MODE::detail

#endif
