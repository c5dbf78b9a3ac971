// Floor 5. For misbehaviours.ipp: what the conformance suite of the OpenID Foundation does with relying parties.
#ifndef COAUTH_IMPL_TESTING_DETAIL_MISBEHAVIOURS_SUITE_IPP
#define COAUTH_IMPL_TESTING_DETAIL_MISBEHAVIOURS_SUITE_IPP

#include <coauth/testing/authorization_server.hpp>
#include <coauth/testing/detail/spoiling.hpp>
#include <coauth/testing/misbehaviours.hpp>

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include <atomic>
#include <memory>

namespace coauth::inline COAUTH_MODE::testing::detail {

inline constexpr misbehaviour suite_misbehaviours[] = {
    {"oidcc-client-test", client_duty::accept, endpoint::token, "Nothing wrong.",
     [](authorization_server&) {}},
    {"oidcc-client-test-client-secret-basic", client_duty::accept, endpoint::token,
     "The client's secret has to come in the Authorization field.",
     [](authorization_server& server) {
         server.on_request(endpoint::token, [](const server_request& request) {
             return request.field_value("Authorization").starts_with("Basic ") &&
                            !request.parameter("client_secret")
                        ? std::nullopt
                        : std::optional(
                              json_error(401, "invalid_client", "Only client_secret_basic is accepted."));
         });
     }},
    {"oidcc-client-test-discovery-openid-config", client_duty::accept, endpoint::metadata,
     "The metadata have to be fetched.", [](authorization_server&) {}},
    {"oidcc-client-test-discovery-jwks-uri-keys", client_duty::accept, endpoint::jwks,
     "The keys have to be fetched.", [](authorization_server&) {}},
    {"oidcc-client-test-discovery-issuer-mismatch", client_duty::refuse, endpoint::metadata,
     "The metadata name another issuer.",
     [](authorization_server& server) {
         change_json(server, endpoint::metadata, [](json_object& metadata) {
             metadata["issuer"] = std::string(metadata.at("issuer").as_string()) + "INVALID";
         });
     }},
    {"oidcc-client-test-idtoken-sig-none", client_duty::refuse, endpoint::token,
     "The ID token is not signed.",
     [](authorization_server& server) { server.on_signing(server_jwt::id_token, unsigned_jwt); }},
    {"oidcc-client-test-idtoken-sig-rs256", client_duty::accept, endpoint::token,
     "The ID token is signed with RS256.",
     [](authorization_server& server) { sign_with(server, server_jwt::id_token, signing_algorithm::rs256); }},
    {"oidcc-client-test-invalid-aud", client_duty::refuse, endpoint::token,
     "The ID token is for another client.",
     [](authorization_server& server) {
         change_claims(server, [](json_object& claims) {
             claims["aud"] = std::string(claims.at("aud").as_string()) + "1";
         });
     }},
    {"oidcc-client-test-invalid-iss", client_duty::refuse, endpoint::token,
     "The ID token is from another issuer.",
     [](authorization_server& server) {
         change_claims(server, [](json_object& claims) {
             claims["iss"] = std::string(claims.at("iss").as_string()) + "1";
         });
     }},
    {"oidcc-client-test-invalid-athash", client_duty::refuse, endpoint::token,
     "The ID token has the hash of another access token.",
     [](authorization_server& server) {
         change_claims(server, [](json_object& claims) { claims["at_hash"] = base64url("another token's"); });
     }},
    {"oidcc-client-test-invalid-chash", client_duty::refuse, endpoint::token,
     "The ID token has the hash of another code.",
     [](authorization_server& server) {
         change_claims(server, [](json_object& claims) { claims["c_hash"] = base64url("another code's.."); });
     }},
    {"oidcc-client-test-invalid-sig-rs256", client_duty::refuse, endpoint::token,
     "The RS256 signature of the ID token is wrong.",
     [](authorization_server& server) {
         sign_with(server, server_jwt::id_token, signing_algorithm::rs256);
         change_sent(server, spoil_signature);
     }},
    {"oidcc-client-test-invalid-sig-es256", client_duty::refuse, endpoint::token,
     "The ES256 signature of the ID token is wrong.",
     [](authorization_server& server) {
         sign_with(server, server_jwt::id_token, signing_algorithm::es256);
         change_sent(server, spoil_signature);
     }},
    {"oidcc-client-test-invalid-sig-hs256", client_duty::refuse, endpoint::token,
     "The signature of the ID token is wrong; for a client with HS256.",
     [](authorization_server& server) { change_sent(server, spoil_signature); }},
    {"oidcc-client-test-kid-absent-single-jwks", client_duty::accept, endpoint::token,
     "The ID token does not name its key, and there is one of its kind.",
     [](authorization_server& server) {
         change_header(server, [](json_object& header) { header.erase("kid"); });
         change_json(server, endpoint::jwks, [&server](json_object& set) {
             set["keys"] = boost::json::array{server.signing_key(signing_algorithm::rs256).public_jwk()};
         });
     }},
    {"oidcc-client-test-kid-absent-multiple-jwks", client_duty::refuse, endpoint::token,
     "The ID token does not name its key, and there are two of its kind.",
     [](authorization_server& server) {
         change_header(server, [](json_object& header) { header.erase("kid"); });
         add_key(server, stranger(signing_algorithm::rs256).public_jwk());
     }},
    {"oidcc-client-test-missing-aud", client_duty::refuse, endpoint::token, "The ID token is for nobody.",
     [](authorization_server& server) {
         change_claims(server, [](json_object& claims) { claims.erase("aud"); });
     }},
    {"oidcc-client-test-missing-iat", client_duty::refuse, endpoint::token,
     "The ID token does not say when it was issued.",
     [](authorization_server& server) {
         change_claims(server, [](json_object& claims) { claims.erase("iat"); });
     }},
    {"oidcc-client-test-missing-sub", client_duty::refuse, endpoint::token,
     "The ID token does not say who signed in.",
     [](authorization_server& server) {
         change_claims(server, [](json_object& claims) { claims.erase("sub"); });
     }},
    {"oidcc-client-test-nonce-invalid", client_duty::refuse, endpoint::token,
     "The ID token is of another sign-in.",
     [](authorization_server& server) {
         change_claims(server, [](json_object& claims) { claims["nonce"] = random_token(); });
     }},
    {"oidcc-client-test-scope-userinfo-claims", client_duty::accept, endpoint::userinfo,
     "Userinfo goes by scope.", [](authorization_server&) {}},
    {"oidcc-client-test-userinfo-bearer-header", client_duty::accept, endpoint::userinfo,
     "The access token has to come in the Authorization field.",
     [](authorization_server& server) {
         server.on_request(endpoint::userinfo, [](const server_request& request) {
             return request.field_value("Authorization").starts_with("Bearer ") &&
                            !request.parameter("access_token")
                        ? std::nullopt
                        : std::optional(server_answer(400));
         });
     }},
    {"oidcc-client-test-userinfo-invalid-sub", client_duty::refuse, endpoint::userinfo,
     "Userinfo is about somebody else.",
     [](authorization_server& server) {
         change_json(server, endpoint::userinfo,
                     [](json_object& claims) { claims["sub"] = "somebody else"; });
     }},
    {"oidcc-client-test-userinfo-signed", client_duty::accept, endpoint::userinfo,
     "Userinfo is signed with RS256.",
     [](authorization_server& server) { sign_with(server, server_jwt::userinfo, signing_algorithm::rs256); }},
    {"oidcc-client-test-distributed-claims", client_duty::accept, endpoint::userinfo,
     "Some claims are to be had elsewhere. Nobody asked for them to be fetched.",
     [](authorization_server& server) {
         change_json(server, endpoint::userinfo, [at = server.url(endpoint::api)](json_object& claims) {
             claims["_claim_names"].emplace_object()["credit_score"] = "src1";
             auto& source = claims["_claim_sources"].emplace_object()["src1"].emplace_object();
             source["endpoint"] = at;
             source["access_token"] = "ksj3n283dke";
         });
     }},
    {"oidcc-client-test-signing-key-rotation", client_duty::accept, endpoint::token,
     "Between two sign-ins the server takes other keys.",
     [](authorization_server& server) {
         server.on_request(endpoint::token, [&server, sign_ins = std::make_shared<std::atomic<int>>(0)](
                                                const server_request&) {
             if (++*sign_ins == 2)
                 server.rotate_signing_key();
             return std::optional<server_answer>();
         });
     }},
    {"oidcc-client-test-signing-key-rotation-just-before-signing", client_duty::accept, endpoint::token,
     "The server takes other keys right before it signs.",
     [](authorization_server& server) {
         server.on_request(endpoint::token, [&server, rotated = std::make_shared<std::atomic<bool>>(false)](
                                                const server_request&) {
             if (!rotated->exchange(true))
                 server.rotate_signing_key();
             return std::optional<server_answer>();
         });
     }},
    {"oidcc-client-test-refresh-token", client_duty::accept, endpoint::token,
     "Nothing wrong with refreshing.", [](authorization_server&) {}},
    {"oidcc-client-test-refresh-token-invalid-issuer", client_duty::refuse, endpoint::token,
     "The refreshed ID token is from another issuer.",
     [](authorization_server& server) {
         change_refreshed(server, [](json_object& claims) { claims["iss"] = "https://attacker.example"; });
     }},
    {"oidcc-client-test-refresh-token-invalid-sub", client_duty::refuse, endpoint::token,
     "The refreshed ID token is about somebody else.",
     [](authorization_server& server) {
         change_refreshed(server, [](json_object& claims) { claims["sub"] = "somebody else"; });
     }},
    {"oidcc-client-test-refresh-token-invalid-aud", client_duty::refuse, endpoint::token,
     "The refreshed ID token is for another client.",
     [](authorization_server& server) {
         change_refreshed(server, [](json_object& claims) { claims["aud"] = "somebody else"; });
     }},
};

/// The suite makes a sign-in of each; so may whoever uses them.
inline constexpr misbehaviour suite_logout_misbehaviours[] = {
    {"oidcc-client-test-rp-init-logout", client_duty::accept, endpoint::end_session,
     "Nothing wrong with logout.", [](authorization_server&) {}},
    {"oidcc-client-test-rp-init-logout-other-state", client_duty::refuse, endpoint::end_session,
     "After the logout the state is another one.",
     [](authorization_server& server) {
         change_return(server, [](std::string& uri) {
             uri.replace(uri.find("state="), std::string::npos, "state=" + random_token());
         });
     }},
    {"oidcc-client-test-rp-init-logout-no-state", client_duty::refuse, endpoint::end_session,
     "After the logout there is no state.",
     [](authorization_server& server) {
         change_return(server, [](std::string& uri) { uri.erase(uri.find("state=") - 1); });
     }},
    {"oidcc-client-test-rp-frontchannel-rpinitlogout", client_duty::accept, endpoint::end_session,
     "The client is told of a logout by a frame.", [](authorization_server&) {}},
    {"oidcc-client-test-rp-backchannel-rpinitlogout", client_duty::accept, endpoint::end_session,
     "The client is told of a logout by the back channel.", [](authorization_server&) {}},
    {"oidcc-client-test-rp-backchannel-rpinitlogout-alg-none", client_duty::refuse, endpoint::end_session,
     "The logout token is not signed.",
     [](authorization_server& server) { server.on_signing(server_jwt::logout_token, unsigned_jwt); }},
    {"oidcc-client-test-rp-backchannel-rpinitlogout-wrong-alg", client_duty::refuse, endpoint::end_session,
     "The logout token is signed with an algorithm that was not agreed on.",
     [](authorization_server& server) {
         announce(server, "RS256");
         sign_with(server, server_jwt::logout_token, signing_algorithm::ps256);
     }},
    {"oidcc-client-test-rp-backchannel-rpinitlogout-no-event", client_duty::refuse, endpoint::end_session,
     "The logout token has no event.",
     [](authorization_server& server) {
         change_logout_token(server, [](json_object& claims) { claims.erase("events"); });
     }},
    {"oidcc-client-test-rp-backchannel-rpinitlogout-wrong-event", client_duty::refuse, endpoint::end_session,
     "The logout token has another event.",
     [](authorization_server& server) {
         change_logout_token(server, [](json_object& claims) {
             claims["events"].emplace_object()["https://attacker.example/event"].emplace_object();
         });
     }},
    {"oidcc-client-test-rp-backchannel-rpinitlogout-with-nonce", client_duty::refuse, endpoint::end_session,
     "The logout token has a nonce.",
     [](authorization_server& server) {
         change_logout_token(server, [](json_object& claims) { claims["nonce"] = random_token(); });
     }},
    {"oidcc-client-test-rp-backchannel-rpinitlogout-wrong-aud", client_duty::refuse, endpoint::end_session,
     "The logout token is for another client.",
     [](authorization_server& server) {
         change_logout_token(server, [](json_object& claims) {
             claims["aud"] = std::string(claims.at("aud").as_string()) + "1";
         });
     }},
    {"oidcc-client-test-rp-backchannel-rpinitlogout-wrong-iss", client_duty::refuse, endpoint::end_session,
     "The logout token is from another issuer.",
     [](authorization_server& server) {
         change_logout_token(server, [](json_object& claims) {
             claims["iss"] = std::string(claims.at("iss").as_string()) + "1";
         });
     }},
};

} // namespace coauth::inline COAUTH_MODE::testing::detail

#endif
