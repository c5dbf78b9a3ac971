// Floor 5. For misbehaviours.ipp: metadata and key sets as a whole.
#ifndef COAUTH_IMPL_TESTING_DETAIL_MISBEHAVIOURS_DISCOVERY_IPP
#define COAUTH_IMPL_TESTING_DETAIL_MISBEHAVIOURS_DISCOVERY_IPP

#include <coauth/testing/authorization_server.hpp>
#include <coauth/testing/detail/spoiling.hpp>
#include <coauth/testing/misbehaviours.hpp>

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

namespace coauth::inline COAUTH_MODE::testing::detail {

inline constexpr misbehaviour discovery_misbehaviours[] = {
    {"ds1-issuer-with-slash", client_duty::refuse, endpoint::metadata,
     "The metadata's issuer has a slash more.",
     [](authorization_server& server) {
         change_json(server, endpoint::metadata, [](json_object& metadata) {
             metadata["issuer"] = std::string(metadata.at("issuer").as_string()) + "/";
         });
     }},
    {"ds1-issuer-in-capitals", client_duty::refuse, endpoint::metadata,
     "The metadata's issuer has another case.",
     [](authorization_server& server) {
         change_json(server, endpoint::metadata, [](json_object& metadata) {
             std::string issuer(metadata.at("issuer").as_string());
             metadata["issuer"] = issuer.replace(0, 5, "HTTPS");
         });
     }},
    {"ds2-issuer-missing", client_duty::refuse, endpoint::metadata, "The metadata name no issuer.",
     [](authorization_server& server) {
         change_json(server, endpoint::metadata, [](json_object& metadata) { metadata.erase("issuer"); });
     }},
    {"ds2-issuer-a-number", client_duty::refuse, endpoint::metadata, "The metadata's issuer is a number.",
     [](authorization_server& server) {
         change_json(server, endpoint::metadata, [](json_object& metadata) { metadata["issuer"] = 1; });
     }},
    {"ds5-token-endpoint-without-tls", client_duty::refuse, endpoint::metadata,
     "The token endpoint is not https.",
     [](authorization_server& server) {
         change_json(server, endpoint::metadata, [](json_object& metadata) {
             metadata["token_endpoint"] = "http://server.example/token";
         });
     }},
    {"ds6-token-endpoint-with-userinfo", client_duty::refuse, endpoint::metadata,
     "The token endpoint looks like one host and is another.",
     [](authorization_server& server) {
         change_json(server, endpoint::metadata, [](json_object& metadata) {
             metadata["token_endpoint"] = "https://server.example@attacker.example/token";
         });
     }},
    {"ds7-port-out-of-range", client_duty::refuse, endpoint::metadata,
     "A port that is too large, and one of today in 16 bits.",
     [](authorization_server& server) {
         change_json(server, endpoint::metadata, [](json_object& metadata) {
             metadata["token_endpoint"] = "https://server.example:99999/token";
         });
     }},
    {"ds8-host-empty", client_duty::refuse, endpoint::metadata, "The token endpoint has no host.",
     [](authorization_server& server) {
         change_json(server, endpoint::metadata,
                     [](json_object& metadata) { metadata["token_endpoint"] = "https:///token"; });
     }},
    {"ds8-host-percent-encoded", client_duty::refuse, endpoint::metadata,
     "The token endpoint's host has an encoded dot.",
     [](authorization_server& server) {
         change_json(server, endpoint::metadata, [](json_object& metadata) {
             metadata["token_endpoint"] = "https://server%2eexample/token";
         });
     }},
    {"ds12-jwks-uri-a-file", client_duty::refuse, endpoint::metadata, "The key set is a file.",
     [](authorization_server& server) {
         change_json(server, endpoint::metadata,
                     [](json_object& metadata) { metadata["jwks_uri"] = "file:///etc/passwd"; });
     }},
    {"ds12-jwks-uri-data", client_duty::refuse, endpoint::metadata, "The key set is in the URL.",
     [](authorization_server& server) {
         change_json(server, endpoint::metadata,
                     [](json_object& metadata) { metadata["jwks_uri"] = "data:application/json,{}"; });
     }},
    {"ds12-jwks-uri-without-tls", client_duty::refuse, endpoint::metadata, "The key set is not https.",
     [](authorization_server& server) {
         change_json(server, endpoint::metadata,
                     [](json_object& metadata) { metadata["jwks_uri"] = "http://server.example/jwks"; });
     }},
    {"ds12-jwks-uri-missing", client_duty::refuse, endpoint::metadata, "There is no key set.",
     [](authorization_server& server) {
         change_json(server, endpoint::metadata, [](json_object& metadata) { metadata.erase("jwks_uri"); });
     }},
    {"ds30-document-an-array", client_duty::refuse, endpoint::metadata, "The metadata are an array.",
     [](authorization_server& server) { answer_with(server, endpoint::metadata, "application/json", "[]"); }},
    {"ds30-document-empty", client_duty::refuse, endpoint::metadata, "The metadata are empty.",
     [](authorization_server& server) { answer_with(server, endpoint::metadata, "application/json", ""); }},
    {"ds30-document-not-json", client_duty::refuse, endpoint::metadata, "The metadata are a web page.",
     [](authorization_server& server) {
         answer_with(server, endpoint::metadata, "text/html", "<!doctype html>");
     }},
    {"ds30-document-twice-an-issuer", client_duty::refuse, endpoint::metadata,
     "The metadata name their issuer twice.",
     [](authorization_server& server) {
         server.on_answer(endpoint::metadata, [](const server_request&, server_answer& answer) {
             std::string body = answer.body();
             answer.set_body(body.insert(1, "\"issuer\":\"https://attacker.example\","));
         });
     }},
    {"ds30-document-too-large", client_duty::refuse, endpoint::metadata,
     "The metadata are larger than half a megabyte.",
     [](authorization_server& server) {
         change_json(server, endpoint::metadata,
                     [](json_object& metadata) { metadata["padding"] = std::string(600'000, 'x'); });
     }},
    {"ds30-document-too-deep", client_duty::refuse, endpoint::metadata, "The metadata are nested too deep.",
     [](authorization_server& server) {
         change_json(server, endpoint::metadata, [](json_object& metadata) {
             boost::json::value deep;
             for (int i = 0; i < 40; ++i)
                 deep = boost::json::array(1, deep);
             metadata["deep"] = deep;
         });
     }},
    {"ds30-token-endpoint-missing", client_duty::refuse, endpoint::metadata, "There is no token endpoint.",
     [](authorization_server& server) {
         change_json(server, endpoint::metadata,
                     [](json_object& metadata) { metadata.erase("token_endpoint"); });
     }},
    {"ds30-token-endpoint-a-number", client_duty::refuse, endpoint::metadata,
     "The token endpoint is a number.",
     [](authorization_server& server) {
         change_json(server, endpoint::metadata,
                     [](json_object& metadata) { metadata["token_endpoint"] = 1; });
     }},
    {"ds30-algorithms-a-text", client_duty::refuse, endpoint::metadata, "The algorithms are no list.",
     [](authorization_server& server) {
         change_json(server, endpoint::metadata, [](json_object& metadata) {
             metadata["id_token_signing_alg_values_supported"] = "RS256";
         });
     }},
    {"ds30-auth-methods-numbers", client_duty::refuse, endpoint::metadata,
     "The client authentication methods are numbers.",
     [](authorization_server& server) {
         change_json(server, endpoint::metadata, [](json_object& metadata) {
             metadata["token_endpoint_auth_methods_supported"] = boost::json::array{1, 2};
         });
     }},
    {"ds30-unknown-members", client_duty::accept, endpoint::metadata,
     "The metadata have members that nobody knows.",
     [](authorization_server& server) {
         change_json(server, endpoint::metadata, [](json_object& metadata) {
             metadata["x_one"] = boost::json::array{1, nullptr};
             metadata["x_two"].emplace_object();
         });
     }},
    {"tl14-metadata-elsewhere", client_duty::refuse, endpoint::metadata, "The metadata are a redirect.",
     [](authorization_server& server) { redirect(server, endpoint::metadata); }},
    {"tl14-keys-elsewhere", client_duty::refuse, endpoint::jwks, "The key set is a redirect.",
     [](authorization_server& server) { redirect(server, endpoint::jwks); }},
    {"ds17-keys-unavailable", client_duty::refuse, endpoint::jwks, "The key set cannot be had.",
     [](authorization_server& server) {
         server.on_request(endpoint::jwks, [](const server_request&) { return server_answer(503); });
     }},
    {"ds18-keys-an-object", client_duty::refuse, endpoint::jwks, "The keys are an object.",
     [](authorization_server& server) {
         change_json(server, endpoint::jwks, [](json_object& set) { set["keys"].emplace_object(); });
     }},
    {"ds18-keys-missing", client_duty::refuse, endpoint::jwks, "The key set has no keys.",
     [](authorization_server& server) {
         change_json(server, endpoint::jwks, [](json_object& set) { set.erase("keys"); });
     }},
    {"ds18-document-an-array", client_duty::refuse, endpoint::jwks, "The key set is an array.",
     [](authorization_server& server) { answer_with(server, endpoint::jwks, "application/json", "[]"); }},
    {"ds18-key-not-an-object", client_duty::refuse, endpoint::jwks, "One of the keys is a text.",
     [](authorization_server& server) {
         change_json(server, endpoint::jwks,
                     [](json_object& set) { set.at("keys").as_array().emplace_back("key"); });
     }},
    {"ds18-key-without-a-kind", client_duty::refuse, endpoint::jwks, "One of the keys does not say its kind.",
     [](authorization_server& server) {
         change_json(server, endpoint::jwks,
                     [](json_object& set) { set.at("keys").as_array().emplace_back(json_object{}); });
     }},
    {"ds18-no-keys", client_duty::refuse, endpoint::jwks, "The key set is empty.",
     [](authorization_server& server) {
         change_json(server, endpoint::jwks, [](json_object& set) { set["keys"].emplace_array(); });
     }},
    {"ds18-keys-twice", client_duty::refuse, endpoint::jwks, "The key set has two lists of keys.",
     [](authorization_server& server) {
         server.on_answer(endpoint::jwks, [](const server_request&, server_answer& answer) {
             std::string body = answer.body();
             answer.set_body(body.insert(1, "\"keys\":[],"));
         });
     }},
    {"ds20-too-many-keys", client_duty::refuse, endpoint::jwks, "There are thousands of keys.",
     [](authorization_server& server) {
         change_json(server, endpoint::jwks, [](json_object& set) {
             boost::json::array& keys = set.at("keys").as_array();
             keys.reserve(4000);
             while (keys.size() < 4000)
                 keys.emplace_back(json_object{{"kty", "x"}});
         });
     }},
    {"ds20-key-set-too-large", client_duty::refuse, endpoint::jwks,
     "The key set is larger than half a megabyte.",
     [](authorization_server& server) {
         change_json(server, endpoint::jwks,
                     [](json_object& set) { set["padding"] = std::string(600'000, 'x'); });
     }},
    {"ds26-keys-as-a-page", client_duty::refuse, endpoint::jwks, "The key set claims to be a web page.",
     [](authorization_server& server) {
         server.on_answer(endpoint::jwks, [](const server_request&, server_answer& answer) {
             answer.set_field("Content-Type", "text/html");
         });
     }},
    {"ds26-keys-of-their-own-type", client_duty::accept, endpoint::jwks, "The key set has a type of its own.",
     [](authorization_server& server) {
         server.on_answer(endpoint::jwks, [](const server_request&, server_answer& answer) {
             answer.set_field("Content-Type", "application/jwk-set+json");
         });
     }},
    {"ds27-keys-forever", client_duty::accept, endpoint::jwks,
     "The key set may be kept for thousands of years.",
     [](authorization_server& server) {
         server.on_answer(endpoint::jwks, [](const server_request&, server_answer& answer) {
             answer.set_field("Cache-Control", "max-age=1000000000000");
         });
     }},
    {"ds27-keys-not-to-be-kept", client_duty::accept, endpoint::jwks, "The key set must not be kept.",
     [](authorization_server& server) {
         server.on_answer(endpoint::jwks, [](const server_request&, server_answer& answer) {
             answer.set_field("Cache-Control", "no-store, max-age=-1");
         });
     }},
};

} // namespace coauth::inline COAUTH_MODE::testing::detail

#endif
