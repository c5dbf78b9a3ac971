// Floor 5. For misbehaviours.ipp: ID tokens that are not signed as they should be.
#ifndef COAUTH_IMPL_TESTING_DETAIL_MISBEHAVIOURS_SIGNATURE_IPP
#define COAUTH_IMPL_TESTING_DETAIL_MISBEHAVIOURS_SIGNATURE_IPP

#include <coauth/testing/authorization_server.hpp>
#include <coauth/testing/detail/spoiling.hpp>
#include <coauth/testing/misbehaviours.hpp>

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

namespace coauth::inline COAUTH_MODE::testing::detail {

inline constexpr misbehaviour signature_misbehaviours[] = {
    {"id1-alg-none-in-capitals", client_duty::refuse, endpoint::token, "The ID token is not signed: NONE.",
     [](authorization_server& server) {
         server.on_signing(server_jwt::id_token, [](json_object header, const json_object& claims) {
             header["alg"] = "NONE";
             return base64url(serialized(header)) + '.' + base64url(serialized(claims)) + '.';
         });
     }},
    {"id1-alg-none-with-a-signature", client_duty::refuse, endpoint::token,
     "The ID token has a good signature, and says that it has none.",
     [](authorization_server& server) {
         change_header(server, [](json_object& header) { header["alg"] = "none"; });
     }},
    {"id1-alg-missing", client_duty::refuse, endpoint::token, "The ID token does not say how it is signed.",
     [](authorization_server& server) {
         server.on_signing(server_jwt::id_token, [&server](json_object header, const json_object& claims) {
             header.erase("alg");
             return server.signing_key(signing_algorithm::rs256).sign(header, claims);
         });
     }},
    {"id1-alg-a-number", client_duty::refuse, endpoint::token, "The algorithm is a number.",
     [](authorization_server& server) {
         server.on_signing(server_jwt::id_token, [&server](json_object header, const json_object& claims) {
             header["alg"] = 256;
             return server.signing_key(signing_algorithm::rs256).sign(header, claims);
         });
     }},
    {"id2-public-key-as-a-secret", client_duty::refuse, endpoint::token,
     "HS256, with the public key in PEM as the secret.",
     [](authorization_server& server) {
         server.on_signing(server_jwt::id_token, [&server](json_object header, const json_object& claims) {
             return hmac_jwt(public_pem(server.signing_key(signing_algorithm::rs256)), header, claims);
         });
     }},
    {"id3-modulus-as-a-secret", client_duty::refuse, endpoint::token,
     "HS256, with the modulus as the secret, and a key that does not say its algorithm.",
     [](authorization_server& server) {
         change_key(server, signing_algorithm::rs256, [](json_object& key) {
             key.erase("alg");
             key.erase("use");
         });
         server.on_signing(server_jwt::id_token, [&server](json_object header, const json_object& claims) {
             const auto jwk = server.signing_key(signing_algorithm::rs256).public_jwk();
             return hmac_jwt(jwk.at("n").as_string(), header, claims);
         });
     }},
    {"id4-another-algorithm", client_duty::refuse, endpoint::token,
     "The ID token is signed with PS256, and only RS256 was announced.",
     [](authorization_server& server) {
         announce(server, "RS256");
         sign_with(server, server_jwt::id_token, signing_algorithm::ps256);
     }},
    {"id5-alg-unknown", client_duty::refuse, endpoint::token, "The algorithm is one that nobody knows.",
     [](authorization_server& server) {
         change_header(server, [](json_object& header) { header["alg"] = "XX999"; });
     }},
    {"id6-signature-missing", client_duty::refuse, endpoint::token, "The signature is empty.",
     [](authorization_server& server) {
         change_compact(server, server_jwt::id_token,
                        [](std::string& jwt) { jwt.erase(jwt.rfind('.') + 1); });
     }},
    {"id6-signature-of-another-key", client_duty::refuse, endpoint::token, "Somebody else signed.",
     [](authorization_server& server) {
         server.on_signing(server_jwt::id_token, [](json_object header, const json_object& claims) {
             return stranger(signing_algorithm::rs256).sign(header, claims);
         });
     }},
    {"id6-claims-changed", client_duty::refuse, endpoint::token,
     "The claims were changed after they were signed.",
     [](authorization_server& server) {
         server.on_signing(server_jwt::id_token, [&server](json_object header, const json_object& claims) {
             const std::string jwt = signed_by(server, header, claims);
             json_object changed = claims;
             changed["sub"] = "somebody else";
             return base64url(serialized(header)) + '.' + base64url(serialized(changed)) +
                    jwt.substr(jwt.rfind('.'));
         });
     }},
    {"id7-signature-in-der", client_duty::refuse, endpoint::token, "The ES256 signature is in DER.",
     [](authorization_server& server) {
         sign_es256(server, [&server](std::string_view text) {
             return raw_signature(server.signing_key(signing_algorithm::es256), text);
         });
     }},
    {"id7-signature-short", client_duty::refuse, endpoint::token, "The ES256 signature has 63 bytes.",
     [](authorization_server& server) {
         sign_es256(server, [](std::string_view) { return std::string(63, 1); });
     }},
    {"id7-signature-long", client_duty::refuse, endpoint::token, "The ES256 signature has 8000 bytes.",
     [](authorization_server& server) {
         sign_es256(server, [](std::string_view) { return std::string(8000, 1); });
     }},
    {"id8-signature-of-zeros", client_duty::refuse, endpoint::token,
     "Both numbers of the ES256 signature are zero.",
     [](authorization_server& server) {
         sign_es256(server, [](std::string_view) { return std::string(64, 0); });
     }},
    {"id8-signature-of-ones", client_duty::refuse, endpoint::token,
     "Both numbers of the ES256 signature are beyond the group order.",
     [](authorization_server& server) {
         sign_es256(server, [](std::string_view) { return std::string(64, '\xff'); });
     }},
    {"id9-crit-unknown", client_duty::refuse, endpoint::token,
     "The ID token demands an extension that nobody knows.",
     [](authorization_server& server) {
         change_header(server, [](json_object& header) {
             header["crit"] = boost::json::array{"exp2"};
             header["exp2"] = 1;
         });
     }},
    {"id9-crit-empty", client_duty::refuse, endpoint::token, "The ID token demands no extension.",
     [](authorization_server& server) {
         change_header(server, [](json_object& header) { header["crit"] = boost::json::array(); });
     }},
    {"id9-crit-b64", client_duty::refuse, endpoint::token,
     "The ID token demands that its payload is not encoded.",
     [](authorization_server& server) {
         change_header(server, [](json_object& header) {
             header["crit"] = boost::json::array{"b64"};
             header["b64"] = true;
         });
     }},
    {"id10-b64-false", client_duty::refuse, endpoint::token,
     "The ID token says that its payload is not encoded.",
     [](authorization_server& server) {
         change_header(server, [](json_object& header) { header["b64"] = false; });
     }},
    {"id10-zip", client_duty::refuse, endpoint::token, "The ID token says that it is compressed.",
     [](authorization_server& server) {
         change_header(server, [](json_object& header) { header["zip"] = "DEF"; });
     }},
    {"id12-header-an-array", client_duty::refuse, endpoint::token, "The header is an array.",
     [](authorization_server& server) {
         sign_text(server, [](std::string& header) { header = "[]"; }, nullptr);
     }},
    {"id12-header-with-two-algorithms", client_duty::refuse, endpoint::token,
     "The header names two algorithms.",
     [](authorization_server& server) {
         sign_text(server, [](std::string& header) { header.insert(1, "\"alg\":\"none\","); }, nullptr);
     }},
    {"id12-payload-an-array", client_duty::refuse, endpoint::token, "The claims are an array.",
     [](authorization_server& server) {
         sign_text(server, nullptr, [](std::string& payload) { payload = "[]"; });
     }},
    {"id12-payload-with-bad-utf8", client_duty::refuse, endpoint::token, "The claims are not UTF-8.",
     [](authorization_server& server) {
         sign_text(server, nullptr, [](std::string& payload) { payload.insert(1, "\"x\":\"\xff\","); });
     }},
    {"id12-payload-with-a-mark", client_duty::refuse, endpoint::token,
     "The claims begin with a byte order mark.",
     [](authorization_server& server) {
         sign_text(server, nullptr, [](std::string& payload) { payload.insert(0, "\xef\xbb\xbf"); });
     }},
    {"id12-payload-too-deep", client_duty::refuse, endpoint::token, "The claims are nested too deep.",
     [](authorization_server& server) {
         sign_text(server, nullptr, [](std::string& payload) {
             payload.insert(1, "\"x\":" + std::string(10'000, '[') + std::string(10'000, ']') + ",");
         });
     }},
    {"id12-payload-and-more", client_duty::refuse, endpoint::token, "Something follows the claims.",
     [](authorization_server& server) {
         sign_text(server, nullptr, [](std::string& payload) { payload += "{}"; });
     }},
    {"id13-two-parts", client_duty::refuse, endpoint::token, "The ID token has two parts.",
     [](authorization_server& server) {
         change_compact(server, server_jwt::id_token, [](std::string& jwt) { jwt.erase(jwt.rfind('.')); });
     }},
    {"id13-four-parts", client_duty::refuse, endpoint::token, "The ID token has four parts.",
     [](authorization_server& server) {
         change_compact(server, server_jwt::id_token, [](std::string& jwt) { jwt += ".x"; });
     }},
    {"id13-five-parts", client_duty::refuse, endpoint::token,
     "The ID token has five parts, as an encrypted one has.",
     [](authorization_server& server) {
         change_compact(server, server_jwt::id_token, [](std::string& jwt) { jwt += ".x.x"; });
     }},
    {"id13-dots", client_duty::refuse, endpoint::token, "The ID token is a hundred thousand dots.",
     [](authorization_server& server) {
         change_compact(server, server_jwt::id_token, [](std::string& jwt) { jwt.assign(100'000, '.'); });
     }},
    {"id13-padded", client_duty::refuse, endpoint::token, "The signature is padded, as base64 is.",
     [](authorization_server& server) {
         change_compact(server, server_jwt::id_token, [](std::string& jwt) { jwt += "=="; });
     }},
    {"id13-not-base64url", client_duty::refuse, endpoint::token, "The header is not base64url.",
     [](authorization_server& server) {
         change_compact(server, server_jwt::id_token, [](std::string& jwt) { jwt.replace(1, 1, "+"); });
     }},
    {"do3-too-large", client_duty::refuse, endpoint::token, "The ID token has 200 kilobytes.",
     [](authorization_server& server) {
         change_compact(server, server_jwt::id_token,
                        [](std::string& jwt) { jwt.insert(jwt.find('.') + 1, 200'000, 'A'); });
     }},
    {"ds13-key-in-the-header", client_duty::refuse, endpoint::token, "The ID token brings its own key along.",
     [](authorization_server& server) {
         server.on_signing(server_jwt::id_token, [](json_object header, const json_object& claims) {
             const auto key = stranger(signing_algorithm::rs256);
             header["jwk"] = key.public_jwk();
             header["kid"] = key.key_id();
             return key.sign(header, claims);
         });
     }},
    {"ds13-key-set-in-the-header", client_duty::refuse, endpoint::token,
     "The ID token says where its key is.",
     [](authorization_server& server) {
         server.on_signing(server_jwt::id_token, [&server](json_object header, const json_object& claims) {
             const auto key = stranger(signing_algorithm::rs256);
             header["jku"] = server.url(endpoint::api);
             header["x5u"] = server.url(endpoint::api);
             header["kid"] = key.key_id();
             return key.sign(header, claims);
         });
     }},
    {"ds13-certificate-in-the-header", client_duty::refuse, endpoint::token,
     "The ID token brings a certificate along.",
     [](authorization_server& server) {
         server.on_signing(server_jwt::id_token, [](json_object header, const json_object& claims) {
             header["x5c"] = boost::json::array{"MIIB"};
             return stranger(signing_algorithm::rs256).sign(header, claims);
         });
     }},
    {"ds14-kid-a-path", client_duty::refuse, endpoint::token, "The key's name is the path of a file.",
     [](authorization_server& server) {
         change_header(server, [](json_object& header) { header["kid"] = "../../../../dev/null"; });
     }},
    {"ds14-kid-with-a-nul", client_duty::refuse, endpoint::token, "The key's name has a NUL in it.",
     [](authorization_server& server) {
         change_header(server, [](json_object& header) {
             header["kid"] = std::string(header.at("kid").as_string()) + '\0';
         });
     }},
    {"ds14-kid-too-long", client_duty::refuse, endpoint::token, "The key's name has five kilobytes.",
     [](authorization_server& server) {
         change_header(server, [](json_object& header) { header["kid"] = std::string(5000, 'k'); });
     }},
    {"id20-kid-a-number", client_duty::refuse, endpoint::token, "The key's name is a number.",
     [](authorization_server& server) {
         change_header(server, [](json_object& header) { header["kid"] = 1; });
     }},
    {"id21-kid-unknown", client_duty::refuse, endpoint::token, "There is no key of that name.",
     [](authorization_server& server) {
         change_header(server, [](json_object& header) { header["kid"] = "nobody's"; });
     }},
    {"id36-encrypted", client_duty::refuse, endpoint::token, "The ID token is encrypted.",
     [](authorization_server& server) {
         change_compact(server, server_jwt::id_token, [](std::string& jwt) {
             jwt = base64url("{\"alg\":\"RSA1_5\",\"enc\":\"A128CBC-HS256\"}") + "." +
                   base64url(std::string(256, 1)) + "." + base64url(std::string(16, 1)) + "." +
                   base64url(std::string(64, 1)) + "." + base64url(std::string(16, 1));
         });
     }},
    {"lo10-logout-token-as-id-token", client_duty::refuse, endpoint::token,
     "The ID token is also a logout token.",
     [](authorization_server& server) {
         change_claims(server, [](json_object& claims) {
             claims["events"]
                 .emplace_object()["http://schemas.openid.net/event/backchannel-logout"]
                 .emplace_object();
         });
     }},
    {"lo10-type-of-a-logout-token", client_duty::refuse, endpoint::token,
     "The ID token says that it is a logout token.",
     [](authorization_server& server) {
         change_header(server, [](json_object& header) { header["typ"] = "logout+jwt"; });
     }},
    {"lo10-type-of-an-access-token", client_duty::refuse, endpoint::token,
     "The ID token says that it is an access token.",
     [](authorization_server& server) {
         change_header(server, [](json_object& header) { header["typ"] = "at+jwt"; });
     }},
    {"lo10-type-missing", client_duty::accept, endpoint::token, "The ID token does not say what it is.",
     [](authorization_server& server) {
         change_header(server, [](json_object& header) { header.erase("typ"); });
     }},
    {"lo10-type-in-lower-case", client_duty::accept, endpoint::token,
     "The ID token says in other letters what it is.",
     [](authorization_server& server) {
         change_header(server, [](json_object& header) { header["typ"] = "jwt"; });
     }},
};

} // namespace coauth::inline COAUTH_MODE::testing::detail

#endif
