#include <coauth/core/error.hpp>

#include "../expect.hpp"

#include <boost/asio/error.hpp>
#include <boost/test/unit_test.hpp>

#include <set>
#include <sstream>
#include <system_error>

namespace {

using namespace coauth;
using namespace coauth::test;

std::vector<error> all_errors()
{
    std::vector<error> out;
    for (int i = 1; i <= static_cast<int>(errc::outcome_unknown); ++i)
        out.emplace_back(static_cast<errc>(i));
    for (int i = 1; i <= static_cast<int>(server_errc::unrecognized); ++i)
        out.emplace_back(static_cast<server_errc>(i));
    return out;
}

bool is_one_line(std::string_view text)
{
    return !text.empty() &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c <= 0x7e; });
}

} // namespace

BOOST_AUTO_TEST_SUITE(core_error)

BOOST_AUTO_TEST_CASE(every_enumerator_has_a_name_and_a_message_of_its_own)
{
    std::set<std::string> names;
    std::set<std::string> messages;
    for (const error& one : all_errors()) {
        const std::string text = one.code().message();
        BOOST_TEST(is_one_line(text), one.qualified_name());
        BOOST_TEST(text != "unknown error", one.qualified_name());
        BOOST_TEST(!contains(one.qualified_name(), ":unknown\n"));
        BOOST_TEST(names.insert(one.qualified_name()).second, one.qualified_name());
        BOOST_TEST(messages.insert(text).second, text);
    }
    BOOST_TEST(names.size() == 87 + 27);
}

BOOST_AUTO_TEST_CASE(names_are_those_of_the_enumerators)
{
    BOOST_TEST(name(errc::invalid_parameter) == "invalid_parameter");
    BOOST_TEST(name(errc::state_mismatch) == "state_mismatch");
    BOOST_TEST(name(errc::signing_key_unknown) == "signing_key_unknown");
    BOOST_TEST(name(errc::token_replayed) == "token_replayed");
    BOOST_TEST(name(errc::outcome_unknown) == "outcome_unknown");
    BOOST_TEST(name(server_errc::invalid_request) == "invalid_request");
    BOOST_TEST(name(server_errc::unrecognized) == "unrecognized");
    BOOST_TEST(error(errc::state_mismatch).qualified_name() == "coauth.client:state_mismatch");
    BOOST_TEST(error(server_errc::invalid_grant).qualified_name() == "coauth.server:invalid_grant");
    BOOST_TEST(client_category().name() == std::string("coauth.client"));
    BOOST_TEST(server_category().name() == std::string("coauth.server"));
    BOOST_TEST(condition_category().name() == std::string("coauth.condition"));
}

BOOST_AUTO_TEST_CASE(codes_outside_of_the_enumerations_are_survived)
{
    for (const int code :
         {0, -1, 88, 10'000, std::numeric_limits<int>::min(), std::numeric_limits<int>::max()}) {
        BOOST_TEST(name(static_cast<errc>(code)) == "unknown");
        BOOST_TEST(name(static_cast<server_errc>(code)) == "unknown");
        BOOST_TEST(client_category().message(code) == "unknown error");
        BOOST_TEST(server_category().message(code) == "unknown error");
        BOOST_TEST(condition_category().message(code) == "unknown condition");
        for (const condition one :
             {condition::retryable, condition::reauthorization_required, condition::misconfigured})
            BOOST_TEST((error_code(code, client_category()) != one));
    }
    BOOST_TEST(name(static_cast<errc>(87)) == "outcome_unknown");
}

BOOST_AUTO_TEST_CASE(a_server_error_is_found_by_its_exact_name)
{
    for (int i = 1; i < static_cast<int>(server_errc::unrecognized); ++i) {
        const auto code = static_cast<server_errc>(i);
        BOOST_TEST(server_error_from(name(code)) == code);
    }
    for (const std::string_view text :
         {std::string_view(""), std::string_view("Invalid_grant"), std::string_view("invalid_grant "),
          std::string_view("unrecognized"), std::string_view("invalid_gran"), bytes("invalid_grant\0"),
          std::string_view("unknown")})
        BOOST_TEST(server_error_from(text) == server_errc::unrecognized, text);
}

BOOST_AUTO_TEST_CASE(each_error_has_the_conditions_that_it_should_have)
{
    const std::set<std::string> retryable{"coauth.client:random_source_failed",
                                          "coauth.client:state_store_failed",
                                          "coauth.client:token_store_failed",
                                          "coauth.client:lease_lost",
                                          "coauth.client:refreshed_too_recently",
                                          "coauth.client:server_unavailable",
                                          "coauth.client:timed_out",
                                          "coauth.client:name_resolution_failed",
                                          "coauth.client:connection_failed",
                                          "coauth.client:tls_handshake_failed",
                                          "coauth.client:proxy_refused",
                                          "coauth.client:connection_lost",
                                          "coauth.client:outcome_unknown",
                                          "coauth.server:server_error",
                                          "coauth.server:temporarily_unavailable",
                                          "coauth.server:slow_down"};
    const std::set<std::string> reauthorization{"coauth.client:unknown_transaction",
                                                "coauth.client:expired_transaction",
                                                "coauth.client:refresh_token_missing",
                                                "coauth.client:grant_unknown",
                                                "coauth.client:refresh_refused",
                                                "coauth.client:authentication_too_old",
                                                "coauth.client:authentication_context_mismatch",
                                                "coauth.server:invalid_grant",
                                                "coauth.server:invalid_token",
                                                "coauth.server:insufficient_scope",
                                                "coauth.server:interaction_required",
                                                "coauth.server:login_required",
                                                "coauth.server:account_selection_required",
                                                "coauth.server:consent_required",
                                                "coauth.server:insufficient_user_authentication",
                                                "coauth.server:unmet_authentication_requirements"};
    const std::set<std::string> misconfigured{"coauth.client:invalid_parameter",
                                              "coauth.client:reserved_parameter",
                                              "coauth.client:invalid_url",
                                              "coauth.client:insecure_url",
                                              "coauth.client:invalid_configuration",
                                              "coauth.client:openid_scope_missing",
                                              "coauth.client:endpoint_missing",
                                              "coauth.client:client_authentication_unsupported",
                                              "coauth.client:origin_not_allowed",
                                              "coauth.client:key_set_unavailable",
                                              "coauth.client:certificate_rejected",
                                              "coauth.client:redirect_refused",
                                              "coauth.server:invalid_request",
                                              "coauth.server:unauthorized_client",
                                              "coauth.server:unsupported_response_type",
                                              "coauth.server:invalid_scope",
                                              "coauth.server:invalid_client",
                                              "coauth.server:unsupported_grant_type",
                                              "coauth.server:unsupported_token_type",
                                              "coauth.server:invalid_request_uri",
                                              "coauth.server:invalid_request_object",
                                              "coauth.server:request_not_supported",
                                              "coauth.server:request_uri_not_supported",
                                              "coauth.server:registration_not_supported",
                                              "coauth.server:invalid_target"};
    std::size_t met = 0;
    for (const error& one : all_errors()) {
        const std::string name = one.qualified_name();
        BOOST_TEST((one == condition::retryable) == retryable.contains(name), name);
        BOOST_TEST((one == condition::reauthorization_required) == reauthorization.contains(name), name);
        BOOST_TEST((one == condition::misconfigured) == misconfigured.contains(name), name);
        BOOST_TEST((one.code() == make_error_condition(condition::retryable)) == retryable.contains(name),
                   name);
        // A condition that does not exist is nobody's.
        BOOST_TEST((one.code() != error_condition(0, condition_category())), name);
        met += retryable.contains(name) + reauthorization.contains(name) + misconfigured.contains(name);
    }
    BOOST_TEST(met == retryable.size() + reauthorization.size() + misconfigured.size());
}

BOOST_AUTO_TEST_CASE(conditions_say_what_to_do)
{
    std::set<std::string> messages;
    for (const condition one :
         {condition::retryable, condition::reauthorization_required, condition::misconfigured}) {
        BOOST_TEST(is_one_line(make_error_condition(one).message()));
        BOOST_TEST(messages.insert(make_error_condition(one).message()).second);
        BOOST_TEST((make_error_condition(one).category() == condition_category()));
    }
    BOOST_TEST(!messages.contains("unknown condition"));
}

BOOST_AUTO_TEST_CASE(a_spent_grant_leaves_only_a_new_authorization)
{
    for (error one : all_errors()) {
        const bool misconfigured = one == condition::misconfigured;
        one.set_grant_spent(true);
        BOOST_TEST(one.grant_spent());
        BOOST_TEST((one == condition::reauthorization_required), one);
        BOOST_TEST(!(one == condition::retryable), one);
        BOOST_TEST((one == condition::misconfigured) == misconfigured, one);
        one.set_grant_spent(false);
        BOOST_TEST(!one.grant_spent());
    }
}

BOOST_AUTO_TEST_CASE(errors_compare_with_codes)
{
    const error one(errc::timed_out);
    BOOST_TEST((one == errc::timed_out));
    BOOST_TEST((one != errc::connection_lost));
    // The same number in another category is another error.
    BOOST_TEST((error(static_cast<errc>(1)) != server_errc::invalid_request));
    BOOST_TEST((error(server_errc::invalid_request) != static_cast<errc>(1)));
    BOOST_TEST((one == make_error_code(errc::timed_out)));
    BOOST_TEST((one.code() == errc::timed_out));
    BOOST_TEST((one == error_code(errc::timed_out)));
    BOOST_TEST(!error().code());
    const error foreign{error_code(boost::asio::error::operation_aborted)};
    BOOST_TEST((foreign == error_code(boost::asio::error::operation_aborted)));
    BOOST_TEST((foreign != condition::retryable));
    BOOST_TEST(foreign.qualified_name() ==
               "system:" + std::to_string(static_cast<int>(boost::asio::error::operation_aborted)));
    // Conditions of other categories go by the default, which maps a code to itself.
    BOOST_TEST((error_code(errc::timed_out) != make_error_condition(boost::system::errc::timed_out)));
    BOOST_TEST((error_code(errc::timed_out) == error_code(errc::timed_out).default_error_condition()));
    BOOST_TEST(client_category().equivalent(37, client_category().default_error_condition(37)));
    BOOST_TEST(!client_category().equivalent(37, client_category().default_error_condition(38)));
    BOOST_TEST(!client_category().equivalent(37, server_category().default_error_condition(37)));
    // The same in the standard library's terms.
    const std::error_code standard = error_code(errc::timed_out);
    BOOST_TEST(standard.message() == one.code().message());
    BOOST_TEST(standard.category().name() == std::string("coauth.client"));
}

BOOST_AUTO_TEST_CASE(CB21_text_of_the_server_is_filtered_byte_by_byte)
{
    const std::string text = all_bytes();
    error one(server_errc::access_denied);
    one.set_description(text).set_server_error(std::string_view(text).substr(16, 64));
    BOOST_TEST_REQUIRE(one.description().size() == 256u);
    for (unsigned i = 0; i < 256; ++i) {
        // RFC 6749 4.1.2.1: %x20-21 / %x23-5B / %x5D-7E
        const bool allowed = (i >= 0x20 && i <= 0x21) || (i >= 0x23 && i <= 0x5b) || (i >= 0x5d && i <= 0x7e);
        BOOST_TEST(one.description()[i] == (allowed ? static_cast<char>(i) : '?'), "byte " << i);
    }
    BOOST_TEST(one.server_error() == "???????????????? !?#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNO");
    BOOST_TEST(is_one_line(one.message()));
    BOOST_TEST(is_one_line(exception(one).what()));
}

BOOST_AUTO_TEST_CASE(CB21_text_of_the_server_is_capped)
{
    error one(server_errc::unrecognized);
    one.set_description(std::string(1024, 'a')).set_server_error(std::string(64, 'b'));
    BOOST_TEST(one.description().size() == 1024u);
    BOOST_TEST(one.server_error().size() == 64u);
    one.set_description(std::string(2 << 20, 'a')).set_server_error(std::string(65, 'b'));
    BOOST_TEST(one.description() == std::string(1024, 'a'));
    BOOST_TEST(one.server_error() == std::string(64, 'b'));
    BOOST_TEST(one.message().size() < 1400u);
    one.set_description("").set_server_error("");
    BOOST_TEST(one.description().empty());
    BOOST_TEST(one.server_error().empty());
}

BOOST_AUTO_TEST_CASE(RS7_retry_after_is_clamped)
{
    using std::chrono::seconds;
    error one(errc::server_unavailable);
    BOOST_TEST(!one.retry_after().has_value());
    const std::pair<seconds, seconds> cases[] = {
        {seconds(-1), seconds(0)},      {seconds(0), seconds(0)},     {seconds(1), seconds(1)},
        {seconds(299), seconds(299)},   {seconds(300), seconds(300)}, {seconds(301), seconds(300)},
        {seconds::max(), seconds(300)}, {seconds::min(), seconds(0)}};
    for (const auto& [given, kept] : cases) {
        one.set_retry_after(given);
        BOOST_TEST((one.retry_after() == kept), given.count());
    }
}

BOOST_AUTO_TEST_CASE(the_message_says_what_is_known)
{
    error one(server_errc::invalid_grant);
    BOOST_TEST(one.message() == "coauth.server:invalid_grant: the code or refresh token is invalid, expired, "
                                "revoked or spent");
    one.set_http_status(400).set_server_error("invalid_grant").set_description("expired");
    BOOST_TEST(one.message() == "coauth.server:invalid_grant: the code or refresh token is invalid, expired, "
                                "revoked or spent (HTTP status 400), described as \"expired\"");
    BOOST_TEST(one.http_status() == 400u);
    // An error that has no enumerator is named as the server named it.
    error own(server_error_from("out_of_cheese"));
    own.set_server_error("out_of_cheese");
    BOOST_TEST(
        own.message() ==
        "coauth.server:unrecognized: the server answered with an error of its own, error \"out_of_cheese\"");
    std::ostringstream stream;
    stream << own;
    BOOST_TEST(stream.str() == own.message());
}

BOOST_AUTO_TEST_CASE(LG9_the_message_is_one_line_whatever_a_category_says)
{
    class talkative final : public boost::system::error_category {
    public:
        const char* name() const noexcept override { return "talkative"; }
        std::string message(int) const override { return "one\r\ntwo\x1b[31m\tthree \xc3\xa4"; }
    };
    static const talkative category;
    const error one(error_code(7, category));
    // Only what can forge lines or steer a terminal goes; a message in the user's language stays readable.
    BOOST_TEST(one.message() == "talkative:7: one??two?[31m?three \xc3\xa4");
}

BOOST_AUTO_TEST_CASE(value_throws_the_error)
{
    error reason(errc::issuer_mismatch);
    reason.set_description("another issuer").set_http_status(200);
    const result<int> outcome = reason;
    try {
        BOOST_TEST(outcome.value() == 0);
        BOOST_ERROR("value() returned");
    } catch (const exception& thrown) {
        BOOST_TEST((thrown.reason() == errc::issuer_mismatch));
        BOOST_TEST(thrown.reason().description() == "another issuer");
        BOOST_TEST((thrown.code() == errc::issuer_mismatch));
        BOOST_TEST(std::string(thrown.what()) == reason.message());
    }
    BOOST_CHECK_THROW(outcome.value(), boost::system::system_error);
    // A copy of an exception must not throw, nor share its text with one that goes away.
    auto first = std::make_unique<exception>(reason);
    const exception second = *first;
    first.reset();
    BOOST_TEST(std::string(second.what()) == reason.message());
    BOOST_TEST(result<int>(7).value() == 7);
}

BOOST_AUTO_TEST_SUITE_END()
