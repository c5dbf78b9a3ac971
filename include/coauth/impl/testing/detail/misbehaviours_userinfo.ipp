// Floor 5. For misbehaviours.ipp: userinfo that is not to be believed.
#ifndef COAUTH_IMPL_TESTING_DETAIL_MISBEHAVIOURS_USERINFO_IPP
#define COAUTH_IMPL_TESTING_DETAIL_MISBEHAVIOURS_USERINFO_IPP

#include <coauth/testing/authorization_server.hpp>
#include <coauth/testing/detail/spoiling.hpp>
#include <coauth/testing/misbehaviours.hpp>

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

namespace coauth::inline COAUTH_MODE::testing::detail {

inline constexpr misbehaviour userinfo_misbehaviours[] = {
    {"ui1-sub-in-another-case", client_duty::refuse, endpoint::userinfo,
     "Userinfo is about somebody whose name looks alike.",
     [](authorization_server& server) {
         change_json(server, endpoint::userinfo, [](json_object& claims) {
             claims["sub"] = std::string(claims.at("sub").as_string()) + " ";
         });
     }},
    {"ui2-sub-missing", client_duty::refuse, endpoint::userinfo, "Userinfo is about nobody.",
     [](authorization_server& server) {
         change_json(server, endpoint::userinfo, [](json_object& claims) { claims.erase("sub"); });
     }},
    {"ui2-sub-a-number", client_duty::refuse, endpoint::userinfo, "Userinfo is about a number.",
     [](authorization_server& server) {
         change_json(server, endpoint::userinfo, [](json_object& claims) { claims["sub"] = 1; });
     }},
    {"ui2-sub-empty", client_duty::refuse, endpoint::userinfo, "Userinfo is about nobody.",
     [](authorization_server& server) {
         change_json(server, endpoint::userinfo, [](json_object& claims) { claims["sub"] = ""; });
     }},
    {"ui2-sub-twice", client_duty::refuse, endpoint::userinfo, "Userinfo is about two.",
     [](authorization_server& server) {
         server.on_answer(endpoint::userinfo, [](const server_request&, server_answer& answer) {
             std::string body = answer.body();
             answer.set_body(body.insert(1, "\"sub\":\"somebody else\","));
         });
     }},
    {"ui3-not-signed", client_duty::refuse, endpoint::userinfo,
     "Userinfo is plain JSON; for clients that it should be signed for.",
     [](authorization_server& server) {
         server.on_signing(server_jwt::userinfo,
                           [](const json_object&, const json_object& claims) { return serialized(claims); });
         server.on_answer(endpoint::userinfo, [](const server_request&, server_answer& answer) {
             if (answer.status() == 200)
                 answer.set_field("Content-Type", "application/json");
         });
     }},
    {"ui4-signature-wrong", client_duty::refuse, endpoint::userinfo, "The signature of userinfo is wrong.",
     [](authorization_server& server) { change_compact(server, server_jwt::userinfo, spoil_signature); }},
    {"ui4-alg-none", client_duty::refuse, endpoint::userinfo, "Signed userinfo is not signed.",
     [](authorization_server& server) { server.on_signing(server_jwt::userinfo, unsigned_jwt); }},
    {"ui4-signature-of-another-key", client_duty::refuse, endpoint::userinfo,
     "Somebody else signed userinfo.",
     [](authorization_server& server) {
         server.on_signing(server_jwt::userinfo, [](const json_object& header, const json_object& claims) {
             return stranger(signing_algorithm::rs256).sign(header, claims);
         });
     }},
    {"ui4-iss-wrong", client_duty::refuse, endpoint::userinfo, "Signed userinfo is from another issuer.",
     [](authorization_server& server) {
         server.on_signing(server_jwt::userinfo, [&server](const json_object& header, json_object claims) {
             claims["iss"] = "https://attacker.example";
             return signed_by(server, header, claims);
         });
     }},
    {"ui4-aud-wrong", client_duty::refuse, endpoint::userinfo, "Signed userinfo is for another client.",
     [](authorization_server& server) {
         server.on_signing(server_jwt::userinfo, [&server](const json_object& header, json_object claims) {
             claims["aud"] = "somebody else";
             return signed_by(server, header, claims);
         });
     }},
    {"ui4-iss-and-aud-missing", client_duty::accept, endpoint::userinfo,
     "Signed userinfo does not say from whom and for whom it is.",
     [](authorization_server& server) {
         server.on_signing(server_jwt::userinfo, [&server](const json_object& header, json_object claims) {
             claims.erase("iss");
             claims.erase("aud");
             return signed_by(server, header, claims);
         });
     }},
    {"ui4-sub-of-another", client_duty::refuse, endpoint::userinfo, "Signed userinfo is about somebody else.",
     [](authorization_server& server) {
         server.on_signing(server_jwt::userinfo, [&server](const json_object& header, json_object claims) {
             claims["sub"] = "somebody else";
             return signed_by(server, header, claims);
         });
     }},
    {"ui4-expired", client_duty::refuse, endpoint::userinfo, "Signed userinfo expired.",
     [](authorization_server& server) {
         server.on_signing(server_jwt::userinfo, [&server](const json_object& header, json_object claims) {
             claims["exp"] = 1;
             return signed_by(server, header, claims);
         });
     }},
    {"ui6-token-refused", client_duty::refuse, endpoint::userinfo, "The access token is refused.",
     [](authorization_server& server) {
         server.on_request(endpoint::userinfo, [](const server_request&) {
             return server_answer(401).add_field("WWW-Authenticate", "Bearer error=\"invalid_token\"");
         });
     }},
    {"ui6-token-refused-without-a-word", client_duty::refuse, endpoint::userinfo,
     "The access token is refused without a reason.",
     [](authorization_server& server) {
         server.on_request(endpoint::userinfo, [](const server_request&) { return server_answer(403); });
     }},
    {"ui9-elsewhere", client_duty::refuse, endpoint::userinfo, "Userinfo is a redirect.",
     [](authorization_server& server) { redirect(server, endpoint::userinfo); }},
    {"ui10-too-large", client_duty::refuse, endpoint::userinfo, "Userinfo has two megabytes.",
     [](authorization_server& server) {
         change_json(server, endpoint::userinfo,
                     [](json_object& claims) { claims["padding"] = std::string(2'000'000, 'x'); });
     }},
    {"ui2-as-a-page", client_duty::refuse, endpoint::userinfo, "Userinfo is a web page.",
     [](authorization_server& server) {
         answer_with(server, endpoint::userinfo, "text/html", "<!doctype html>");
     }},
    {"ui2-an-array", client_duty::refuse, endpoint::userinfo, "Userinfo is an array.",
     [](authorization_server& server) { answer_with(server, endpoint::userinfo, "application/json", "[]"); }},
};

} // namespace coauth::inline COAUTH_MODE::testing::detail

#endif
