#ifndef COAUTH_IMPL_TESTING_DETAIL_SPOILING_IPP
#define COAUTH_IMPL_TESTING_DETAIL_SPOILING_IPP

#include <coauth/detail/base64url.hpp>
#include <coauth/detail/openssl_pointer.hpp>
#include <coauth/testing/authorization_server.hpp>
#include <coauth/testing/detail/key_ring.hpp>
#include <coauth/testing/detail/spoiling.hpp>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <stdexcept>

namespace coauth::inline COAUTH_MODE::testing::detail {

using evp_key = coauth::detail::openssl_pointer<EVP_PKEY, EVP_PKEY_free>;

inline void require(bool success)
{
    if (!success)
        throw std::runtime_error("authorization_server: OpenSSL failed");
}

inline evp_key evp_key_of(const coauth::signing_key& key)
{
    const secret pem = key.to_pem();
    const coauth::detail::openssl_pointer<BIO, BIO_free_all> source(
        BIO_new_mem_buf(pem.expose().data(), static_cast<int>(pem.size())));
    require(source != nullptr);
    evp_key out(PEM_read_bio_PrivateKey(source.get(), nullptr, nullptr, nullptr));
    require(out != nullptr);
    return out;
}

inline std::string sha256_signature(EVP_PKEY* key, std::string_view text)
{
    const coauth::detail::openssl_pointer<EVP_MD_CTX, EVP_MD_CTX_free> context(EVP_MD_CTX_new());
    std::string out(static_cast<std::size_t>(EVP_PKEY_get_size(key)), '\0');
    std::size_t size = out.size();
    require(context &&
            EVP_DigestSignInit_ex(context.get(), nullptr, "SHA256", nullptr, nullptr, key, nullptr) == 1 &&
            EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size,
                           reinterpret_cast<const unsigned char*>(text.data()), text.size()) == 1);
    out.resize(size);
    return out;
}

inline std::string number_of(EVP_PKEY* key, const char* name)
{
    BIGNUM* raw = nullptr;
    require(EVP_PKEY_get_bn_param(key, name, &raw) == 1);
    const coauth::detail::openssl_pointer<BIGNUM, BN_free> value(raw);
    std::string out(static_cast<std::size_t>(BN_num_bytes(value.get())), '\0');
    BN_bn2bin(value.get(), reinterpret_cast<unsigned char*>(out.data()));
    return base64url(out);
}

COAUTH_DECL std::string decoded(std::string_view encoded)
{
    std::string out(coauth::detail::base64url_decoded_size(encoded.size()), '\0');
    if (!coauth::detail::base64url_decode(encoded, reinterpret_cast<unsigned char*>(out.data())))
        throw std::runtime_error("authorization_server: not base64url");
    return out;
}

COAUTH_DECL std::string serialized(const json_object& object) { return boost::json::serialize(object); }

COAUTH_DECL std::int64_t number(const json_object& claims, std::string_view name)
{
    return claims.at(name).to_number<std::int64_t>();
}

COAUTH_DECL void change_json(authorization_server& server, endpoint at,
                             std::function<void(json_object&)> change)
{
    server.on_answer(at, [change = std::move(change)](const server_request&, server_answer& answer) {
        if (answer.status() != 200)
            return;
        json_object body = boost::json::parse(answer.body()).as_object();
        change(body);
        answer.set_body(serialized(body));
    });
}

COAUTH_DECL void answer_with(authorization_server& server, endpoint at, std::string type, std::string body)
{
    server.on_answer(
        at, [type = std::move(type), body = std::move(body)](const server_request&, server_answer& answer) {
            if (answer.status() == 200)
                answer.set_field("Content-Type", type).set_body(body);
        });
}

COAUTH_DECL void change_key(authorization_server& server, signing_algorithm algorithm,
                            std::function<void(json_object&)> change)
{
    change_json(server, endpoint::jwks, [&server, algorithm, change = std::move(change)](json_object& set) {
        const std::string id = server.signing_key(algorithm).key_id();
        for (boost::json::value& key : set.at("keys").as_array())
            if (key.at("kid").as_string() == id)
                change(key.as_object());
    });
}

COAUTH_DECL void add_key(authorization_server& server, json_object jwk)
{
    change_json(server, endpoint::jwks,
                [jwk = std::move(jwk)](json_object& set) { set.at("keys").as_array().emplace_back(jwk); });
}

COAUTH_DECL void announce(authorization_server& server, std::string_view algorithm)
{
    change_json(server, endpoint::metadata, [algorithm = std::string(algorithm)](json_object& metadata) {
        metadata["id_token_signing_alg_values_supported"] = boost::json::array{algorithm};
    });
}

COAUTH_DECL void redirect(authorization_server& server, endpoint at)
{
    server.on_request(at, [to = server.url(endpoint::api)](const server_request&) {
        return server_answer(302).add_field("Location", to);
    });
}

COAUTH_DECL void change_return(authorization_server& server, std::function<void(std::string&)> change)
{
    server.on_answer(endpoint::end_session,
                     [change = std::move(change)](const server_request&, server_answer& answer) {
                         for (const char* const name : {"Location", "Refresh"})
                             if (std::string value(answer.field_value(name)); !value.empty()) {
                                 change(value);
                                 answer.set_field(name, value);
                             }
                     });
}

COAUTH_DECL void change_frames(authorization_server& server, std::function<void(std::string&)> change)
{
    server.on_answer(
        endpoint::end_session, [change = std::move(change)](const server_request&, server_answer& answer) {
            constexpr std::string_view before = "<iframe src=\"";
            std::string body = answer.body();
            for (auto at = body.find(before); at != std::string::npos; at = body.find(before, at + 1)) {
                const auto begin = at + before.size();
                const auto size = body.find('"', begin) - begin;
                std::string uri = body.substr(begin, size);
                change(uri);
                body.replace(begin, size, uri);
            }
            answer.set_body(body);
        });
}

COAUTH_DECL void change_claims(authorization_server& server, std::function<void(json_object&)> change)
{
    server.on_id_token([change = std::move(change)](json_object&, json_object& claims) { change(claims); });
}

COAUTH_DECL void change_header(authorization_server& server, std::function<void(json_object&)> change)
{
    server.on_id_token([change = std::move(change)](json_object& header, json_object&) { change(header); });
}

COAUTH_DECL void change_refreshed(authorization_server& server, std::function<void(json_object&)> change)
{
    change_claims(server, [change = std::move(change)](json_object& claims) {
        if (!claims.contains("nonce"))
            change(claims);
    });
}

COAUTH_DECL void change_logout_token(authorization_server& server, std::function<void(json_object&)> change)
{
    server.on_jwt(server_jwt::logout_token,
                  [change = std::move(change)](json_object&, json_object& claims) { change(claims); });
}

COAUTH_DECL std::string signed_by(const authorization_server& server, const json_object& header,
                                  const json_object& claims)
{
    const auto algorithm = signing_algorithm_from(header.at("alg").as_string());
    return server.signing_key(algorithm.value_or(signing_algorithm::rs256)).sign(header, claims);
}

COAUTH_DECL void change_compact(authorization_server& server, server_jwt kind,
                                std::function<void(std::string&)> change)
{
    server.on_signing(
        kind, [&server, change = std::move(change)](const json_object& header, const json_object& claims) {
            std::string jwt = signed_by(server, header, claims);
            change(jwt);
            return jwt;
        });
}

COAUTH_DECL void change_sent(authorization_server& server, std::function<void(std::string&)> change)
{
    change_json(server, endpoint::token, [change = std::move(change)](json_object& body) {
        if (auto* const token = body.if_contains("id_token")) {
            std::string jwt(token->as_string());
            change(jwt);
            *token = jwt;
        }
    });
}

COAUTH_DECL void sign_with(authorization_server& server, server_jwt kind, signing_algorithm algorithm)
{
    server.signing_key(algorithm); // published from now on
    server.on_signing(kind, [&server, algorithm](json_object header, const json_object& claims) {
        const coauth::signing_key key = server.signing_key(algorithm);
        header["alg"] = name(algorithm);
        header["kid"] = key.key_id();
        return key.sign(header, claims);
    });
}

COAUTH_DECL void sign_es256(authorization_server& server,
                            std::function<std::string(std::string_view)> signature)
{
    server.signing_key(signing_algorithm::es256); // published from now on
    const auto sign = [&server, signature = std::move(signature)](json_object header,
                                                                  const json_object& claims) {
        const coauth::signing_key key = server.signing_key(signing_algorithm::es256);
        header["alg"] = "ES256";
        header["kid"] = key.key_id();
        const std::string jwt = key.sign(header, claims);
        return with_signature(jwt, signature(std::string_view(jwt).substr(0, jwt.rfind('.'))));
    };
    server.on_signing(server_jwt::id_token, sign);
}

COAUTH_DECL void sign_text(authorization_server& server, std::function<void(std::string&)> change_head,
                           std::function<void(std::string&)> change_payload)
{
    const auto sign = [&server, change_head = std::move(change_head),
                       change_payload = std::move(change_payload)](const json_object& header,
                                                                   const json_object& claims) {
        std::string head = serialized(header);
        std::string payload = serialized(claims);
        if (change_head)
            change_head(head);
        if (change_payload)
            change_payload(payload);
        std::string out = base64url(head) + '.' + base64url(payload);
        return out + '.' + base64url(raw_signature(server.signing_key(signing_algorithm::rs256), out));
    };
    server.on_signing(server_jwt::id_token, sign);
}

COAUTH_DECL coauth::signing_key stranger(signing_algorithm algorithm)
{
    static key_ring keys;
    return keys.current(algorithm);
}

COAUTH_DECL std::string unsigned_jwt(json_object header, const json_object& claims)
{
    header["alg"] = "none";
    header.erase("kid");
    return base64url(serialized(header)) + '.' + base64url(serialized(claims)) + '.';
}

COAUTH_DECL std::string hmac_jwt(std::string_view key, json_object header, const json_object& claims)
{
    header["alg"] = "HS256";
    return coauth::sign(hmac_key(hmac_algorithm::hs256, secret(key)), header, claims);
}

COAUTH_DECL std::string with_signature(std::string_view jwt, std::string_view bytes)
{
    return std::string(jwt.substr(0, jwt.rfind('.') + 1)) + base64url(bytes);
}

COAUTH_DECL void spoil_signature(std::string& jwt)
{
    const auto begin = jwt.rfind('.') + 1;
    std::string bytes = decoded(std::string_view(jwt).substr(begin));
    bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
    jwt = with_signature(jwt, bytes);
}

COAUTH_DECL std::string raw_signature(const coauth::signing_key& key, std::string_view text)
{
    return sha256_signature(evp_key_of(key).get(), text);
}

COAUTH_DECL std::string public_pem(const coauth::signing_key& key)
{
    const evp_key held = evp_key_of(key);
    const coauth::detail::openssl_pointer<BIO, BIO_free_all> out(BIO_new(BIO_s_mem()));
    require(out && PEM_write_bio_PUBKEY(out.get(), held.get()) == 1);
    char* begin = nullptr;
    const long size = BIO_get_mem_data(out.get(), &begin);
    return std::string(begin, static_cast<std::size_t>(size));
}

COAUTH_DECL std::string padded_digest(std::string_view text, std::size_t modulus_bytes)
{
    const std::string digest = decoded(fingerprint(text));
    // RFC 8017 9.2, note 1: DigestInfo of SHA-256.
    const std::string info("\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20",
                           19);
    std::string out("\0\1", 2);
    out.append(modulus_bytes - 3 - info.size() - digest.size(), '\xff');
    return out + '\0' + info + digest;
}

COAUTH_DECL std::pair<json_object, std::string> weak_signature(std::string_view text)
{
    const evp_key key(EVP_RSA_gen(1024));
    require(key != nullptr);
    json_object jwk{{"kty", "RSA"}, {"use", "sig"}, {"alg", "RS256"}};
    jwk["n"] = number_of(key.get(), OSSL_PKEY_PARAM_RSA_N);
    jwk["e"] = number_of(key.get(), OSSL_PKEY_PARAM_RSA_E);
    return {std::move(jwk), sha256_signature(key.get(), text)};
}

} // namespace coauth::inline COAUTH_MODE::testing::detail

#endif
