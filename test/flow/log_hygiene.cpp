// LG1: whatever goes wrong, nothing that is printed holds a code, token, verifier, state, nonce, binding or secret.
#include "operations.hpp"

#include <set>
#include <sstream>

using namespace coauth_test;
using coauth::errc;

namespace {

/// Secrets of one test, and everything that was said in it.
class canaries {
public:
    canaries()
        : secrets_{canary_code,          canary_access_token,     canary_refresh_token,
                   canary_id_token,      canary_new_access_token, canary_new_refresh_token,
                   canary_client_secret, canary_application_data, "Y2xpZW50LTE6"} // "client-1:" in base64
    {
    }

    void add(std::string secret) { secrets_.insert(std::move(secret)); }
    /// What only requests know, as the code verifier.
    void add_from(const scripted_transport& server)
    {
        for (const recorded_request& request : server.requests()) {
            const auto form = request.form();
            if (const auto found = form.find("code_verifier"); found != form.end())
                add(found->second);
            if (const std::string field = request.field("Authorization"); !field.empty())
                add(field.substr(field.find(' ') + 1));
        }
    }
    void add_from(const coauth::authorization_request& request)
    {
        const auto query = query_of(request.url());
        add(only_value(query, "state"));
        add(only_value(query, "nonce"));
        add(std::string(request.browser_binding()));
    }

    /// Searches all that an error says of itself, in every way it has to say it.
    void check(const coauth::error& reason) const
    {
        std::ostringstream streamed;
        streamed << reason << '\n' << reason.code() << '\n';
        std::string thrown;
        try {
            coauth::result<int>(reason).value();
        } catch (const coauth::exception& failure) {
            thrown = failure.what();
            streamed << failure.code() << ' ' << failure.reason() << '\n';
        }
        BOOST_TEST(!thrown.empty());
        check_text(streamed.str() + thrown + '\n' + reason.message() + '\n' + reason.qualified_name() + '\n' +
                   std::string(reason.description()) + '\n' + std::string(reason.server_error()) + '\n' +
                   reason.code().message());
    }
    void check_text(const std::string& text) const
    {
        for (const std::string& secret : secrets_)
            BOOST_CHECK_MESSAGE(text.find(secret) == std::string::npos, "a secret leaks into: " << text);
    }

private:
    std::set<std::string> secrets_;
};

/// What can go wrong with a request that was sent, and what of it the server says.
std::vector<std::pair<std::string, std::function<void(scripted_exchange&)>>> failures()
{
    const std::string all_tokens = token_response_body();
    return {
        {"connection refused", [](auto& e) { e.before_commit(happening::fail(errc::connection_failed)); }},
        {"certificate", [](auto& e) { e.before_commit(happening::fail(errc::certificate_rejected)); }},
        {"connection lost", [](auto& e) { e.after_commit(happening::fail(errc::connection_lost)); }},
        {"deadline", [](auto& e) { e.after_commit(happening::fail(errc::timed_out)); }},
        {"no JSON", [all_tokens](auto& e) { e.answer(200, all_tokens + "x"); }},
        {"cut short", [all_tokens](auto& e) { e.answer(200, all_tokens.substr(0, all_tokens.size() - 1)); }},
        {"no JSON type",
         [all_tokens](auto& e) { e.answer(200, all_tokens, "text/html; token=" + canary_access_token); }},
        {"twice",
         [all_tokens](auto& e) { e.answer(200, R"({"refresh_token":"x",)" + all_tokens.substr(1)); }},
        {"token type",
         [](auto& e) {
             e.answer(200, R"({"access_token":")" + canary_access_token + R"(","token_type":")" +
                               canary_access_token + R"("})");
         }},
        {"token with a space",
         [](auto& e) {
             e.answer(200, R"({"access_token":"a )" + canary_access_token + R"(","token_type":"Bearer"})");
         }},
        {"expires_in",
         [](auto& e) {
             e.answer(200, R"({"access_token":")" + canary_access_token +
                               R"(","token_type":"Bearer","expires_in":")" + canary_refresh_token + R"("})");
         }},
        {"scope",
         [](auto& e) {
             e.answer(200, R"({"access_token":")" + canary_access_token +
                               R"(","token_type":"Bearer","scope":"\")" + canary_access_token + R"("})");
         }},
        {"error page", [all_tokens](auto& e) { e.answer(500, all_tokens, "text/html"); }},
        {"error without error", [all_tokens](auto& e) { e.answer(400, all_tokens); }},
        {"redirect",
         [](auto& e) {
             coauth::http_response answer = make_answer(302, "", "");
             answer.add_field("Location", "https://app.example/?code=" + canary_code);
             e.answer(answer);
         }},
        {"error", [](auto& e) { e.answer(400, R"({"error":"invalid_grant","error_description":"no"})"); }},
    };
}

} // namespace

BOOST_AUTO_TEST_SUITE(log_hygiene)

BOOST_AUTO_TEST_CASE(LG1_every_operation_failing_in_every_way)
{
    for (const client_operation& operation : operations()) {
        for (const auto& [what, fail] : failures()) {
            BOOST_TEST_CONTEXT(operation.name() << ", " << what)
            {
                flow test;
                canaries secrets;
                for (std::size_t i = 0; i < operation.requests(); ++i)
                    fail(operation.expect(test));
                const auto outcome = run(operation.start(test));
                secrets.add_from(test.server);
                if (outcome.has_error())
                    secrets.check(outcome.error());
                else
                    BOOST_TEST((operation.name() == "fetch_resource" || operation.name() == "revoke"));
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(LG1_callbacks_that_are_refused)
{
    const std::string iss = "&iss=https%3A%2F%2Fas.example";
    for (const std::function<std::string(const std::string&)>& make :
         std::initializer_list<std::function<std::string(const std::string&)>>{
             [&](const std::string& s) { return "code=" + canary_code + "&state=" + s; },
             [&](const std::string& s) { return "code=" + canary_code + "&state=x" + s + iss; },
             [&](const std::string& s) {
                 return "code=" + canary_code + "&code=" + canary_code + "&state=" + s + iss;
             },
             [&](const std::string& s) { return "code=" + canary_code + "%&state=" + s + iss; },
             [&](const std::string&) { return "code=" + canary_code + iss; },
             [&](const std::string& s) {
                 return "iss=" + canary_code + "&code=" + canary_code + "&state=" + s;
             },
             [&](const std::string& s) { return "response=" + canary_code + "&state=" + s; },
             [&](const std::string& s) {
                 return "error=access_denied&code=" + canary_code + "&state=" + s + iss;
             },
             [&](const std::string& s) { return "state=" + s + iss; },
             [&](const std::string& s) {
                 return "code=" + canary_code + std::string(70'000, 'x') + "&state=" + s;
             },
         }) {
        flow test;
        canaries secrets;
        const auto request = test.begin("openid profile");
        secrets.add_from(request);
        for (const std::string_view binding : {request.browser_binding(), std::string_view()}) {
            const auto refused = test.accept(make(state_of(request)), binding);
            BOOST_TEST_REQUIRE(refused.has_error());
            secrets.check(refused.error());
        }
        const auto again = test.accept(callback_query(request), "x" + std::string(request.browser_binding()));
        BOOST_TEST_REQUIRE(again.has_error());
        secrets.check(again.error());
        BOOST_TEST(test.server.requests().empty());
    }
}

BOOST_AUTO_TEST_CASE(LG1_challenges_of_resources)
{
    flow test;
    canaries secrets;
    coauth::http_response answer = make_answer(401, canary_access_token, "text/plain");
    answer.add_field("WWW-Authenticate",
                     R"(Bearer error="invalid_token", realm=")" + canary_access_token + '"');
    test.server.expect("GET", userinfo_endpoint).answer(answer);
    const auto refused = run(test.client.fetch_userinfo(tokens_on_paper()));
    BOOST_TEST_REQUIRE(refused.has_error());
    secrets.check(refused.error());
}

BOOST_AUTO_TEST_CASE(LG3_secrets_do_not_print)
{
    const coauth::token_set tokens = tokens_on_paper();
    std::ostringstream out;
    out << tokens.access_token() << tokens.refresh_token() << coauth::secret(canary_client_secret);
    BOOST_TEST(out.str() == "[redacted][redacted][redacted]");
    static_assert(!std::is_convertible_v<coauth::secret, std::string>);
    static_assert(!std::is_convertible_v<coauth::secret, std::string_view>);
    static_assert(!std::equality_comparable<coauth::secret>);
}

BOOST_AUTO_TEST_CASE(LG4_no_secret_in_a_url)
{
    flow test;
    canaries secrets;
    for (const client_operation& operation : operations()) {
        for (std::size_t i = 0; i < operation.requests(); ++i)
            operation.expect(test).answer(200, operation.good_answer());
        BOOST_TEST(run(operation.start(test)).has_value());
    }
    secrets.add_from(test.server);
    BOOST_TEST(test.server.sent().size() == 7u);
    for (const recorded_request& request : test.server.sent())
        secrets.check_text(request.url());
}

BOOST_AUTO_TEST_CASE(LG4_nothing_secret_in_the_authorization_url_but_state_and_nonce)
{
    flow test;
    canaries secrets;
    test.server.expect("POST", token_endpoint).answer(200, token_response_body());
    const auto request = test.begin();
    auto code = test.accept(callback_query(request), request.browser_binding());
    BOOST_TEST(run(test.client.exchange(std::move(code.value()))).has_value());
    secrets.add_from(test.server); // the verifier
    secrets.add(std::string(request.browser_binding()));
    secrets.check_text(request.url());
}

BOOST_AUTO_TEST_CASE(LG9_text_of_strangers_keeps_to_one_line)
{
    flow test;
    test.server.expect("POST", token_endpoint)
        .answer(400,
                R"({"error":"a\r\nb\u001b[31m","error_description":"x\r\n2033 login ok\u001b[0m\u0000"})");
    const auto refused = run(test.client.exchange(test.signed_in()));
    check_refused(refused, coauth::server_errc::unrecognized);
    std::ostringstream streamed;
    streamed << refused.error();
    for (const std::string& text : {streamed.str(), refused.error().message()})
        BOOST_TEST(std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c <= 0x7e; }));
}

BOOST_AUTO_TEST_SUITE_END()
