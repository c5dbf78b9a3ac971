#include <coauth/detail/token_codec.hpp>

#include "../expect.hpp"
#include "../policy/logins.hpp"
#include "../protocol/signed_messages.hpp"

#include <coauth/protocol/id_token_validation.hpp>

#include <boost/json/object.hpp>
#include <boost/test/unit_test.hpp>

namespace {

using namespace coauth;
using namespace coauth::test;
using std::chrono::seconds;
namespace json = boost::json;

json::object claims_of_sign_in()
{
    return {{"iss", op_issuer},
            {"sub", "248289761001"},
            {"aud", list({our_client_id, "api"})},
            {"azp", our_client_id},
            {"exp", now_seconds + 300},
            {"iat", now_seconds - 10},
            {"auth_time", now_seconds - 20.5},
            {"acr", "gold"},
            {"sid", "session-1"},
            {"nonce", filled_with(7).to_string()},
            {"name", "J\xc3\xb6rg \"\\ \n"}};
}

/// What a client expects of an ID token; of a refreshed one with a previous one.
class expectations {
public:
    expectations()
    {
        registration_.set_trusted_audiences({"api"});
        expected_.registration = &registration_;
        expected_.issuer = op_issuer;
        expected_.client_id = our_client_id;
        expected_.algorithms = default_signing_algorithms;
        expected_.keys = &test_provider::instance().keys();
        expected_.nonce = &nonce_;
        expected_.now = test_now;
    }
    expectations(const expectations&) = delete;

    result<verified_id_token> verify(const json::object& claims) const
    {
        return detail::verify_id_token(test_provider::instance().sign(claims), expected_, limits());
    }
    result<verified_id_token> verify_refreshed(const json::object& claims, const verified_id_token& previous)
    {
        expected_.previous = &previous;
        expected_.nonce = nullptr;
        return verify(claims);
    }

private:
    openid_registration registration_;
    random_value nonce_ = filled_with(7);
    detail::id_token_expectations expected_;
};

json::object refreshed(json::object claims)
{
    claims["iat"] = now_seconds - 5;
    claims.erase("nonce");
    claims.erase("auth_time");
    return claims;
}

/// As exact as the system's clock is; libc++'s counts microseconds.
token_set::time_point time_point_since_epoch(std::chrono::nanoseconds time)
{
    return token_set::time_point(std::chrono::duration_cast<token_set::time_point::duration>(time));
}

token_set full_tokens()
{
    token_set out(secret(all_bytes()), "bEaReR", scope::parse("b a urn:x").value());
    out.set_refresh_token(secret("refresh"))
        .set_received_at(time_point_since_epoch(std::chrono::nanoseconds(1'790'000'000'123'456'789)))
        .set_expires_at(token_set::time_point(seconds(1'790'003'600)))
        .set_scope_assumed(true);
    return out;
}

const seal_key_ring& ring()
{
    static const seal_key_ring one = seal_key_ring::generate().value();
    return one;
}

/// Through a seal: there is no other way.
result<token_set> decode(std::string_view bytes)
{
    const detail::seal_binding binding("a test");
    const auto sealed = detail::seal(ring(), bytes, binding).value();
    return detail::decode_tokens(detail::open_seal(ring(), {sealed.data(), sealed.size()}, binding).value());
}

std::string encoded(const token_set& tokens)
{
    const auto out = detail::encode_tokens(tokens);
    return {out.begin(), out.end()};
}

token_set with_person(const verified_id_token& person)
{
    token_set out = full_tokens();
    out.set_id_token(std::make_shared<const verified_id_token>(person));
    return out;
}

constexpr std::string_view broken = "coauth.client:seal_broken";

} // namespace

BOOST_AUTO_TEST_SUITE(detail_token_codec)

BOOST_AUTO_TEST_CASE(plain_tokens)
{
    const token_set from = full_tokens();
    const token_set out = decode(encoded(from)).value();
    BOOST_TEST(out.access_token().expose() == all_bytes());
    BOOST_TEST(out.refresh_token().expose() == "refresh");
    BOOST_TEST(out.token_type() == "bEaReR");
    BOOST_TEST(out.scope().to_string() == "b a urn:x");
    BOOST_TEST(out.scope_assumed());
    BOOST_TEST((out.received_at() == from.received_at()));
    BOOST_TEST((out.expires_at() == from.expires_at()));
    BOOST_TEST(!out.has_id_token());
}

BOOST_AUTO_TEST_CASE(tokens_with_nothing_in_them)
{
    const token_set out = decode(encoded(token_set())).value();
    BOOST_TEST(out.access_token().empty());
    BOOST_TEST(out.refresh_token().empty());
    BOOST_TEST(out.scope().empty());
    BOOST_TEST(!out.scope_assumed());
    BOOST_TEST(!out.expires_at().has_value());
    BOOST_TEST((out.received_at() == token_set::time_point()));
}

BOOST_AUTO_TEST_CASE(who_signed_in)
{
    const auto person = expectations().verify(claims_of_sign_in()).value();
    const token_set out = decode(encoded(with_person(person))).value();
    BOOST_TEST_REQUIRE(out.has_id_token());
    const verified_id_token& restored = out.id_token();
    BOOST_TEST(restored.issuer() == op_issuer);
    BOOST_TEST(restored.subject() == "248289761001");
    BOOST_TEST_REQUIRE(restored.audience().size() == 2u);
    BOOST_TEST(restored.audience()[1] == "api");
    BOOST_TEST(restored.authorized_party() == our_client_id);
    BOOST_TEST((restored.expires_at() == person.expires_at()));
    BOOST_TEST((restored.issued_at() == person.issued_at()));
    BOOST_TEST((restored.authenticated_at() == person.authenticated_at()));
    BOOST_TEST(restored.authenticated_at().has_value());
    BOOST_TEST(restored.authentication_context() == "gold");
    BOOST_TEST(restored.session_id() == "session-1");
    BOOST_TEST(restored.claim("name") == "J\xc3\xb6rg \"\\ \n");
    BOOST_TEST((restored.claims() == person.claims()));
    BOOST_TEST(restored.encoded().equals(person.encoded()));
    // What was restored is written down as what it was restored from.
    BOOST_TEST(encoded(out) == encoded(with_person(person)));
}

BOOST_AUTO_TEST_CASE(RF14_a_refresh_continues_a_sign_in_that_was_restored)
{
    const auto person = expectations().verify(claims_of_sign_in()).value();
    const token_set restored = decode(encoded(with_person(person))).value();
    expectations later;
    const auto first = later.verify_refreshed(refreshed(claims_of_sign_in()), restored.id_token());
    BOOST_TEST_REQUIRE(outcome_name(first) == "ok");
    // The refreshed one says less; the sign-in comes along.
    const token_set again = decode(encoded(with_person(*first))).value();
    BOOST_TEST(!again.id_token().authenticated_at().has_value());
    BOOST_TEST(encoded(again).size() > encoded(restored).size());
    expectations even_later;
    json::object claims = refreshed(claims_of_sign_in());
    BOOST_TEST(outcome_name(even_later.verify_refreshed(claims, again.id_token())) == "ok");
    claims["auth_time"] = now_seconds - 20.5;
    claims["nonce"] = filled_with(7).to_string();
    BOOST_TEST(outcome_name(even_later.verify_refreshed(claims, again.id_token())) == "ok");
    BOOST_TEST(outcome_name(even_later.verify_refreshed(with(claims, "auth_time", now_seconds - 30),
                                                        again.id_token())) ==
               "coauth.client:authentication_changed");
    BOOST_TEST(outcome_name(even_later.verify_refreshed(with(claims, "nonce", filled_with(8).to_string()),
                                                        again.id_token())) == "coauth.client:nonce_mismatch");
    BOOST_TEST(outcome_name(even_later.verify_refreshed(with(claims, "sub", "other"), again.id_token())) ==
               "coauth.client:subject_mismatch");
}

BOOST_AUTO_TEST_CASE(everything_else_is_refused)
{
    const auto person = expectations().verify(claims_of_sign_in()).value();
    const auto next = expectations().verify_refreshed(refreshed(claims_of_sign_in()), person).value();
    const std::string whole = encoded(with_person(next));
    BOOST_TEST(outcome_name(decode(whole)) == "ok");
    for (std::size_t size = 0; size < whole.size(); ++size)
        BOOST_TEST(outcome_name(decode(whole.substr(0, size))) == broken, size);
    BOOST_TEST(outcome_name(decode(whole + '\0')) == broken);
    for (const char version : {'\0', '\2', '\xff'})
        BOOST_TEST(outcome_name(decode(version + whole.substr(1))) == broken);
    for (int flags = 0; flags < 256; ++flags) {
        if (static_cast<char>(flags) == whole[1] ||
            (flags ^ whole[1]) == 2) // 2 says something of the scope only
            continue;
        std::string changed = whole;
        changed[1] = static_cast<char>(flags);
        BOOST_TEST(outcome_name(decode(changed)) == broken, flags);
    }
}

BOOST_AUTO_TEST_CASE(nobody_dies_of_bytes)
{
    const auto person = expectations().verify(claims_of_sign_in()).value();
    const std::string whole = encoded(with_person(person));
    for (std::size_t i = 0; i < whole.size(); ++i)
        for (const char c : {'\0', '\xff', '.', 'A'}) {
            std::string changed = whole;
            changed[i] = c;
            const auto out = decode(changed);
            BOOST_TEST((out || outcome_name(out) == broken));
        }
}

BOOST_AUTO_TEST_CASE(sealed_for_one_owner_and_grant)
{
    const auto sealed = detail::seal_tokens(ring(), full_tokens(), "store", "https://as", "grant").value();
    const std::string_view text(sealed.data(), sealed.size());
    BOOST_TEST(outcome_name(detail::open_tokens(ring(), text, "store", "https://as", "grant")) == "ok");
    BOOST_TEST(outcome_name(detail::open_tokens(ring(), text, "stor", "ehttps://as", "grant")) == broken);
    BOOST_TEST(outcome_name(detail::open_tokens(ring(), text, "store", "https://asgrant", "")) == broken);
    BOOST_TEST(outcome_name(detail::open_tokens(ring(), text, "store", "https://as", "other")) == broken);
    BOOST_TEST(outcome_name(detail::open_tokens(seal_key_ring::generate().value(), text, "store",
                                                "https://as", "grant")) == broken);
    BOOST_TEST(!contains(text, "refresh"));
}

BOOST_AUTO_TEST_SUITE_END()
