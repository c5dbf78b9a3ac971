// What goes on of an answer that is of no other use: the refresh token. And the answers after which nothing goes on.
#include "refreshing.hpp"
#include "signing_server.hpp"

using namespace coauth_test;
using coauth::errc;
using namespace std::chrono_literals;

namespace {

using openid_refreshing = basic_refreshing<openid_flow<>>;
using change = std::function<void(boost::json::object&)>;

template <class Refreshing>
std::string sent_refresh_token(const Refreshing& test)
{
    const auto requests = test.test.server.requests();
    for (auto at = requests.rbegin(); at != requests.rend(); ++at)
        if (at->method() == "POST")
            return only_value(at->form(), "refresh_token");
    return {};
}

/// Keys that are fetched once.
coauth::limits long_lived_keys()
{
    coauth::limits out;
    out.key_set_age = 240h;
    out.key_set_longest_age = 240h;
    return out;
}

/// A person signed in with OpenID Connect, and the grant is managed; its access token lasts an hour.
grant_pointer manage_person(openid_refreshing& test) { return test.manage(test.test.sign_in()); }

/// The answer to a refresh: an ID token that was changed, and other tokens.
scripted_exchange& expect_refresh_of_person(openid_refreshing& test, const change& spoil, std::size_t key = 0)
{
    auto claims = good_claims("");
    spoil(claims);
    return test.test.server.expect("POST", token_endpoint)
        .answer(200, refresh_response_with(signed_id_token(claims, key)));
}

const change nothing = [](boost::json::object&) {};

} // namespace

BOOST_AUTO_TEST_SUITE(refresh_kept)

BOOST_AUTO_TEST_CASE(RF26_the_refresh_token_of_an_answer_that_is_of_no_other_use)
{
    struct row {
        std::string_view body;
        std::string_view content_type;
        std::string_view next;
    };
    constexpr std::string_view json = "application/json";
    for (const row& one : std::initializer_list<row>{
             {R"({"refresh_token":"R"})", json, "R"},
             {R"({"access_token":"","token_type":"Bearer","refresh_token":"R"})", json, "R"},
             {R"({"access_token":"a","refresh_token":"R"})", json, "R"},
             {R"({"access_token":"a","token_type":"mac","refresh_token":"R"})", json, "R"},
             {R"({"access_token":"a","token_type":"Bearer","expires_in":-1,"refresh_token":"R"})", json, "R"},
             {R"({"access_token":"a","token_type":"Bearer","scope":7,"refresh_token":"R"})", json, "R"},
             {R"({"access_token":"a","token_type":"Bearer","refresh_token":"R"})", "text/html", "R"},
             {R"({"access_token":"a","token_type":"Bearer","refresh_token":"R"})", "", "R"},
             // It does not rotate, or says nothing of use.
             {"{}", json, "refresh-0"},
             {R"({"access_token":"a","refresh_token":""})", json, "refresh-0"},
             {R"({"access_token":"a","token_type":"Bearer","refresh_token":7})", json, "refresh-0"},
             {R"({"access_token":"a","refresh_token":"R\r\nX: y"})", json, "refresh-0"}}) {
        for (const bool stored : {false, true}) {
            BOOST_TEST_CONTEXT(one.body << ' ' << one.content_type << ' ' << stored)
            {
                refreshing test({}, stored);
                int persisted = 0;
                test.scheduler->on_persist(
                    [&](std::string, shared_tokens tokens) -> asio::awaitable<coauth::result<void>> {
                        ++persisted;
                        BOOST_TEST(tokens->access_token().expose() != "a");
                        co_return coauth::result<void>();
                    });
                const auto grant = test.manage();
                test.world.pass(50min);
                test.test.server.expect("POST", token_endpoint)
                    .answer(make_answer(200, one.body, one.content_type));
                const auto first = test.want(grant, grant_wish::newer);
                BOOST_TEST_REQUIRE(first.outcome().has_error());
                BOOST_TEST(!first.outcome().error().grant_spent());
                BOOST_TEST(persisted == 1);
                // What was there is of use as long as it lasts.
                BOOST_TEST(access_token_of(test.want(grant).outcome()) == "access-0");
                BOOST_TEST(test.scheduler->look(*grant).tokens->refresh_token().expose() == one.next);
                if (stored)
                    BOOST_TEST(
                        test.now(test.store->load(grant_key, 0)).value().tokens()->refresh_token().expose() ==
                        one.next);
                BOOST_TEST(test.requests() == 1u);
                BOOST_TEST(test.count(event_kind::retrying) == 1u);
                BOOST_TEST(test.count(event_kind::refreshed) == 0u);
                test.world.pass(10min);
                test.expect_refresh("1");
                BOOST_TEST(access_token_of(test.want(grant).outcome()) == "access-1");
                BOOST_TEST(sent_refresh_token(test) == one.next);
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(RF26_what_may_be_a_cut_answer_says_nothing)
{
    for (const std::string_view body : {R"({"access_token":"a","refresh_token":"R")", "<html>", "", "[]",
                                        R"({"error":{"code":7},"refresh_token":"R"})"}) {
        refreshing test(sent_once());
        const auto grant = test.manage();
        test.world.pass(2h);
        test.test.server.expect("POST", token_endpoint).answer(200, body);
        BOOST_TEST(test.want(grant).outcome().error().grant_spent());
        BOOST_TEST(test.scheduler->look(*grant).tokens->refresh_token().expose() == "refresh-0");
        test.world.pass(2h);
        BOOST_TEST(test.want(grant).outcome().has_error());
        BOOST_TEST(test.requests() == 1u);
    }
}

BOOST_AUTO_TEST_CASE(RF26_answers_without_use_are_not_asked_for_without_end)
{
    for (const bool stored : {false, true}) {
        refreshing test({}, stored);
        const auto grant = test.manage();
        test.world.pass(50min);
        for (int i = 1; i <= 8; ++i)
            test.test.server.expect("POST", token_endpoint)
                .answer(200, R"({"refresh_token":"R)" + std::to_string(i) + "\"}");
        want_for_a_day(test, grant);
        BOOST_TEST(test.requests() == 8u);
        BOOST_TEST(sent_refresh_token(test) == "R7");
        BOOST_TEST(test.count(event_kind::reauthorization_required) == 1u);
        check_refused(test.want(grant).outcome(), errc::refresh_refused);
    }
}

BOOST_AUTO_TEST_CASE(RF26_the_refresh_token_is_kept_by_all_processes)
{
    refreshing test({}, true);
    const auto other = test.make_scheduler(2);
    const auto grant = test.manage();
    const auto there = test.now(other->find(grant_key)).value();
    test.world.pass(2h);
    test.test.server.expect("POST", token_endpoint).answer(200, R"({"refresh_token":"R"})");
    BOOST_TEST(test.want(grant).outcome().has_error());
    test.world.pass(1min);
    test.expect_refresh("1");
    const auto wanted = test.start(other->obtain(there, grant_wish::usable, nullptr));
    test.world.pass(1s); // the lease with which it found out goes back first
    BOOST_TEST(access_token_of(wanted.outcome()) == "access-1");
    BOOST_TEST(sent_refresh_token(test) == "R");
    BOOST_TEST(test.requests() == 2u);
    other->close();
}

/// Each process waits longer and longer, whatever the other one finds.
BOOST_AUTO_TEST_CASE(RF26_processes_do_not_spur_each_other)
{
    refreshing test({}, true);
    const auto other = test.make_scheduler(2);
    const auto grant = test.manage();
    const auto there = test.now(other->find(grant_key)).value();
    test.world.pass(2h);
    for (int i = 1; i <= 16; ++i)
        test.test.server.expect("POST", token_endpoint)
            .answer(200, R"({"refresh_token":"R)" + std::to_string(i) + "\"}");
    for (int i = 0; i < 24 * 60 * 4; ++i) {
        test.want(grant);
        test.start(other->obtain(there, grant_wish::usable, nullptr));
        test.world.pass(15s);
    }
    BOOST_TEST(test.requests() == 16u);
    BOOST_TEST(test.count(event_kind::reauthorization_required) == 2u);
    other->close();
}

BOOST_AUTO_TEST_CASE(RF26_the_access_token_lasts_no_longer_than_before)
{
    refreshing test;
    const auto grant = test.manage();
    test.world.pass(50min);
    manual_wall_clock::advance(-1h);
    test.test.server.expect("POST", token_endpoint).answer(200, R"({"refresh_token":"R"})");
    BOOST_TEST(test.want(grant, grant_wish::newer).outcome().has_error());
    BOOST_TEST(access_token_of(test.want(grant).outcome()) == "access-0");
    test.world.pass(10min);
    test.expect_refresh("1");
    BOOST_TEST(access_token_of(test.want(grant).outcome()) == "access-1");
    manual_wall_clock::advance(1h);
}

BOOST_AUTO_TEST_CASE(RF27_keys_that_are_out_of_reach_lose_nobody)
{
    const std::pair<unsigned, std::string_view> instead_of_keys[] = {{503, "busy"},
                                                                     {200, "<h1>Maintenance</h1>"},
                                                                     {404, ""},
                                                                     {200, R"({"keys":7})"},
                                                                     {401, R"({"error":"invalid_token"})"}};
    for (const auto& [status, body] : instead_of_keys) {
        for (const bool stored : {false, true}) {
            openid_refreshing test({}, stored);
            const auto grant = manage_person(test);
            test.world.pass(26h); // the keys are too old by now
            for (int i = 0; i < 8; ++i) {
                expect_refresh_of_person(test, nothing);
                test.test.server.expect("GET", jwks_uri).answer(make_answer(status, body, "text/html"));
                const auto refused = test.want(grant);
                BOOST_TEST_REQUIRE(refused.outcome().has_error());
                BOOST_TEST(!refused.outcome().error().grant_spent());
                BOOST_TEST(test.scheduler->look(*grant).tokens->refresh_token().expose() ==
                           canary_new_refresh_token);
                test.world.pass(10min);
            }
            BOOST_TEST(test.count(event_kind::reauthorization_required) == 0u);
            expect_refresh_of_person(test, nothing);
            test.test.expect_keys({0});
            BOOST_TEST(access_token_of(test.want(grant).outcome()) == canary_new_access_token);
            BOOST_TEST(sent_refresh_token(test) == canary_new_refresh_token);
        }
    }
}

BOOST_AUTO_TEST_CASE(RF27_a_clock_that_is_slow_loses_nobody)
{
    for (const std::string_view claim : {"iat", "nbf"}) {
        openid_refreshing test(long_lived_keys(), true);
        const auto grant = manage_person(test);
        test.world.pass(50min);
        for (int i = 0; i < 8; ++i) {
            expect_refresh_of_person(test, [claim](auto& c) { c[claim] = seconds_now() + 120; });
            check_refused(test.want(grant, grant_wish::newer).outcome(), errc::token_not_yet_valid);
            test.world.pass(10min);
        }
        BOOST_TEST(test.count(event_kind::reauthorization_required) == 0u);
        expect_refresh_of_person(test, nothing);
        BOOST_TEST(access_token_of(test.want(grant).outcome()) == canary_new_access_token);
    }
}

BOOST_AUTO_TEST_CASE(RF27_an_unknown_key_is_waited_for_and_not_for_ever)
{
    openid_refreshing test;
    const auto grant = manage_person(test);
    test.world.pass(2h);
    std::size_t sent = 0;
    while (test.count(event_kind::reauthorization_required) == 0 && sent < 100) {
        expect_refresh_of_person(test, nothing, 1);
        test.test.expect_keys({0});
        const auto refused = test.want(grant);
        ++sent;
        check_refused(refused.outcome(), sent < 21 ? errc::signing_key_unknown : errc::refresh_refused);
        test.world.pass(10min);
    }
    BOOST_TEST(sent == 21u);
    // Whoever publishes it in time loses nobody.
    openid_refreshing other;
    const auto waiting = manage_person(other);
    other.world.pass(2h);
    expect_refresh_of_person(other, nothing, 1);
    other.test.expect_keys({0});
    check_refused(other.want(waiting).outcome(), errc::signing_key_unknown);
    other.world.pass(10min);
    expect_refresh_of_person(other, nothing, 1);
    other.test.expect_keys({0, 1});
    BOOST_TEST(access_token_of(other.want(waiting).outcome()) == canary_new_access_token);
}

BOOST_AUTO_TEST_CASE(RF14_another_time_of_authentication_keeps_the_identity_of_the_sign_in)
{
    openid_refreshing test(long_lived_keys());
    auto code = test.test.come_back();
    auto claims = good_claims(test.test.nonce());
    const auto signed_in_at = seconds_now() - 100;
    claims["auth_time"] = signed_in_at;
    test.test.expect_tokens(signed_id_token(claims));
    test.test.expect_keys({0});
    const auto grant = test.manage(test.test.exchange(std::move(code)).value());
    for (int i = 0; i < 3; ++i) {
        test.world.pass(2h);
        expect_refresh_of_person(test, [](auto& c) { c["auth_time"] = seconds_now() - 50; });
        const auto renewed = test.want(grant);
        BOOST_TEST_REQUIRE(renewed.outcome().has_value());
        const auto& person = (*renewed.outcome())->id_token();
        BOOST_TEST((person.authenticated_at() ==
                    std::chrono::system_clock::time_point(std::chrono::seconds(signed_in_at))));
    }
}

BOOST_AUTO_TEST_CASE(RF12_RF13_RF14_tokens_of_somebody_else_end_the_grant_and_are_revoked)
{
    const std::pair<change, errc> rows[] = {
        {[](auto& c) { c["iss"] = "https://as.example.org"; }, errc::id_token_issuer_mismatch},
        {[](auto& c) { c["sub"] = "person-2"; }, errc::subject_mismatch},
        {[](auto& c) { c["aud"] = "client-2"; }, errc::audience_mismatch},
        {[](auto& c) { c["azp"] = "client-2"; }, errc::authorized_party_mismatch},
        {[](auto& c) { c["nonce"] = std::string(43, 'A'); }, errc::nonce_mismatch},
        {[](auto& c) { c["at_hash"] = std::string(22, 'A'); }, errc::token_hash_mismatch}};
    for (const auto& [spoil, code] : rows) {
        for (const bool stored : {false, true}) {
            openid_refreshing test({}, stored);
            const auto grant = manage_person(test);
            test.world.pass(5min);
            expect_refresh_of_person(test, spoil);
            // Both, so that nobody has the person's tokens who should not.
            test.test.server.expect("POST", revocation_endpoint).answer(200, "");
            test.test.server.expect("POST", revocation_endpoint).answer(200, "");
            const auto refused = test.want(grant, grant_wish::newer);
            check_refused(refused.outcome(), code);
            BOOST_TEST(refused.outcome().error().grant_spent());
            BOOST_TEST(test.count(event_kind::reauthorization_required) == 1u);
            BOOST_TEST(test.scheduler->size() == 0u);
            std::vector<std::string> revoked;
            for (const auto& request : test.test.server.requests())
                if (request.url() == revocation_endpoint)
                    revoked.push_back(only_value(request.form(), "token"));
            BOOST_TEST(revoked == (std::vector{canary_new_refresh_token, canary_new_access_token}),
                       boost::test_tools::per_element());
            BOOST_TEST((test.scheduler->look(*grant).tokens == nullptr));
            if (stored)
                check_refused(test.now(test.scheduler->find(grant_key)), errc::grant_unknown);
        }
    }
}

BOOST_AUTO_TEST_CASE(RF14_a_wrong_signature_ends_the_grant_only_under_a_key_of_now)
{
    // The key of that name was replaced.
    openid_refreshing test;
    const auto grant = manage_person(test);
    test.world.pass(5min);
    const std::string forged = [] {
        std::string token = signed_id_token(good_claims(""));
        token[token.rfind('.') + 5] = token[token.rfind('.') + 5] == 'A' ? 'B' : 'A';
        return token;
    }();
    test.test.server.expect("POST", token_endpoint).answer(200, refresh_response_with(forged));
    test.test.expect_keys({0});
    test.test.server.expect("POST", revocation_endpoint).answer(200, "");
    test.test.server.expect("POST", revocation_endpoint).answer(200, "");
    check_refused(test.want(grant, grant_wish::newer).outcome(), errc::signature_invalid);
    BOOST_TEST(test.test.key_fetches() == 2u);
    BOOST_TEST(test.scheduler->size() == 0u);

    // The keys cannot be had: it is not known yet.
    openid_refreshing other;
    const auto kept = manage_person(other);
    other.world.pass(5min);
    other.test.server.expect("POST", token_endpoint).answer(200, refresh_response_with(forged));
    other.test.server.expect("GET", jwks_uri).answer(make_answer(503, "", ""));
    BOOST_TEST(other.want(kept, grant_wish::newer).outcome().has_error());
    BOOST_TEST(other.scheduler->size() == 1u);
    BOOST_TEST(other.scheduler->look(*kept).tokens->refresh_token().expose() == canary_new_refresh_token);
}

BOOST_AUTO_TEST_SUITE_END()
