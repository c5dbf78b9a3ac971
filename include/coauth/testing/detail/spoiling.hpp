// Floor 5. For tests. What misbehaviours are made of: changes of answers, claims and signatures.
#ifndef COAUTH_TESTING_DETAIL_SPOILING_HPP
#define COAUTH_TESTING_DETAIL_SPOILING_HPP

#include <coauth/jose/signing_key.hpp>
#include <coauth/testing/detail/random_token.hpp>
#include <coauth/testing/detail/server_core.hpp>
#include <coauth/testing/server_exchange.hpp>
#include <coauth/testing/server_jwt.hpp>

#include <boost/json/object.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace coauth::inline COAUTH_MODE::testing {

class authorization_server;

namespace detail {

using json_object = boost::json::object;

// Answers with status 200.
COAUTH_DECL void change_json(authorization_server& server, endpoint at,
                             std::function<void(json_object&)> change);
COAUTH_DECL void answer_with(authorization_server& server, endpoint at, std::string type, std::string body);
/// Change the entry of the RS256 or ES256 key that signs now.
COAUTH_DECL void change_key(authorization_server& server, signing_algorithm algorithm,
                            std::function<void(json_object&)> change);
/// Publish this key, too.
COAUTH_DECL void add_key(authorization_server& server, json_object jwk);
/// Announce no other algorithm for ID tokens than this.
COAUTH_DECL void announce(authorization_server& server, std::string_view algorithm);
/// Answer any request with 302, to something on the same server that would be counted as endpoint::api.
COAUTH_DECL void redirect(authorization_server& server, endpoint at);
/// Change where the browser is sent after a logout.
COAUTH_DECL void change_return(authorization_server& server, std::function<void(std::string&)> change);
/// Change the addresses of the frames that tell clients of a logout; they are escaped for HTML.
COAUTH_DECL void change_frames(authorization_server& server, std::function<void(std::string&)> change);

// What is in ID tokens; those of refreshes have no nonce.
COAUTH_DECL void change_claims(authorization_server& server, std::function<void(json_object&)> change);
COAUTH_DECL void change_header(authorization_server& server, std::function<void(json_object&)> change);
COAUTH_DECL void change_refreshed(authorization_server& server, std::function<void(json_object&)> change);
COAUTH_DECL void change_logout_token(authorization_server& server,
                                     std::function<void(json_object&)> change_claims);

// How they are signed.
/// Change the JWT that the server would send.
COAUTH_DECL void change_compact(authorization_server& server, server_jwt kind,
                                std::function<void(std::string&)> change);
/// Change the ID token in token responses, whoever signed it and whatever with.
COAUTH_DECL void change_sent(authorization_server& server, std::function<void(std::string&)> change);
/// Sign what the server would with another of its keys, and say so.
COAUTH_DECL void sign_with(authorization_server& server, server_jwt kind, signing_algorithm algorithm);
/// ES256, with something else in place of the signature.
COAUTH_DECL void sign_es256(authorization_server& server,
                            std::function<std::string(std::string_view signed_text)> signature);
/// Sign with RS256 a text that is made of header and claims: for what is not JSON.
COAUTH_DECL void sign_text(authorization_server& server,
                           std::function<void(std::string& header)> change_header,
                           std::function<void(std::string& payload)> change_payload);

/// The server's own signature, by the algorithm in the header.
COAUTH_DECL std::string signed_by(const authorization_server& server, const json_object& header,
                                  const json_object& claims);
/// Somebody else's key, the same each time.
COAUTH_DECL coauth::signing_key stranger(signing_algorithm algorithm);
/// `alg` is `none`, whatever it was.
COAUTH_DECL std::string unsigned_jwt(json_object header, const json_object& claims);
/// HS256.
COAUTH_DECL std::string hmac_jwt(std::string_view key, json_object header, const json_object& claims);
/// The same JWT with another signature.
COAUTH_DECL std::string with_signature(std::string_view jwt, std::string_view bytes);
/// One bit is another one.
COAUTH_DECL void spoil_signature(std::string& jwt);
COAUTH_DECL std::string serialized(const json_object& object);
COAUTH_DECL std::string decoded(std::string_view base64url);
/// A claim that is a number.
COAUTH_DECL std::int64_t number(const json_object& claims, std::string_view name);

// Keys as they should not be.
/// Of an ES256 key, in DER, as OpenSSL has it and JOSE has not; of an RS256 key as usual.
COAUTH_DECL std::string raw_signature(const coauth::signing_key& key, std::string_view text);
/// In PEM: what somebody may take for a secret.
COAUTH_DECL std::string public_pem(const coauth::signing_key& key);
/// RSA with the exponent 1: what anybody can make, since the text is not encrypted (RFC 8017 9.2).
COAUTH_DECL std::string padded_digest(std::string_view text, std::size_t modulus_bytes);
/// A key for RS256 with 1024 bits. @return its JWK, and signs the text
COAUTH_DECL std::pair<json_object, std::string> weak_signature(std::string_view text);

} // namespace detail
} // namespace coauth::inline COAUTH_MODE::testing

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/testing/detail/spoiling.ipp>
#endif

#endif
