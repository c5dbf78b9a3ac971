// Floor 5. For misbehaviours.ipp: logout that was not meant, or not by the server.
#ifndef COAUTH_IMPL_TESTING_DETAIL_MISBEHAVIOURS_LOGOUT_IPP
#define COAUTH_IMPL_TESTING_DETAIL_MISBEHAVIOURS_LOGOUT_IPP

#include <coauth/testing/authorization_server.hpp>
#include <coauth/testing/detail/spoiling.hpp>
#include <coauth/testing/misbehaviours.hpp>

#include <coauth/impl/testing/detail/misbehaviours_claims.ipp>

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

namespace coauth::inline COAUTH_MODE::testing::detail {

inline constexpr misbehaviour logout_misbehaviours[] = {
    {"lo2-signature-wrong", client_duty::refuse, endpoint::end_session,
     "The signature of the logout token is wrong.",
     [](authorization_server& server) { change_compact(server, server_jwt::logout_token, spoil_signature); }},
    {"lo2-signature-of-another-key", client_duty::refuse, endpoint::end_session,
     "Somebody else signed the logout token.",
     [](authorization_server& server) {
         server.on_signing(server_jwt::logout_token,
                           [](const json_object& header, const json_object& claims) {
                               return stranger(signing_algorithm::rs256).sign(header, claims);
                           });
     }},
    {"lo3-event-not-an-object", client_duty::refuse, endpoint::end_session,
     "The event of the logout token is a text.",
     [](authorization_server& server) {
         change_logout_token(server, [](json_object& claims) {
             claims["events"].emplace_object()["http://schemas.openid.net/event/backchannel-logout"] =
                 "logout";
         });
     }},
    {"lo3-events-an-array", client_duty::refuse, endpoint::end_session,
     "The events of the logout token are an array.",
     [](authorization_server& server) {
         change_logout_token(server, [](json_object& claims) {
             claims["events"] = boost::json::array{"http://schemas.openid.net/event/backchannel-logout"};
         });
     }},
    {"lo5-iss-missing", client_duty::refuse, endpoint::end_session,
     "The logout token does not say who issued it.",
     [](authorization_server& server) {
         change_logout_token(server, [](json_object& claims) { claims.erase("iss"); });
     }},
    {"lo5-aud-missing", client_duty::refuse, endpoint::end_session, "The logout token is for nobody.",
     [](authorization_server& server) {
         change_logout_token(server, [](json_object& claims) { claims.erase("aud"); });
     }},
    {"lo5-aud-and-another", client_duty::refuse, endpoint::end_session,
     "The logout token is also for somebody else.",
     [](authorization_server& server) {
         change_logout_token(server, [](json_object& claims) {
             claims["aud"] = boost::json::array{claims.at("aud"), "somebody else"};
         });
     }},
    {"lo6-nobody", client_duty::refuse, endpoint::end_session,
     "The logout token says neither who nor which session.",
     [](authorization_server& server) {
         change_logout_token(server, [](json_object& claims) {
             claims.erase("sub");
             claims.erase("sid");
         });
     }},
    {"lo6-session-missing", client_duty::refuse, endpoint::end_session,
     "The logout token does not name the session; for clients that demand it.",
     [](authorization_server& server) {
         change_logout_token(server, [](json_object& claims) { claims.erase("sid"); });
     }},
    {"lo6-sid-a-number", client_duty::refuse, endpoint::end_session, "The session is a number.",
     [](authorization_server& server) {
         change_logout_token(server, [](json_object& claims) { claims["sid"] = 1; });
     }},
    {"lo6-only-who", client_duty::accept, endpoint::end_session,
     "The logout token says who, and not which session.",
     [](authorization_server& server) {
         change_logout_token(server, [](json_object& claims) { claims.erase("sid"); });
     }},
    {"lo6-only-which-session", client_duty::accept, endpoint::end_session,
     "The logout token says which session, and not who.",
     [](authorization_server& server) {
         change_logout_token(server, [](json_object& claims) { claims.erase("sub"); });
     }},
    {"lo7-iat-missing", client_duty::refuse, endpoint::end_session,
     "The logout token does not say when it was issued.",
     [](authorization_server& server) {
         change_logout_token(server, [](json_object& claims) { claims.erase("iat"); });
     }},
    {"lo7-jti-missing", client_duty::refuse, endpoint::end_session, "The logout token has no name.",
     [](authorization_server& server) {
         change_logout_token(server, [](json_object& claims) { claims.erase("jti"); });
     }},
    {"lo7-iat-in-an-hour", client_duty::refuse, endpoint::end_session,
     "The logout token will be issued in an hour.",
     [](authorization_server& server) {
         change_logout_token(server, [](json_object& claims) {
             claims["iat"] = number(claims, "iat") + 3600;
             claims["exp"] = number(claims, "iat") + 120;
         });
     }},
    {"lo8-expired", client_duty::refuse, endpoint::end_session, "The logout token expired.",
     [](authorization_server& server) {
         change_logout_token(server, [](json_object& claims) {
             claims["exp"] = number(claims, "iat") - 360;
             claims["iat"] = number(claims, "iat") - 420;
         });
     }},
    {"lo8-exp-missing", client_duty::accept, endpoint::end_session,
     "The logout token does not say when it expires, as it did not have to once.",
     [](authorization_server& server) {
         change_logout_token(server, [](json_object& claims) { claims.erase("exp"); });
     }},
    {"lo8-exp-missing-and-old", client_duty::refuse, endpoint::end_session,
     "The logout token does not say when it expires, and is ten minutes old.",
     [](authorization_server& server) {
         change_logout_token(server, [](json_object& claims) {
             claims.erase("exp");
             claims["iat"] = number(claims, "iat") - 600;
         });
     }},
    {"lo9-replayed", client_duty::refuse, endpoint::end_session,
     "Every logout has the logout token of the first one.",
     [](authorization_server& server) {
         server.on_signing(server_jwt::logout_token,
                           [&server, first = std::make_shared<first_text>()](const json_object& header,
                                                                             const json_object& claims) {
                               return first->keep(signed_by(server, header, claims));
                           });
     }},
    {"lo10-id-token-as-logout-token", client_duty::refuse, endpoint::end_session,
     "The logout token is an ID token.",
     [](authorization_server& server) {
         server.on_jwt(server_jwt::logout_token, [](json_object& header, json_object& claims) {
             header["typ"] = "JWT";
             claims.erase("events");
             claims.erase("jti");
             claims["nonce"] = random_token();
         });
     }},
    {"lo10-another-type", client_duty::refuse, endpoint::end_session,
     "The logout token says that it is an access token.",
     [](authorization_server& server) {
         server.on_jwt(server_jwt::logout_token,
                       [](json_object& header, json_object&) { header["typ"] = "at+jwt"; });
     }},
    {"lo10-no-type", client_duty::accept, endpoint::end_session, "The logout token does not say what it is.",
     [](authorization_server& server) {
         server.on_jwt(server_jwt::logout_token,
                       [](json_object& header, json_object&) { header.erase("typ"); });
     }},
    {"lo10-any-type", client_duty::accept, endpoint::end_session, "The logout token says that it is a JWT.",
     [](authorization_server& server) {
         server.on_jwt(server_jwt::logout_token,
                       [](json_object& header, json_object&) { header["typ"] = "JWT"; });
     }},
    {"lo13-keys-unavailable", client_duty::refuse, endpoint::end_session,
     "The key set cannot be had any more when the logout token comes, and it is signed with a new one.",
     [](authorization_server& server) {
         server.on_jwt(server_jwt::logout_token, [&server](json_object& header, json_object&) {
             server.on_request(endpoint::jwks, [](const server_request&) { return server_answer(503); });
             header["kid"] = "new";
         });
     }},
    {"lo17-endpoint-missing", client_duty::refuse, endpoint::end_session, "There is no endpoint for logout.",
     [](authorization_server& server) {
         change_json(server, endpoint::metadata,
                     [](json_object& metadata) { metadata.erase("end_session_endpoint"); });
     }},
    {"lo17-endpoint-without-tls", client_duty::refuse, endpoint::metadata,
     "The endpoint for logout is not https.",
     [](authorization_server& server) {
         change_json(server, endpoint::metadata, [](json_object& metadata) {
             metadata["end_session_endpoint"] = "http://server.example/logout";
         });
     }},
    {"lo15-frame-without-session", client_duty::refuse, endpoint::end_session,
     "The frame of the front channel says nothing, as any page's could.",
     [](authorization_server& server) {
         change_frames(server, [](std::string& uri) { uri.erase(uri.find("iss=") - 1); });
     }},
    {"lo15-frame-of-another-session", client_duty::refuse, endpoint::end_session,
     "The frame of the front channel names another session.",
     [](authorization_server& server) {
         change_frames(server, [](std::string& uri) {
             uri.replace(uri.find("sid="), std::string::npos, "sid=" + random_token());
         });
     }},
    {"lo15-frame-of-another-issuer", client_duty::refuse, endpoint::end_session,
     "The frame of the front channel names another issuer.",
     [](authorization_server& server) {
         change_frames(server, [](std::string& uri) { uri.insert(uri.find("iss=") + 4, "x"); });
     }},
    {"lo16-two-states", client_duty::refuse, endpoint::end_session, "After the logout there are two states.",
     [](authorization_server& server) {
         change_return(server, [](std::string& uri) { uri += "&state=" + random_token(); });
     }},
};

} // namespace coauth::inline COAUTH_MODE::testing::detail

#endif
