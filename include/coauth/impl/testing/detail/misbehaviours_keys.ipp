// Floor 5. For misbehaviours.ipp: keys as they should not be.
#ifndef COAUTH_IMPL_TESTING_DETAIL_MISBEHAVIOURS_KEYS_IPP
#define COAUTH_IMPL_TESTING_DETAIL_MISBEHAVIOURS_KEYS_IPP

#include <coauth/testing/authorization_server.hpp>
#include <coauth/testing/detail/spoiling.hpp>
#include <coauth/testing/misbehaviours.hpp>

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include <memory>
#include <mutex>

namespace coauth::inline COAUTH_MODE::testing::detail {

inline constexpr std::string_view published_secret = "a secret of 32 bytes or more, in public";

inline constexpr misbehaviour key_misbehaviours[] = {
    {"ds23-secret-among-the-keys", client_duty::refuse, endpoint::token,
     "The key set has a secret in it, and the ID token is signed with that.",
     [](authorization_server& server) {
         add_key(server,
                 {{"kty", "oct"}, {"kid", "shared"}, {"alg", "HS256"}, {"k", base64url(published_secret)}});
         server.on_signing(server_jwt::id_token, [](json_object header, const json_object& claims) {
             header["kid"] = "shared";
             return hmac_jwt(published_secret, header, claims);
         });
     }},
    {"ds23-private-members", client_duty::accept, endpoint::jwks, "The keys have private members.",
     [](authorization_server& server) {
         change_key(server, signing_algorithm::rs256, [](json_object& key) {
             key["d"] = "c2VjcmV0";
             key["p"] = "c2VjcmV0";
             key["q"] = "c2VjcmV0";
         });
     }},
    {"ds24-rsa-1024-bits", client_duty::refuse, endpoint::token, "The key has 1024 bits.",
     [](authorization_server& server) {
         const auto current = std::make_shared<std::pair<std::mutex, json_object>>();
         server.on_signing(server_jwt::id_token, [current](json_object header, const json_object& claims) {
             header["kid"] = "weak";
             const std::string text = base64url(serialized(header)) + '.' + base64url(serialized(claims));
             auto [jwk, signature] = weak_signature(text);
             jwk["kid"] = "weak";
             const std::lock_guard lock(current->first);
             current->second = std::move(jwk);
             return text + '.' + base64url(signature);
         });
         change_json(server, endpoint::jwks, [current](json_object& set) {
             const std::lock_guard lock(current->first);
             set.at("keys").as_array().emplace_back(current->second.empty() ? json_object{{"kty", "RSA"}}
                                                                            : current->second);
         });
     }},
    {"ds24-rsa-exponent-one", client_duty::refuse, endpoint::token,
     "The exponent is 1, so that everybody can sign.",
     [](authorization_server& server) {
         change_key(server, signing_algorithm::rs256, [](json_object& key) { key["e"] = "AQ"; });
         change_compact(server, server_jwt::id_token, [](std::string& jwt) {
             jwt = with_signature(jwt, padded_digest(std::string_view(jwt).substr(0, jwt.rfind('.')), 256));
         });
     }},
    {"ds24-rsa-exponent-even", client_duty::refuse, endpoint::jwks, "The exponent is even.",
     [](authorization_server& server) {
         change_key(server, signing_algorithm::rs256, [](json_object& key) { key["e"] = "AQAA"; });
     }},
    {"ds24-rsa-exponent-huge", client_duty::refuse, endpoint::jwks,
     "The exponent has as many bits as the modulus.",
     [](authorization_server& server) {
         change_key(server, signing_algorithm::rs256, [](json_object& key) { key["e"] = key.at("n"); });
     }},
    {"ds24-rsa-modulus-even", client_duty::refuse, endpoint::jwks, "The modulus is even.",
     [](authorization_server& server) {
         change_key(server, signing_algorithm::rs256, [](json_object& key) {
             std::string bytes = decoded(key.at("n").as_string());
             bytes.back() = static_cast<char>(bytes.back() & ~1);
             key["n"] = base64url(bytes);
         });
     }},
    {"ds24-rsa-modulus-padded", client_duty::refuse, endpoint::jwks, "The modulus begins with zeros.",
     [](authorization_server& server) {
         change_key(server, signing_algorithm::rs256, [](json_object& key) {
             key["n"] = base64url(std::string(16, 0) + decoded(key.at("n").as_string()));
         });
     }},
    {"ds24-rsa-16384-bits", client_duty::refuse, endpoint::jwks,
     "The key has 16384 bits, and takes long to verify with.",
     [](authorization_server& server) {
         change_key(server, signing_algorithm::rs256,
                    [](json_object& key) { key["n"] = base64url(std::string(2048, '\xff')); });
     }},
    {"ds25-point-off-the-curve", client_duty::refuse, endpoint::jwks, "The point is not on the curve.",
     [](authorization_server& server) {
         sign_with(server, server_jwt::id_token, signing_algorithm::es256);
         change_key(server, signing_algorithm::es256, [](json_object& key) {
             std::string bytes = decoded(key.at("y").as_string());
             bytes.back() = static_cast<char>(bytes.back() ^ 1);
             key["y"] = base64url(bytes);
         });
     }},
    {"ds25-coordinate-short", client_duty::refuse, endpoint::jwks, "A coordinate has a byte less.",
     [](authorization_server& server) {
         sign_with(server, server_jwt::id_token, signing_algorithm::es256);
         change_key(server, signing_algorithm::es256, [](json_object& key) {
             key["x"] = base64url(decoded(key.at("x").as_string()).substr(1));
         });
     }},
    {"ds25-coordinate-long", client_duty::refuse, endpoint::jwks, "A coordinate has a byte more.",
     [](authorization_server& server) {
         sign_with(server, server_jwt::id_token, signing_algorithm::es256);
         change_key(server, signing_algorithm::es256, [](json_object& key) {
             key["x"] = base64url(std::string(1, 0) + decoded(key.at("x").as_string()));
         });
     }},
    {"ds25-another-curve", client_duty::refuse, endpoint::jwks, "The key says that it is of another curve.",
     [](authorization_server& server) {
         sign_with(server, server_jwt::id_token, signing_algorithm::es256);
         change_key(server, signing_algorithm::es256, [](json_object& key) { key["crv"] = "P-384"; });
     }},
    {"ds25-unknown-curve", client_duty::refuse, endpoint::jwks, "The key is of a curve that nobody knows.",
     [](authorization_server& server) {
         sign_with(server, server_jwt::id_token, signing_algorithm::es256);
         change_key(server, signing_algorithm::es256, [](json_object& key) { key["crv"] = "P-257"; });
     }},
    {"cr7-key-for-encryption", client_duty::refuse, endpoint::jwks, "The key is for encryption.",
     [](authorization_server& server) {
         change_key(server, signing_algorithm::rs256, [](json_object& key) { key["use"] = "enc"; });
     }},
    {"cr7-key-not-to-verify-with", client_duty::refuse, endpoint::jwks, "The key is not for verifying.",
     [](authorization_server& server) {
         change_key(server, signing_algorithm::rs256,
                    [](json_object& key) { key["key_ops"] = boost::json::array{"sign"}; });
     }},
    {"cr7-key-of-another-algorithm", client_duty::refuse, endpoint::jwks, "The key is for another algorithm.",
     [](authorization_server& server) {
         change_key(server, signing_algorithm::rs256, [](json_object& key) { key["alg"] = "PS256"; });
     }},
    {"id3-key-without-algorithm", client_duty::accept, endpoint::jwks, "The key does not say its algorithm.",
     [](authorization_server& server) {
         change_key(server, signing_algorithm::rs256, [](json_object& key) {
             key.erase("alg");
             key.erase("use");
         });
     }},
    {"ds18-keys-of-unknown-kinds", client_duty::accept, endpoint::jwks, "There are keys that nobody knows.",
     [](authorization_server& server) {
         change_json(server, endpoint::jwks, [](json_object& set) {
             boost::json::array& keys = set.at("keys").as_array();
             keys.insert(keys.begin(), json_object{{"kty", "AKP"}, {"alg", "ML-DSA-44"}, {"pub", "AA"}});
             keys.insert(keys.begin(), json_object{{"kty", "OKP"}, {"crv", "X25519"}, {"x", "AA"}});
         });
     }},
};

} // namespace coauth::inline COAUTH_MODE::testing::detail

#endif
