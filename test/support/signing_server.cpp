#include "signing_server.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <vector>

namespace coauth_test {

const coauth::signing_key& key_number(std::size_t index)
{
    static std::vector<coauth::signing_key> keys;
    while (keys.size() <= index)
        keys.push_back(coauth::signing_key::generate(coauth::signing_algorithm::es256));
    return keys[index];
}

std::string key_set_of(std::initializer_list<std::size_t> keys)
{
    boost::json::array all;
    for (const std::size_t index : keys)
        all.push_back(key_number(index).public_jwk());
    boost::json::object out;
    out["keys"] = std::move(all);
    return boost::json::serialize(out);
}

boost::json::object good_claims(std::string_view nonce)
{
    const std::int64_t now = seconds_now();
    boost::json::object out{
        {"iss", server_issuer}, {"sub", "person-1"}, {"aud", "client-1"}, {"iat", now}, {"exp", now + 600}};
    if (!nonce.empty())
        out["nonce"] = nonce;
    return out;
}

std::string signed_id_token(const boost::json::object& claims, std::size_t key)
{
    return key_number(key).sign({{"alg", "ES256"}, {"kid", key_number(key).key_id()}}, claims);
}

boost::json::object good_logout_claims(std::string_view token_id)
{
    boost::json::object out = good_claims("");
    out["jti"] = token_id;
    out["sid"] = "session-1";
    out["events"] = {{"http://schemas.openid.net/event/backchannel-logout", boost::json::object()}};
    return out;
}

std::string logout_body(const boost::json::object& claims, std::size_t key)
{
    return "logout_token=" + signed_id_token(claims, key);
}

std::string token_response_with(std::string_view id_token)
{
    return R"({"access_token":")" + canary_access_token + R"(","token_type":"Bearer","expires_in":3600,)" +
           R"("refresh_token":")" + canary_refresh_token + R"(","id_token":")" + std::string(id_token) +
           R"("})";
}

std::string refresh_response_with(std::string_view id_token)
{
    return R"({"access_token":")" + canary_new_access_token +
           R"(","token_type":"Bearer","expires_in":3600,"refresh_token":")" + canary_new_refresh_token +
           R"(","id_token":")" + std::string(id_token) + R"("})";
}

std::size_t count_requests(const scripted_transport& server, std::string_view method, std::string_view url)
{
    const auto sent = server.sent();
    return static_cast<std::size_t>(std::count_if(sent.begin(), sent.end(), [&](const recorded_request& one) {
        return one.method() == method && one.url() == url;
    }));
}

const coauth::token_set& tokens_of_a_person()
{
    static const coauth::token_set tokens = [] {
        openid_flow<> test;
        return test.sign_in();
    }();
    return tokens;
}

void check_lost(const coauth::result<coauth::token_set>& outcome, coauth::errc reason)
{
    check_refused(outcome, reason);
    BOOST_TEST(outcome.error().grant_spent());
    BOOST_TEST((outcome.error() == coauth::condition::reauthorization_required));
}

} // namespace coauth_test
