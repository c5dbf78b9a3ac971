#include <coauth/protocol/id_token_validation.hpp>

#include "../expect.hpp"
#include "../memory.hpp"
#include "signed_messages.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <boost/json/value_to.hpp>
#include <boost/test/unit_test.hpp>

#include <new>
#include <type_traits>

namespace {

using namespace coauth;
using namespace coauth::test;
using coauth::detail::id_token_expectations;
using coauth::detail::verify_id_token;
using std::chrono::seconds;
namespace json = boost::json;

// Examples of OpenID Connect Core A.3, A.4: of an access token and a code, with SHA-256.
constexpr std::string_view access_token = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
constexpr std::string_view access_token_hash = "77QmUPtjPfzWtF2AnpK9RQ";
constexpr std::string_view code = "Qcb0Orv1zh30vL1MPRsbm-diHiMwcLyZvn1arpZv-Jxf_11jnpEX3Tgfvk";
constexpr std::string_view code_hash = "LDktKdoQak3Pk0cnXxCltA";

json::object base_claims()
{
    return {{"iss", op_issuer},         {"sub", "248289761001"},   {"aud", our_client_id},
            {"exp", now_seconds + 300}, {"iat", now_seconds - 10}, {"nonce", filled_with(7).to_string()}};
}

/// A sign-in that waits for its token.
struct sign_in {
    openid_registration registration;
    random_value nonce = filled_with(7);
    limits bounds;
    id_token_expectations expected;

    sign_in()
    {
        expected.registration = &registration;
        expected.issuer = op_issuer;
        expected.client_id = our_client_id;
        expected.algorithms = default_signing_algorithms;
        expected.keys = &test_provider::instance().keys();
        expected.nonce = &nonce;
        expected.access_token = access_token;
        expected.code = code;
        expected.now = test_now;
    }
    sign_in(const sign_in&) = delete;
    sign_in& operator=(const sign_in&) = delete;

    result<verified_id_token> verify(const json::object& claims, const json::object& header = {}) const
    {
        return verify_id_token(test_provider::instance().sign(claims, header), expected, bounds);
    }
    std::string outcome(const json::object& claims) const { return outcome_name(verify(claims)); }
    std::string outcome_with(std::string_view name, const claim_value& value) const
    {
        return outcome(with(base_claims(), name, value));
    }
    std::string outcome_without(std::string_view name) const { return outcome(without(base_claims(), name)); }
};

/// A refresh some minutes after it.
struct refresh : sign_in {
    verified_id_token original;

    explicit refresh(const json::object& claims) : original(verify(claims).value())
    {
        expected.previous = &original;
        expected.now = test_now + seconds(3600);
        expected.nonce = nullptr;
        expected.code = {};
    }

    static json::object refreshed(json::object claims)
    {
        claims.erase("nonce");
        claims["exp"] = now_seconds + 3900;
        claims["iat"] = now_seconds + 3590;
        return claims;
    }
};

constexpr std::string_view missing = "coauth.client:claim_missing";
constexpr std::string_view invalid = "coauth.client:claim_invalid";
constexpr std::string_view other_issuer = "coauth.client:id_token_issuer_mismatch";
constexpr std::string_view other_audience = "coauth.client:audience_mismatch";
constexpr std::string_view other_party = "coauth.client:authorized_party_mismatch";
constexpr std::string_view expired = "coauth.client:token_expired";
constexpr std::string_view not_yet = "coauth.client:token_not_yet_valid";
constexpr std::string_view too_old = "coauth.client:token_too_old";
constexpr std::string_view other_nonce = "coauth.client:nonce_mismatch";
constexpr std::string_view other_hash = "coauth.client:token_hash_mismatch";
constexpr std::string_view other_type = "coauth.client:token_type_mismatch";
constexpr std::string_view authenticated_too_long_ago = "coauth.client:authentication_too_old";
constexpr std::string_view other_context = "coauth.client:authentication_context_mismatch";

} // namespace

BOOST_AUTO_TEST_SUITE(protocol_id_token)

BOOST_AUTO_TEST_CASE(a_token_with_all_claims)
{
    sign_in login;
    login.registration.set_trusted_audiences({"api"});
    login.expected.max_age = seconds(60);
    login.expected.required_acr = "silver gold";
    json::object claims = base_claims();
    claims["aud"] = list({"api", our_client_id});
    claims["azp"] = our_client_id;
    claims["auth_time"] = now_seconds - 20.5;
    claims["nbf"] = now_seconds;
    claims["acr"] = "gold";
    claims["sid"] = "08a5019c";
    claims["at_hash"] = access_token_hash;
    claims["c_hash"] = code_hash;
    claims["email"] = "jane@example.com";
    claims["age"] = 42;
    const std::string compact = test_provider::instance().sign(claims, {{"typ", "JWT"}});
    auto token = verify_id_token(compact, login.expected, login.bounds);
    BOOST_TEST_REQUIRE(outcome_name(token) == "ok");
    const verified_id_token copy = *token;
    token = errc::malformed_jwt;
    BOOST_TEST(copy.issuer() == op_issuer);
    BOOST_TEST(copy.subject() == "248289761001");
    BOOST_TEST_REQUIRE(copy.audience().size() == 2u);
    BOOST_TEST(copy.audience()[0] == "api");
    BOOST_TEST(copy.audience()[1] == our_client_id);
    BOOST_TEST(copy.authorized_party() == our_client_id);
    BOOST_TEST((copy.expires_at() == test_now + seconds(300)));
    BOOST_TEST((copy.issued_at() == test_now - seconds(10)));
    BOOST_TEST((copy.authenticated_at() == test_now - std::chrono::milliseconds(20'500)));
    BOOST_TEST(copy.authentication_context() == "gold");
    BOOST_TEST(copy.session_id() == "08a5019c");
    BOOST_TEST(copy.claim("email") == "jane@example.com");
    BOOST_TEST(copy.claim("age") == "");
    BOOST_TEST(copy.claim("nickname") == "");
    BOOST_TEST(copy.claims().at("age").as_int64() == 42);
    BOOST_TEST(copy.encoded().expose() == compact);
}

BOOST_AUTO_TEST_CASE(a_token_with_the_required_claims_only)
{
    const sign_in login;
    const auto token = login.verify(base_claims());
    BOOST_TEST_REQUIRE(outcome_name(token) == "ok");
    BOOST_TEST_REQUIRE(token->audience().size() == 1u);
    BOOST_TEST(token->audience()[0] == our_client_id);
    BOOST_TEST(token->authorized_party() == "");
    BOOST_TEST(!token->authenticated_at().has_value());
    BOOST_TEST(token->authentication_context() == "");
    BOOST_TEST(token->session_id() == "");
    // One audience in an array is one audience.
    const auto in_array = login.verify(with(base_claims(), "aud", list({our_client_id})));
    BOOST_TEST_REQUIRE(outcome_name(in_array) == "ok");
    BOOST_TEST_REQUIRE(in_array->audience().size() == 1u);
    BOOST_TEST(in_array->audience()[0] == our_client_id);
    // Some write null for what they leave out.
    for (const std::string_view name :
         {"azp", "nbf", "auth_time", "acr", "sid", "at_hash", "c_hash", "events"})
        BOOST_TEST(login.outcome_with(name, nullptr) == "ok", name);
}

BOOST_AUTO_TEST_CASE(ID15_issuer_invalid_iss_invalid_missing_iss)
{
    const sign_in login;
    BOOST_TEST(login.outcome_without("iss") == missing);
    BOOST_TEST(login.outcome_with("iss", nullptr) == missing);
    for (const std::string_view other :
         {"https://op.example/", "https://op.exampl", "https://op.example.attacker.example",
          "HTTPS://op.example", "https://OP.example", "https://op.example:443", "https://attacker.example",
          "op.example", " ", "https://op.example "})
        BOOST_TEST(login.outcome_with("iss", other) == other_issuer, other);
    BOOST_TEST(login.outcome_with("iss", "") == invalid);
    for (const json::value& value : no_strings())
        BOOST_TEST(login.outcome_with("iss", value) == invalid, value);
    BOOST_TEST(login.outcome_with("iss", list({op_issuer})) == invalid);
    // A server without a name has no tokens.
    sign_in nameless;
    nameless.expected.issuer = {};
    BOOST_TEST(nameless.outcome(base_claims()) == other_issuer);
    BOOST_TEST(nameless.outcome_with("iss", "") == invalid);
}

BOOST_AUTO_TEST_CASE(ID15_issuer_of_one_tenant_of_many)
{
    sign_in login;
    login.expected.issuer = "https://login.example/{tenantid}/v2.0";
    login.registration.set_multi_tenant_issuer(
        multi_tenant_issuer("https://login.example/{tenantid}/v2.0", {"aaa-1", "bbb-2"}));
    const auto outcome = [&login](std::string_view issuer, const claim_value& tenant) {
        return login.outcome(with(with(base_claims(), "iss", issuer), "tid", tenant));
    };
    BOOST_TEST(outcome("https://login.example/aaa-1/v2.0", "aaa-1") == "ok");
    BOOST_TEST(outcome("https://login.example/bbb-2/v2.0", "bbb-2") == "ok");
    BOOST_TEST(outcome("https://login.example/aaa-1/v2.0", "bbb-2") == other_issuer);
    BOOST_TEST(outcome("https://login.example/ccc-3/v2.0", "ccc-3") == other_issuer);
    BOOST_TEST(outcome("https://login.example/aaa-1/v2.0", nullptr) == other_issuer);
    BOOST_TEST(outcome("https://login.example/aaa-1/v2.0", 1) == other_issuer);
    // The template itself is nobody's issuer.
    BOOST_TEST(outcome("https://login.example/{tenantid}/v2.0", "{tenantid}") == other_issuer);
    BOOST_TEST(login.outcome_with("iss", "https://login.example/{tenantid}/v2.0") == other_issuer);
}

BOOST_AUTO_TEST_CASE(ID16_audience_invalid_aud_missing_aud)
{
    const sign_in login;
    BOOST_TEST(login.outcome_without("aud") == missing);
    BOOST_TEST(login.outcome_with("aud", nullptr) == missing);
    for (const std::string_view other : {"client-2", "client-", "client-12", "CLIENT-1", "", " client-1"}) {
        BOOST_TEST(login.outcome_with("aud", other) == other_audience, other);
        BOOST_TEST(login.outcome_with("aud", list({other})) == other_audience, other);
    }
    BOOST_TEST(login.outcome_with("aud", list({})) == other_audience);
    const json::array nested{list({our_client_id}), list({our_client_id})};
    const json::array mixed{json::string(our_client_id), 1};
    for (const json::value& value : {json::value(1), json::value(true), json::value(json::object()),
                                     json::value(nested), json::value(mixed)})
        BOOST_TEST(login.outcome_with("aud", value) == invalid, value);
    json::array one_number;
    one_number.emplace_back(1);
    BOOST_TEST(login.outcome_with("aud", one_number) == invalid);
    // Nobody is not somebody: neither an empty name nor an empty list names a client without an identifier.
    sign_in nobody;
    nobody.expected.client_id = {};
    BOOST_TEST(nobody.outcome_with("aud", "") == other_audience);
    BOOST_TEST(nobody.outcome_with("aud", list({})) == other_audience);
}

BOOST_AUTO_TEST_CASE(ID17_audiences_invalid_secondary_aud)
{
    sign_in login;
    const auto outcome = [&login](const claim_value& audience, const claim_value& party) {
        return login.outcome(with(with(base_claims(), "aud", audience), "azp", party));
    };
    BOOST_TEST(outcome(list({our_client_id, "api"}), our_client_id) == other_audience);
    login.registration.set_trusted_audiences({"api", "second"});
    BOOST_TEST(outcome(list({our_client_id, "api"}), our_client_id) == "ok");
    BOOST_TEST(outcome(list({"second", our_client_id, "api"}), our_client_id) == "ok");
    BOOST_TEST(outcome(list({our_client_id, "api", "third"}), our_client_id) == other_audience);
    // That others are trusted does not make their tokens ours.
    BOOST_TEST(outcome(list({"api", "second"}), our_client_id) == other_audience);
    BOOST_TEST(outcome("api", our_client_id) == other_audience);
    // 3.1.3.7 (4), (5)
    BOOST_TEST(outcome(list({our_client_id, "api"}), nullptr) == missing);
    BOOST_TEST(outcome(list({our_client_id, "api"}), "api") == other_party);
    BOOST_TEST(outcome(our_client_id, "api") == other_party);
    BOOST_TEST(outcome(our_client_id, "") == other_party);
    BOOST_TEST(outcome(our_client_id, our_client_id) == "ok");
    for (const json::value& value : no_strings())
        BOOST_TEST(outcome(our_client_id, value) == invalid, value);
}

BOOST_AUTO_TEST_CASE(ID22_exp_missing_or_no_number_invalid_missing_exp)
{
    const sign_in login;
    BOOST_TEST(login.outcome_without("exp") == missing);
    BOOST_TEST(login.outcome_with("exp", nullptr) == missing);
    for (const json::value& value : no_times())
        BOOST_TEST(login.outcome_with("exp", value) == invalid, value);
    sign_in odd; // numbers that only text can hold
    odd.registration.set_id_token_signed_response_alg(shared_secret());
    for (const std::string_view number : {"1e400", "1e99999", "-1e400", "-1e-400"}) {
        std::string text = json::serialize(without(base_claims(), "exp"));
        text.replace(0, 1, "{\"exp\":" + std::string(number) + ",");
        BOOST_TEST(outcome_name(verify_id_token(sign_text(text), odd.expected, odd.bounds)) ==
                       (number == "-1e-400" ? expired : invalid),
                   number);
    }
    BOOST_TEST(login.outcome_with("exp", now_seconds + 0.5) == "ok");
    BOOST_TEST(login.outcome_with("exp", static_cast<double>(now_seconds) + 1e3) == "ok");
    // The clock's last second stands for everything behind it.
    const verified_id_token::time_point latest{seconds(9'000'000'000)};
    for (const json::value& value :
         {json::value(1e300), json::value(UINT64_MAX), json::value(INT64_MAX), json::value(9'000'000'001)}) {
        const auto token = login.verify(with(base_claims(), "exp", value));
        BOOST_TEST_REQUIRE(outcome_name(token) == "ok", value);
        BOOST_TEST((token->expires_at() == latest));
    }
    const auto fraction = login.verify(with(base_claims(), "exp", now_seconds + 0.25));
    BOOST_TEST((fraction->expires_at() == test_now + std::chrono::milliseconds(250)));
    BOOST_TEST(login.outcome_with("exp", 0) == expired);
    BOOST_TEST(login.outcome_with("exp", -0.0) == expired);
}

BOOST_AUTO_TEST_CASE(ID23_expired_invalid_expired_exp)
{
    sign_in login;
    BOOST_TEST(login.outcome_with("exp", now_seconds - 360) == expired);
    BOOST_TEST(login.outcome_with("exp", now_seconds - 30) == expired);
    BOOST_TEST(login.outcome_with("exp", now_seconds - 29.5) == "ok");
    login.bounds.clock_tolerance = seconds(0);
    BOOST_TEST(login.outcome_with("exp", now_seconds) == expired);
    BOOST_TEST(login.outcome_with("exp", now_seconds + 1) == "ok");
    // No clock and no tolerance, however odd, makes the arithmetic overflow.
    login.bounds.clock_tolerance = seconds::max();
    BOOST_TEST(login.outcome_with("exp", 0) == "ok");
    login.bounds.clock_tolerance = seconds(30);
    login.expected.now = verified_id_token::time_point::max();
    BOOST_TEST(login.outcome_with("exp", 1e300) == expired);
    login.expected.now = verified_id_token::time_point::min();
    BOOST_TEST(login.outcome_with("exp", 0) == not_yet); // iat
}

BOOST_AUTO_TEST_CASE(ID24_missing_iat)
{
    const sign_in login;
    BOOST_TEST(login.outcome_without("iat") == missing);
    BOOST_TEST(login.outcome_with("iat", nullptr) == missing);
    for (const json::value& value : no_times())
        BOOST_TEST(login.outcome_with("iat", value) == invalid, value);
    BOOST_TEST(login.outcome_with("iat", now_seconds - 0.5) == "ok");
}

BOOST_AUTO_TEST_CASE(ID25_issued_long_ago)
{
    sign_in login;
    BOOST_TEST(login.outcome_with("iat", now_seconds - 7 * 24 * 3600) == too_old);
    BOOST_TEST(login.outcome_with("iat", 0) == too_old);
    BOOST_TEST(login.outcome_with("iat", now_seconds - 630) == "ok"); // the age, and the tolerance
    BOOST_TEST(login.outcome_with("iat", now_seconds - 631) == too_old);
    login.bounds.id_token_age = seconds(60);
    BOOST_TEST(login.outcome_with("iat", now_seconds - 90) == "ok");
    BOOST_TEST(login.outcome_with("iat", now_seconds - 91) == too_old);
    login.bounds.id_token_age = seconds::max();
    BOOST_TEST(login.outcome_with("iat", 0) == "ok");
}

BOOST_AUTO_TEST_CASE(ID26_from_the_future)
{
    const sign_in login;
    for (const std::string_view name : {"iat", "nbf", "auth_time"}) {
        BOOST_TEST(login.outcome_with(name, now_seconds + 30) == "ok", name);
        BOOST_TEST(login.outcome_with(name, now_seconds + 31) == not_yet, name);
        BOOST_TEST(login.outcome_with(name, 1e300) == not_yet, name);
    }
    for (const json::value& value : no_times()) {
        BOOST_TEST(login.outcome_with("nbf", value) == invalid, value);
        BOOST_TEST(login.outcome_with("auth_time", value) == invalid, value);
    }
    BOOST_TEST(login.outcome_with("nbf", 0) == "ok");
}

BOOST_AUTO_TEST_CASE(ID27_missing_sub)
{
    const sign_in login;
    BOOST_TEST(login.outcome_without("sub") == missing);
    BOOST_TEST(login.outcome_with("sub", nullptr) == missing);
    for (const json::value& value : no_strings())
        BOOST_TEST(login.outcome_with("sub", value) == invalid, value);
    for (const std::string_view text :
         {std::string_view(), bytes("admin\0x"), bytes("\n"), bytes("a\x1f"), bytes("\x7f")})
        BOOST_TEST(login.outcome_with("sub", text) == invalid, text);
    BOOST_TEST(login.outcome_with("sub", std::string(255, 'x')) == "ok");
    BOOST_TEST(login.outcome_with("sub", std::string(256, 'x')) == invalid);
    BOOST_TEST(login.verify(with(base_claims(), "sub", " a|b:c@d/\xc3\xa9 "))->subject() ==
               " a|b:c@d/\xc3\xa9 ");
}

BOOST_AUTO_TEST_CASE(ID28_nonce_invalid_invalid_nonce_invalid_missing_nonce)
{
    sign_in login;
    BOOST_TEST(login.outcome_without("nonce") == other_nonce);
    BOOST_TEST(login.outcome_with("nonce", nullptr) == other_nonce);
    const std::string sent = filled_with(7).to_string();
    for (const std::string& other : {std::string(), filled_with(8).to_string(), sent + "=", sent + "A",
                                     sent.substr(1), sent.substr(0, 42), "C" + sent.substr(1)})
        BOOST_TEST(login.outcome_with("nonce", other) == other_nonce, other);
    for (const json::value& value : no_strings())
        BOOST_TEST(login.outcome_with("nonce", value) == other_nonce, value);
    BOOST_TEST(login.outcome_with("nonce", list({sent})) == other_nonce);
    // None was sent: then whose is it?
    login.expected.nonce = nullptr;
    BOOST_TEST(login.outcome(base_claims()) == other_nonce);
    BOOST_TEST(login.outcome_with("nonce", "") == other_nonce);
    BOOST_TEST(login.outcome_with("nonce", 1) == other_nonce);
    BOOST_TEST(login.outcome_without("nonce") == "ok");
    BOOST_TEST(login.outcome_with("nonce", nullptr) == "ok");
}

BOOST_AUTO_TEST_CASE(ID30_ID31_hashes_invalid_athash_invalid_chash)
{
    const sign_in login;
    const std::pair<std::string_view, std::string_view> hashes[] = {{"at_hash", access_token_hash},
                                                                    {"c_hash", code_hash}};
    for (const auto& [name, right] : hashes) {
        BOOST_TEST(login.outcome_with(name, right) == "ok", name);
        const std::string text(right);
        for (const std::string& wrong : {std::string(), text + "=", text + "A", text.substr(1),
                                         text.substr(0, 21), "A" + text.substr(1), std::string(22, 'A')})
            BOOST_TEST(login.outcome_with(name, wrong) == other_hash, wrong);
        for (const json::value& value : no_strings())
            BOOST_TEST(login.outcome_with(name, value) == invalid, value);
    }
    // One for the other.
    BOOST_TEST(login.outcome_with("at_hash", code_hash) == other_hash);
    BOOST_TEST(login.outcome_with("c_hash", access_token_hash) == other_hash);
}

BOOST_AUTO_TEST_CASE(ID32_max_age)
{
    sign_in login;
    login.expected.max_age = seconds(300);
    BOOST_TEST(login.outcome(base_claims()) == authenticated_too_long_ago);
    BOOST_TEST(login.outcome_with("auth_time", nullptr) == authenticated_too_long_ago);
    BOOST_TEST(login.outcome_with("auth_time", "1790000000") == invalid);
    BOOST_TEST(login.outcome_with("auth_time", 0) == authenticated_too_long_ago);
    BOOST_TEST(login.outcome_with("auth_time", now_seconds - 330) == "ok");
    BOOST_TEST(login.outcome_with("auth_time", now_seconds - 331) == authenticated_too_long_ago);
    BOOST_TEST(login.outcome_with("auth_time", now_seconds) == "ok");
    login.expected.max_age = seconds(0);
    BOOST_TEST(login.outcome_with("auth_time", now_seconds - 30) == "ok");
    BOOST_TEST(login.outcome_with("auth_time", now_seconds - 31) == authenticated_too_long_ago);
    login.expected.max_age = seconds::max();
    BOOST_TEST(login.outcome_with("auth_time", 0) == "ok");
    BOOST_TEST(login.outcome(base_claims()) == authenticated_too_long_ago);
}

BOOST_AUTO_TEST_CASE(ID33_authentication_context)
{
    sign_in login;
    for (const json::value& value : no_strings())
        BOOST_TEST(login.outcome_with("acr", value) == invalid, value);
    BOOST_TEST(login.outcome_with("acr", "0") == "ok");
    for (const std::string_view demanded : {"urn:mace:silver urn:mace:gold", "urn:mace:gold",
                                            " urn:mace:gold", "urn:mace:gold  x ", "a  urn:mace:gold"}) {
        login.expected.required_acr = demanded;
        BOOST_TEST(login.outcome_with("acr", "urn:mace:gold") == "ok", demanded);
        for (const std::string_view other : {"", " ", "urn:mace:gol", "urn:mace:golden", "urn:mace",
                                             "URN:MACE:GOLD", "urn:mace:silver urn:mace:gold"})
            BOOST_TEST(login.outcome_with("acr", other) == other_context, other);
        BOOST_TEST(login.outcome(base_claims()) == other_context, demanded);
        BOOST_TEST(login.outcome_with("acr", nullptr) == other_context, demanded);
    }
    login.expected.required_acr = " "; // nothing would do
    BOOST_TEST(login.outcome_with("acr", "") == other_context);
}

BOOST_AUTO_TEST_CASE(ID35_claims_that_occur_twice)
{
    sign_in login;
    login.registration.set_id_token_signed_response_alg(shared_secret());
    const std::string text = json::serialize(base_claims());
    const auto outcome = [&](std::string_view payload) {
        return outcome_name(verify_id_token(sign_text(payload), login.expected, login.bounds));
    };
    BOOST_TEST(outcome(text) == "ok");
    for (const std::string_view more :
         {R"("iss":"https://op.example")", R"("iss":"https://x.example")", R"("sub":"x")",
          R"("aud":"client-1")", R"("x":{"y":1,"y":1})", R"("is\u0073":"https://op.example")"})
        BOOST_TEST(outcome("{" + std::string(more) + "," + text.substr(1)) ==
                       "coauth.client:duplicate_member",
                   more);
}

BOOST_AUTO_TEST_CASE(ID38_an_email_address_is_nobody)
{
    const sign_in login;
    json::object claims = without(base_claims(), "sub");
    claims["email"] = "jane@example.com";
    claims["email_verified"] = true;
    BOOST_TEST(login.outcome(claims) == missing);
    claims["sub"] = "1";
    BOOST_TEST(login.verify(claims)->subject() == "1");
}

BOOST_AUTO_TEST_CASE(ID39_no_claims_before_the_checks)
{
    using token = verified_id_token;
    static_assert(!std::is_default_constructible_v<token>);
    static_assert(!std::is_constructible_v<token, std::string_view> &&
                  !std::is_constructible_v<token, std::string>);
    static_assert(!std::is_constructible_v<token, secret> && !std::is_constructible_v<token, json::object>);
    static_assert(!std::is_constructible_v<token, std::shared_ptr<const detail::id_token_storage>>);
    const sign_in login;
    BOOST_CHECK_THROW(login.verify(without(base_claims(), "sub")).value(), exception);
}

BOOST_AUTO_TEST_CASE(ID40_another_issuers_key)
{
    const sign_in login;
    // Their key under our provider's name, and with its key's name, too.
    const std::string forged = test_provider::other().sign(base_claims());
    BOOST_TEST(outcome_name(verify_id_token(forged, login.expected, login.bounds)) ==
               "coauth.client:signing_key_unknown");
    const std::string real = test_provider::instance().sign(base_claims());
    const std::string mixed = real.substr(0, real.rfind('.')) + forged.substr(forged.rfind('.'));
    BOOST_TEST(outcome_name(verify_id_token(mixed, login.expected, login.bounds)) ==
               "coauth.client:signature_invalid");
    // Our provider's key under another one's name.
    BOOST_TEST(login.outcome_with("iss", "https://attacker.example") == other_issuer);
    // Before there are keys there is nobody's.
    sign_in early;
    early.expected.keys = nullptr;
    BOOST_TEST(early.outcome(base_claims()) == "coauth.client:signing_key_unknown");
}

BOOST_AUTO_TEST_CASE(ID2_ID3_a_secret_or_keys_never_both)
{
    sign_in login;
    const std::string with_secret = sign_text(json::serialize(base_claims()));
    const auto outcome = [&login](std::string_view compact) {
        return outcome_name(verify_id_token(compact, login.expected, login.bounds));
    };
    BOOST_TEST(outcome(with_secret) == "coauth.client:algorithm_not_allowed");
    login.registration.set_id_token_signed_response_alg(shared_secret());
    BOOST_TEST(outcome(with_secret) == "ok");
    BOOST_TEST(login.outcome(base_claims()) == "coauth.client:algorithm_not_allowed");
    login.registration.set_id_token_signed_response_alg(
        hmac_key(hmac_algorithm::hs256, secret("another secret of at least 32 octets!")));
    BOOST_TEST(outcome(with_secret) == "coauth.client:signature_invalid");
}

BOOST_AUTO_TEST_CASE(ID4_algorithms_that_were_agreed_on)
{
    sign_in login;
    login.expected.algorithms = {signing_algorithm::rs256, signing_algorithm::ps256};
    BOOST_TEST(login.outcome(base_claims()) == "coauth.client:algorithm_not_allowed");
    login.expected.algorithms.insert(signing_algorithm::es256);
    BOOST_TEST(login.outcome(base_claims()) == "ok");
}

BOOST_AUTO_TEST_CASE(LO10_other_kinds_of_tokens)
{
    const sign_in login;
    const auto outcome = [&login](std::string_view type) {
        return outcome_name(login.verify(base_claims(), {{"typ", type}}));
    };
    for (const std::string_view type : {"JWT", "jwt", "Jwt", ""})
        BOOST_TEST(outcome(type) == "ok", type);
    for (const std::string_view type :
         {"logout+jwt", "at+jwt", "dpop+jwt", "secevent+jwt", "JW", "JWTx", "JOSE", " "})
        BOOST_TEST(outcome(type) == other_type, type);
    constexpr std::string_view event = "http://schemas.openid.net/event/backchannel-logout";
    for (const json::value& value : {json::value(json::object()), json::value(nullptr), json::value(1)}) {
        json::object events;
        events[event] = value;
        BOOST_TEST(login.outcome_with("events", events) == other_type, value);
    }
    // A claim of that name that is something else.
    BOOST_TEST(login.outcome_with("events", json::object{{"x", 1}}) == "ok");
    BOOST_TEST(login.outcome_with("events", event) == "ok");
}

BOOST_AUTO_TEST_CASE(sid_is_a_string)
{
    const sign_in login;
    for (const json::value& value : no_strings())
        BOOST_TEST(login.outcome_with("sid", value) == invalid, value);
}

BOOST_AUTO_TEST_CASE(RF12_another_issuer_refresh_token_invalid_issuer)
{
    const refresh again(base_claims());
    const json::object claims = refresh::refreshed(base_claims());
    BOOST_TEST(again.outcome(claims) == "ok");
    BOOST_TEST(again.outcome(with(claims, "iss", "https://x.example")) == other_issuer);
    BOOST_TEST(again.outcome(without(claims, "iss")) == missing);
    // Two tenants of one provider are two issuers.
    sign_in login;
    login.expected.issuer = "https://login.example/{tenantid}";
    login.registration.set_multi_tenant_issuer(multi_tenant_issuer("https://login.example/{tenantid}"));
    const auto of_tenant = [](json::object from, const std::string& tenant) {
        from["iss"] = "https://login.example/" + tenant;
        from["tid"] = tenant;
        return from;
    };
    const auto original = login.verify(of_tenant(base_claims(), "a"));
    BOOST_TEST_REQUIRE(outcome_name(original) == "ok");
    login.expected.previous = &*original;
    login.expected.now = again.expected.now;
    BOOST_TEST(login.outcome(of_tenant(claims, "a")) == "ok");
    BOOST_TEST(login.outcome(of_tenant(claims, "b")) == other_issuer);
}

BOOST_AUTO_TEST_CASE(RF13_another_subject_refresh_token_invalid_sub)
{
    const refresh again(base_claims());
    const json::object claims = refresh::refreshed(base_claims());
    BOOST_TEST(again.outcome(with(claims, "sub", "248289761002")) == "coauth.client:subject_mismatch");
    BOOST_TEST(again.outcome(without(claims, "sub")) == missing);
}

BOOST_AUTO_TEST_CASE(RF14_the_sign_in_is_remembered_through_refreshes)
{
    const json::object said_once = with(base_claims(), "auth_time", now_seconds - 60);
    refresh again(said_once);
    const json::object claims = refresh::refreshed(base_claims());
    // A token in between says neither when the person signed in, nor the nonce.
    const auto between = again.verify(without(claims, "auth_time"));
    BOOST_TEST_REQUIRE(outcome_name(between) == "ok");
    again.expected.previous = &*between;
    const std::string nonce(json::value_to<std::string>(base_claims().at("nonce")));
    BOOST_TEST(again.outcome(with(claims, "nonce", nonce)) == "ok");
    BOOST_TEST(again.outcome(with(claims, "nonce", "another")) == other_nonce);
    BOOST_TEST(again.outcome(with(claims, "auth_time", now_seconds - 60)) == "ok");
    BOOST_TEST(again.outcome(with(claims, "auth_time", now_seconds)) ==
               "coauth.client:authentication_changed");
}

BOOST_AUTO_TEST_CASE(RF14_audience_and_party_stay)
{
    openid_registration trusting;
    trusting.set_trusted_audiences({"api", "second"});
    const auto outcome = [&](const claim_value& before, const claim_value& party_before,
                             const claim_value& after, const claim_value& party_after) {
        sign_in login;
        login.registration = trusting;
        const auto original = login.verify(with(with(base_claims(), "aud", before), "azp", party_before));
        BOOST_TEST_REQUIRE(outcome_name(original) == "ok");
        login.expected.previous = &*original;
        return login.outcome(with(with(base_claims(), "aud", after), "azp", party_after));
    };
    const std::string_view us = our_client_id;
    BOOST_TEST(outcome(us, nullptr, us, nullptr) == "ok");
    BOOST_TEST(outcome(us, nullptr, list({us}), nullptr) == "ok");
    BOOST_TEST(outcome(list({us, "api"}), us, list({"api", us}), us) == "ok");
    BOOST_TEST(outcome(us, us, list({us, "api"}), us) == other_audience);
    BOOST_TEST(outcome(list({us, "api"}), us, us, us) == other_audience);
    BOOST_TEST(outcome(list({us, "api"}), us, list({us, "second"}), us) == other_audience);
    BOOST_TEST(outcome(us, nullptr, "api", nullptr) == other_audience);
    BOOST_TEST(outcome(us, us, us, nullptr) == other_party);
    BOOST_TEST(outcome(us, nullptr, us, us) == other_party);
    BOOST_TEST(outcome(us, us, us, "api") == other_party);
}

BOOST_AUTO_TEST_CASE(RF14_the_sign_in_stays)
{
    const refresh again(with(base_claims(), "auth_time", now_seconds - 60));
    const json::object claims = refresh::refreshed(base_claims());
    BOOST_TEST(again.outcome(claims) == "ok");
    BOOST_TEST(again.outcome(with(claims, "auth_time", now_seconds - 60)) == "ok");
    BOOST_TEST(again.outcome(with(claims, "auth_time", now_seconds + 3590)) ==
               "coauth.client:authentication_changed");
    BOOST_TEST(again.outcome(with(claims, "auth_time", now_seconds - 61)) ==
               "coauth.client:authentication_changed");
    BOOST_TEST(again.outcome(with(claims, "auth_time", "x")) == invalid);
    const refresh unsaid(base_claims());
    BOOST_TEST(unsaid.outcome(with(claims, "auth_time", now_seconds - 60)) == "ok");
    // What was demanded of the sign-in is not demanded again.
    refresh strict(with(base_claims(), "acr", "gold"));
    strict.expected.max_age = seconds(1);
    strict.expected.required_acr = "gold";
    BOOST_TEST(strict.outcome(claims) == "ok");
}

BOOST_AUTO_TEST_CASE(RF14_the_nonce_is_that_of_the_sign_in_or_none)
{
    const refresh again(base_claims());
    const json::object claims = refresh::refreshed(base_claims());
    BOOST_TEST(again.outcome(with(claims, "nonce", filled_with(7).to_string())) == "ok");
    BOOST_TEST(again.outcome(with(claims, "nonce", nullptr)) == "ok");
    for (const claim_value& other :
         {claim_value(filled_with(8).to_string()), claim_value(""), claim_value(1)})
        BOOST_TEST(again.outcome(with(claims, "nonce", other)) == other_nonce);
    sign_in login;
    login.expected.nonce = nullptr;
    const auto original = login.verify(without(base_claims(), "nonce"));
    login.expected.previous = &original.value();
    BOOST_TEST(login.outcome(base_claims()) == other_nonce);
    BOOST_TEST(login.outcome_with("nonce", "") == other_nonce);
    BOOST_TEST(login.outcome_without("nonce") == "ok");
}

BOOST_AUTO_TEST_CASE(RF14_iat_is_of_the_refresh)
{
    refresh again(base_claims());
    const json::object claims = refresh::refreshed(base_claims());
    BOOST_TEST(again.outcome(with(claims, "iat", now_seconds - 10)) == too_old);
    BOOST_TEST(again.outcome(with(claims, "iat", now_seconds + 3600 - 631)) == too_old);
    BOOST_TEST(again.outcome(with(claims, "exp", now_seconds)) == expired);
    // Within the tolerance of ages, but before the token that it follows.
    again.expected.now = test_now;
    BOOST_TEST(again.outcome(with(base_claims(), "iat", now_seconds - 11)) == too_old);
    BOOST_TEST(again.outcome(with(base_claims(), "iat", now_seconds - 10)) == "ok");
    // Also if it is of another sign-in, for which alone its tokens would be taken.
    refresh other(with(base_claims(), "auth_time", now_seconds - 60));
    other.expected.now = test_now;
    const json::object later = with(base_claims(), "auth_time", now_seconds - 50);
    BOOST_TEST(other.outcome(with(later, "iat", now_seconds - 11)) == too_old);
    BOOST_TEST(other.outcome(with(later, "iat", now_seconds - 10)) == "coauth.client:authentication_changed");
}

BOOST_AUTO_TEST_CASE(RF14_hashes_at_a_refresh)
{
    const refresh again(base_claims());
    const json::object claims = refresh::refreshed(base_claims());
    BOOST_TEST(again.outcome(with(claims, "at_hash", access_token_hash)) == "ok");
    BOOST_TEST(again.outcome(with(claims, "at_hash", code_hash)) == other_hash);
    BOOST_TEST(again.outcome(with(claims, "c_hash", code_hash)) == "ok"); // there is no code to compare with
}

BOOST_AUTO_TEST_CASE(DO5_refused_memory_is_no_verdict)
{
    sign_in login;
    login.registration.set_trusted_audiences({"api"});
    json::object claims = with(base_claims(), "aud", list({"api", our_client_id}));
    claims["azp"] = our_client_id;
    claims["at_hash"] = access_token_hash;
    const std::string compact = test_provider::instance().sign(claims);
    bool verified = false;
    for (std::size_t granted = 0; granted < 200 && !verified; ++granted) {
        bool refused = false;
        {
            const allocation_limit limit(granted);
            try {
                verified = verify_id_token(compact, login.expected, login.bounds).has_value();
            } catch (const std::bad_alloc&) {
                refused = true;
            }
        }
        BOOST_TEST((refused || verified), "after " << granted << " allocations");
    }
    BOOST_TEST(verified);
}

BOOST_AUTO_TEST_CASE(LG1_errors_and_freed_memory_hold_nothing_of_the_token)
{
    const sign_in login;
    for (const std::string_view name : {"iss", "aud", "azp", "sub", "nonce", "at_hash", "acr"}) {
        const auto token = login.verify(with(base_claims(), name, "canary\n"));
        if (!token)
            BOOST_TEST(!contains(token.error().message(), "canary"), name);
    }
    // The claims are the caller's to copy; the token itself could be used as a hint.
    const std::string compact = test_provider::instance().sign(base_claims());
    freed_memory_watch watch(std::string_view(compact).substr(compact.rfind('.')));
    BOOST_TEST(outcome_name(verify_id_token(compact, login.expected, login.bounds)) == "ok");
    BOOST_TEST(watch.blocks() > 0u);
    BOOST_TEST(watch.leaks() == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
