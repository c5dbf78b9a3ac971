// Floor 5. For misbehaviours.ipp: ID tokens that say what they should not.
#ifndef COAUTH_IMPL_TESTING_DETAIL_MISBEHAVIOURS_CLAIMS_IPP
#define COAUTH_IMPL_TESTING_DETAIL_MISBEHAVIOURS_CLAIMS_IPP

#include <coauth/testing/authorization_server.hpp>
#include <coauth/testing/detail/spoiling.hpp>
#include <coauth/testing/misbehaviours.hpp>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <memory>
#include <mutex>

namespace coauth::inline COAUTH_MODE::testing::detail {

/// The first text that it was given. Safe from all threads.
class first_text {
public:
    std::string keep(const std::string& given)
    {
        const std::lock_guard lock(mutex_);
        if (text_.empty())
            text_ = given;
        return text_;
    }

private:
    std::mutex mutex_;
    std::string text_;
};

inline constexpr misbehaviour claim_misbehaviours[] = {
    {"te20-id-token-missing", client_duty::refuse, endpoint::token, "There is no ID token.",
     [](authorization_server& server) {
         change_json(server, endpoint::token, [](json_object& body) { body.erase("id_token"); });
     }},
    {"te20-id-token-null", client_duty::refuse, endpoint::token, "The ID token is null.",
     [](authorization_server& server) {
         change_json(server, endpoint::token, [](json_object& body) { body["id_token"] = nullptr; });
     }},
    {"te20-id-token-a-number", client_duty::refuse, endpoint::token, "The ID token is a number.",
     [](authorization_server& server) {
         change_json(server, endpoint::token, [](json_object& body) { body["id_token"] = 1; });
     }},
    {"te20-id-token-empty", client_duty::refuse, endpoint::token, "The ID token is empty.",
     [](authorization_server& server) {
         change_json(server, endpoint::token, [](json_object& body) { body["id_token"] = ""; });
     }},
    {"id15-iss-missing", client_duty::refuse, endpoint::token, "The ID token does not say who issued it.",
     [](authorization_server& server) {
         change_claims(server, [](json_object& claims) { claims.erase("iss"); });
     }},
    {"id15-iss-an-array", client_duty::refuse, endpoint::token, "The ID token has several issuers.",
     [](authorization_server& server) {
         change_claims(server, [](json_object& claims) {
             claims["iss"] = boost::json::array{claims.at("iss"), "https://attacker.example"};
         });
     }},
    {"id15-iss-with-slash", client_duty::refuse, endpoint::token, "The ID token's issuer has a slash more.",
     [](authorization_server& server) {
         change_claims(server, [](json_object& claims) {
             claims["iss"] = std::string(claims.at("iss").as_string()) + "/";
         });
     }},
    {"id15-iss-shorter", client_duty::refuse, endpoint::token, "The ID token's issuer begins as it should.",
     [](authorization_server& server) {
         change_claims(server, [](json_object& claims) {
             std::string issuer(claims.at("iss").as_string());
             issuer.pop_back();
             claims["iss"] = issuer;
         });
     }},
    {"id15-iss-elsewhere", client_duty::refuse, endpoint::token, "The ID token's issuer is somebody else.",
     [](authorization_server& server) {
         change_claims(server, [](json_object& claims) { claims["iss"] = "https://attacker.example"; });
     }},
    {"id16-aud-an-empty-array", client_duty::refuse, endpoint::token, "The ID token is for nobody.",
     [](authorization_server& server) {
         change_claims(server, [](json_object& claims) { claims["aud"] = boost::json::array(); });
     }},
    {"id16-aud-a-number", client_duty::refuse, endpoint::token, "The ID token is for a number.",
     [](authorization_server& server) {
         change_claims(server, [](json_object& claims) { claims["aud"] = 1; });
     }},
    {"id16-aud-nested", client_duty::refuse, endpoint::token, "The audience is an array in an array.",
     [](authorization_server& server) {
         change_claims(server, [](json_object& claims) {
             claims["aud"] = boost::json::array(1, boost::json::array(1, claims.at("aud")));
         });
     }},
    {"id16-aud-with-a-number", client_duty::refuse, endpoint::token,
     "The audience is the client, and a number.",
     [](authorization_server& server) {
         change_claims(server, [](json_object& claims) {
             claims["aud"] = boost::json::array{claims.at("aud"), 1};
             claims["azp"] = claims.at("aud").at(0);
         });
     }},
    {"id17-aud-and-another", client_duty::refuse, endpoint::token, "The ID token is also for somebody else.",
     [](authorization_server& server) {
         change_claims(server, [](json_object& claims) {
             claims["azp"] = claims.at("aud");
             claims["aud"] = boost::json::array{claims.at("azp"), "somebody else"};
         });
     }},
    {"id17-azp-of-another", client_duty::refuse, endpoint::token, "The ID token was issued to somebody else.",
     [](authorization_server& server) {
         change_claims(server, [](json_object& claims) { claims["azp"] = "somebody else"; });
     }},
    {"id17-azp-a-number", client_duty::refuse, endpoint::token, "The ID token was issued to a number.",
     [](authorization_server& server) {
         change_claims(server, [](json_object& claims) { claims["azp"] = 1; });
     }},
    {"id17-aud-an-array-of-one", client_duty::accept, endpoint::token,
     "The audience is an array with the client in it.",
     [](authorization_server& server) {
         change_claims(server, [](json_object& claims) {
             claims["azp"] = claims.at("aud");
             claims["aud"] = boost::json::array(1, claims.at("azp"));
         });
     }},
    {"id22-exp-missing", client_duty::refuse, endpoint::token, "The ID token does not expire.",
     [](authorization_server& server) {
         change_claims(server, [](json_object& claims) { claims.erase("exp"); });
     }},
    {"id22-exp-a-text", client_duty::refuse, endpoint::token, "The expiry is a text.",
     [](authorization_server& server) {
         change_claims(server,
                       [](json_object& claims) { claims["exp"] = std::to_string(number(claims, "exp")); });
     }},
    {"id22-exp-negative", client_duty::refuse, endpoint::token, "The ID token expired before time began.",
     [](authorization_server& server) {
         change_claims(server, [](json_object& claims) { claims["exp"] = -1; });
     }},
    {"id22-exp-infinite", client_duty::refuse, endpoint::token,
     "The expiry is a number that nothing can hold.",
     [](authorization_server& server) {
         sign_text(server, nullptr,
                   [](std::string& payload) { payload.replace(payload.find("\"exp\":") + 6, 10, "1e400"); });
     }},
    {"id22-exp-far", client_duty::accept, endpoint::token,
     "The ID token expires long after the end of the world.",
     [](authorization_server& server) {
         change_claims(server, [](json_object& claims) { claims["exp"] = 1e300; });
     }},
    {"id22-exp-a-fraction", client_duty::accept, endpoint::token, "The expiry has a fraction.",
     [](authorization_server& server) {
         change_claims(server, [](json_object& claims) {
             claims["exp"] = static_cast<double>(number(claims, "exp")) + 0.5;
         });
     }},
    {"id23-expired", client_duty::refuse, endpoint::token, "The ID token expired six minutes ago.",
     [](authorization_server& server) {
         change_claims(server, [](json_object& claims) {
             claims["exp"] = number(claims, "iat") - 360;
             claims["iat"] = number(claims, "iat") - 420;
         });
     }},
    {"id24-iat-a-text", client_duty::refuse, endpoint::token, "The time of issue is a text.",
     [](authorization_server& server) {
         change_claims(server,
                       [](json_object& claims) { claims["iat"] = std::to_string(number(claims, "iat")); });
     }},
    {"id25-iat-a-week-ago", client_duty::refuse, endpoint::token, "The ID token was issued a week ago.",
     [](authorization_server& server) {
         change_claims(server,
                       [](json_object& claims) { claims["iat"] = number(claims, "iat") - 7 * 24 * 3600; });
     }},
    {"id26-iat-in-an-hour", client_duty::refuse, endpoint::token, "The ID token will be issued in an hour.",
     [](authorization_server& server) {
         change_claims(server, [](json_object& claims) { claims["iat"] = number(claims, "iat") + 3600; });
     }},
    {"id26-nbf-in-an-hour", client_duty::refuse, endpoint::token, "The ID token will be good in an hour.",
     [](authorization_server& server) {
         change_claims(server, [](json_object& claims) { claims["nbf"] = number(claims, "iat") + 3600; });
     }},
    {"id26-clock-ahead", client_duty::accept, endpoint::token, "The server's clock is ten seconds ahead.",
     [](authorization_server& server) {
         change_claims(server, [](json_object& claims) { claims["iat"] = number(claims, "iat") + 10; });
     }},
    {"id27-sub-empty", client_duty::refuse, endpoint::token, "The ID token is about nobody.",
     [](authorization_server& server) {
         change_claims(server, [](json_object& claims) { claims["sub"] = ""; });
     }},
    {"id27-sub-a-number", client_duty::refuse, endpoint::token, "The ID token is about a number.",
     [](authorization_server& server) {
         change_claims(server, [](json_object& claims) { claims["sub"] = 1; });
     }},
    {"id27-sub-too-long", client_duty::refuse, endpoint::token, "The subject has 256 characters.",
     [](authorization_server& server) {
         change_claims(server, [](json_object& claims) { claims["sub"] = std::string(256, 's'); });
     }},
    {"id27-sub-as-long-as-can-be", client_duty::accept, endpoint::token, "The subject has 255 characters.",
     [](authorization_server& server) {
         change_claims(server, [](json_object& claims) { claims["sub"] = std::string(255, 's'); });
     }},
    {"id28-nonce-missing", client_duty::refuse, endpoint::token,
     "The ID token does not say to which sign-in it belongs.",
     [](authorization_server& server) {
         change_claims(server, [](json_object& claims) { claims.erase("nonce"); });
     }},
    {"id28-nonce-empty", client_duty::refuse, endpoint::token, "The ID token's nonce is empty.",
     [](authorization_server& server) {
         change_claims(server, [](json_object& claims) { claims["nonce"] = ""; });
     }},
    {"id28-nonce-a-number", client_duty::refuse, endpoint::token, "The ID token's nonce is a number.",
     [](authorization_server& server) {
         change_claims(server, [](json_object& claims) { claims["nonce"] = 1; });
     }},
    {"id29-replayed", client_duty::refuse, endpoint::token,
     "Every sign-in gets the ID token of the first one.",
     [](authorization_server& server) {
         change_sent(server,
                     [first = std::make_shared<first_text>()](std::string& jwt) { jwt = first->keep(jwt); });
     }},
    {"id30-at-hash-missing", client_duty::accept, endpoint::token,
     "The ID token does not say to which access token it belongs, as it need not.",
     [](authorization_server& server) {
         change_claims(server, [](json_object& claims) { claims.erase("at_hash"); });
     }},
    {"id30-at-hash-a-number", client_duty::refuse, endpoint::token,
     "The hash of the access token is a number.",
     [](authorization_server& server) {
         change_claims(server, [](json_object& claims) { claims["at_hash"] = 1; });
     }},
    {"id31-c-hash-a-number", client_duty::refuse, endpoint::token, "The hash of the code is a number.",
     [](authorization_server& server) {
         change_claims(server, [](json_object& claims) { claims["c_hash"] = 1; });
     }},
    {"id32-auth-time-missing", client_duty::refuse, endpoint::token,
     "The ID token does not say when the person signed in; for requests with max_age.",
     [](authorization_server& server) {
         change_claims(server, [](json_object& claims) { claims.erase("auth_time"); });
     }},
    {"id32-auth-time-a-text", client_duty::refuse, endpoint::token, "The time of the sign-in is a text.",
     [](authorization_server& server) {
         change_claims(server, [](json_object& claims) { claims["auth_time"] = "now"; });
     }},
    {"id32-auth-time-zero", client_duty::refuse, endpoint::token,
     "The person signed in when time began; for requests with max_age.",
     [](authorization_server& server) {
         change_claims(server, [](json_object& claims) { claims["auth_time"] = 0; });
     }},
    {"id32-auth-time-too-long-ago", client_duty::refuse, endpoint::token,
     "The person signed in two hours ago; for requests with max_age.",
     [](authorization_server& server) {
         change_claims(server,
                       [](json_object& claims) { claims["auth_time"] = number(claims, "iat") - 7200; });
     }},
    {"id33-acr-missing", client_duty::refuse, endpoint::token,
     "The ID token does not say how the person signed in; for requests that demand it.",
     [](authorization_server& server) {
         change_claims(server, [](json_object& claims) { claims.erase("acr"); });
     }},
    {"id33-acr-another", client_duty::refuse, endpoint::token,
     "The person signed in otherwise; for requests that demand it.",
     [](authorization_server& server) {
         change_claims(server, [](json_object& claims) { claims["acr"] = "0"; });
     }},
    {"id35-iss-twice", client_duty::refuse, endpoint::token, "The ID token has two issuers.",
     [](authorization_server& server) {
         sign_text(server, nullptr,
                   [](std::string& payload) { payload.insert(1, "\"iss\":\"https://attacker.example\","); });
     }},
    {"id35-sub-twice", client_duty::refuse, endpoint::token, "The ID token has two subjects.",
     [](authorization_server& server) {
         sign_text(server, nullptr,
                   [](std::string& payload) { payload.insert(1, "\"sub\":\"somebody else\","); });
     }},
};

/// Only of the ID tokens that refreshes give.
inline constexpr misbehaviour refresh_misbehaviours[] = {
    {"rf14-aud-and-another", client_duty::refuse, endpoint::token,
     "The refreshed ID token is also for somebody else.",
     [](authorization_server& server) {
         change_refreshed(server, [](json_object& claims) {
             claims["azp"] = claims.at("aud");
             claims["aud"] = boost::json::array{claims.at("azp"), "somebody else"};
         });
     }},
    {"rf14-azp-added", client_duty::refuse, endpoint::token,
     "The refreshed ID token names a party that the first one did not.",
     [](authorization_server& server) {
         change_refreshed(server, [](json_object& claims) { claims["azp"] = claims.at("aud"); });
     }},
    {"rf14-another-sign-in", client_duty::accept, endpoint::token,
     "The refreshed ID token is of another time of sign-in.",
     [](authorization_server& server) {
         change_refreshed(
             server, [](json_object& claims) { claims["auth_time"] = number(claims, "auth_time") - 100; });
     }},
    {"rf14-another-nonce", client_duty::refuse, endpoint::token, "The refreshed ID token has another nonce.",
     [](authorization_server& server) {
         change_refreshed(server, [](json_object& claims) { claims["nonce"] = random_token(); });
     }},
    {"rf14-older", client_duty::refuse, endpoint::token,
     "The refreshed ID token is older than the first one.",
     [](authorization_server& server) {
         change_refreshed(server, [](json_object& claims) { claims["iat"] = number(claims, "iat") - 300; });
     }},
    {"rf14-not-signed", client_duty::refuse, endpoint::token, "The refreshed ID token is not signed.",
     [](authorization_server& server) {
         server.on_signing(server_jwt::id_token,
                           [&server](const json_object& header, const json_object& claims) {
                               return claims.contains("nonce") ? signed_by(server, header, claims)
                                                               : unsigned_jwt(header, claims);
                           });
     }},
    {"rf15-id-token-missing", client_duty::accept, endpoint::token, "Refreshing gives no ID token.",
     [](authorization_server& server) {
         server.on_answer(endpoint::token, [](const server_request& request, server_answer& answer) {
             if (answer.status() != 200 || request.parameter("grant_type") != "refresh_token")
                 return;
             json_object body = boost::json::parse(answer.body()).as_object();
             body.erase("id_token");
             answer.set_body(serialized(body));
         });
     }},
};

} // namespace coauth::inline COAUTH_MODE::testing::detail

#endif
