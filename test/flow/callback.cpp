// Callbacks that must not get anywhere (security cases CB): a typed error, nothing sent, the sign-in used up.
#include "flow_fixture.hpp"

using namespace coauth_test;
using coauth::errc;
using coauth::server_errc;

namespace {

const std::string issuer_parameter = "&iss=https%3A%2F%2Fas.example";

/// Begins a sign-in, refuses a callback made from its state, and tries the honest callback after it.
template <class Code>
void check_callback(Code expected, const std::function<std::string(const std::string& state)>& make,
                    bool used_up = true, coauth::response_mode mode = coauth::response_mode::query)
{
    flow test;
    const auto request = test.begin();
    const std::string forged = make(state_of(request));
    BOOST_TEST_CONTEXT(forged.substr(0, 200))
    {
        check_refused(
            run(test.client.accept_callback(
                {.parameters = forged, .browser_binding = request.browser_binding(), .response_mode = mode})),
            expected);
        const auto honest = test.accept(callback_query(request), request.browser_binding());
        if (used_up)
            check_refused(honest, errc::unknown_transaction);
        else
            BOOST_TEST(honest.has_value());
        BOOST_TEST(test.server.requests().empty());
    }
}

std::string flipped(std::string text, std::size_t at)
{
    text[at] = text[at] == 'A' ? 'B' : 'A';
    return text;
}

} // namespace

BOOST_AUTO_TEST_SUITE(callback)

BOOST_AUTO_TEST_CASE(CB1_state_missing)
{
    check_callback(
        errc::state_missing, [](const std::string&) { return "code=c" + issuer_parameter; }, false);
    check_callback(
        errc::state_mismatch, [](const std::string&) { return "code=c&state=" + issuer_parameter; }, false);
    check_callback(
        errc::state_missing, [](const std::string&) { return "error=access_denied" + issuer_parameter; },
        false);
}

BOOST_AUTO_TEST_CASE(CB2_state_differs)
{
    const auto with_state = [](auto change) {
        return
            [change](const std::string& state) { return "code=c&state=" + change(state) + issuer_parameter; };
    };
    for (std::size_t i = 0; i < 43; ++i)
        check_callback(errc::state_mismatch, with_state([i](const std::string& s) { return flipped(s, i); }),
                       false);
    check_callback(errc::state_mismatch, with_state([](const std::string& s) { return s + "%20"; }), false);
    check_callback(errc::state_mismatch, with_state([](const std::string& s) { return '+' + s; }), false);
    check_callback(errc::state_mismatch, with_state([](const std::string& s) { return s.substr(1); }), false);
    check_callback(errc::state_mismatch, with_state([](const std::string& s) { return s + '='; }), false);
    check_callback(errc::state_mismatch, with_state([](std::string s) {
                       for (char& c : s)
                           c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
                       return s;
                   }),
                   false);
}

BOOST_AUTO_TEST_CASE(CB3_state_though_none_was_sent)
{
    flow test;
    const std::string query = "code=c&state=" + std::string(43, 'A') + issuer_parameter;
    check_refused(test.accept(query, std::string(43, 'A')), errc::unknown_transaction);
    check_refused(test.accept(query, ""), errc::browser_binding_missing);
    check_refused(test.accept(query, "not a binding"), errc::unknown_transaction);
    BOOST_TEST(test.server.requests().empty());
}

BOOST_AUTO_TEST_CASE(CB4_valid_state_in_another_browser)
{
    flow test;
    const auto of_attacker = test.begin();
    const auto of_victim = test.begin();
    // The victim is made to follow the attacker's callback.
    check_refused(test.accept(callback_query(of_attacker), of_victim.browser_binding()),
                  errc::state_mismatch);
    check_refused(test.accept(callback_query(of_attacker), ""), errc::browser_binding_missing);
    for (std::size_t i = 0; i < 43; ++i)
        check_refused(
            test.accept(callback_query(of_attacker), flipped(std::string(of_attacker.browser_binding()), i)),
            errc::unknown_transaction);
    // Neither sign-in was harmed by it.
    BOOST_TEST(test.accept(callback_query(of_victim), of_victim.browser_binding()).has_value());
    BOOST_TEST(test.accept(callback_query(of_attacker), of_attacker.browser_binding()).has_value());
    BOOST_TEST(test.server.requests().empty());
}

BOOST_AUTO_TEST_CASE(CB4_binding_that_a_stranger_planted)
{
    flow test;
    // Text that is no binding of ours is replaced; one that is, is kept, so that tabs can share it.
    const auto request = test.begin_with({.scope = "openid", .browser_binding = "planted"});
    BOOST_TEST(request.browser_binding() != "planted");
    BOOST_TEST(request.browser_binding().size() == 43u);
    const auto tab = test.begin_with({.scope = "openid", .browser_binding = request.browser_binding()});
    BOOST_TEST(tab.browser_binding() == request.browser_binding());
}

BOOST_AUTO_TEST_CASE(CB5_callback_replayed)
{
    flow test;
    const auto request = test.begin();
    BOOST_TEST(test.accept(callback_query(request), request.browser_binding()).has_value());
    check_refused(test.accept(callback_query(request), request.browser_binding()), errc::unknown_transaction);
    check_refused(test.accept(callback_query(request, "another-code"), request.browser_binding()),
                  errc::unknown_transaction);
    BOOST_TEST(test.server.requests().empty());
}

BOOST_AUTO_TEST_CASE(CB5_a_code_is_exchanged_once)
{
    flow test;
    test.server.expect("POST", token_endpoint).answer(200, token_response_body());
    auto code = test.signed_in();
    BOOST_TEST(run(test.client.exchange(std::move(code))).has_value());
    // The object is still there in C++; there is nothing left in it.
    check_refused(run(test.client.exchange(std::move(code))), errc::code_missing);
    BOOST_TEST(test.server.requests().size() == 1u);
}

BOOST_AUTO_TEST_CASE(CB6_callback_after_its_time)
{
    flow test;
    const auto in_time = test.begin();
    const auto late = test.begin();
    manual_steady_clock::advance(test.client_limits.pending_login_lifetime - std::chrono::nanoseconds(1));
    BOOST_TEST(test.accept(callback_query(in_time), in_time.browser_binding()).has_value());
    manual_steady_clock::advance(std::chrono::nanoseconds(1));
    check_refused(test.accept(callback_query(late), late.browser_binding()), errc::expired_transaction);
    check_refused(test.accept(callback_query(late), late.browser_binding()), errc::unknown_transaction);
    BOOST_TEST(test.server.requests().empty());
}

BOOST_AUTO_TEST_CASE(CB7_issuer_missing)
{
    check_callback(errc::issuer_missing, [](const std::string& s) { return "code=c&state=" + s; });
}

BOOST_AUTO_TEST_CASE(CB7_issuer_missing_where_none_was_announced)
{
    flow test(server_on_paper().set_sends_issuer_in_response(false));
    const auto request = test.begin();
    BOOST_TEST(test.accept("code=c&state=" + state_of(request), request.browser_binding()).has_value());
}

BOOST_AUTO_TEST_CASE(CB8_issuer_differs)
{
    for (const std::string_view iss :
         {"https%3A%2F%2Fas.example%2F", "https%3A%2F%2FAS.example", "https%3A%2F%2Fas.example%3A443",
          "https%3A%2F%2Fas%252eexample", "https%3A%2F%2Fevil.example", "http%3A%2F%2Fas.example", "",
          "https%3A%2F%2Fas.example%2F.", "HTTPS%3A%2F%2Fas.example", "https%3A%2F%2Fas.exampl",
          "%20https%3A%2F%2Fas.example"}) {
        check_callback(errc::issuer_mismatch, [iss](const std::string& s) {
            return "code=c&state=" + s + "&iss=" + std::string(iss);
        });
        // Also where the server did not announce that it sends one.
        flow test(server_on_paper().set_sends_issuer_in_response(false));
        const auto request = test.begin();
        check_refused(test.accept("code=c&state=" + state_of(request) + "&iss=" + std::string(iss),
                                  request.browser_binding()),
                      errc::issuer_mismatch);
        BOOST_TEST(test.server.requests().empty());
    }
}

BOOST_AUTO_TEST_CASE(CB10_an_error_is_believed_only_from_the_right_issuer)
{
    check_callback(errc::issuer_missing,
                   [](const std::string& s) { return "error=access_denied&state=" + s; });
    check_callback(errc::issuer_mismatch, [](const std::string& s) {
        return "error=access_denied&iss=https%3A%2F%2Fevil.example&state=" + s;
    });
    check_callback(
        errc::state_mismatch,
        [](const std::string& s) { return "error=access_denied&state=" + flipped(s, 7) + issuer_parameter; },
        false);
    check_callback(server_errc::access_denied,
                   [](const std::string& s) { return "error=access_denied&state=" + s + issuer_parameter; });
}

BOOST_AUTO_TEST_CASE(CB11_parameters_that_occur_twice)
{
    for (const std::string_view twice :
         {"code=c&code=c", "code=c&code=d", "code=c&state=x", "code=c&iss=https%3A%2F%2Fas.example",
          "error=access_denied&error=access_denied", "code=c&c%6Fde=d",
          "error_description=a&error_description=b", "response=a&response=b", "id_token=a&id_token=b"})
        check_callback(
            errc::duplicate_parameter,
            [twice](const std::string& s) { return std::string(twice) + "&state=" + s + issuer_parameter; },
            false);
}

BOOST_AUTO_TEST_CASE(CB12_error_and_code)
{
    check_callback(server_errc::access_denied, [](const std::string& s) {
        return "error=access_denied&code=" + canary_code + "&state=" + s + issuer_parameter;
    });
    check_callback(server_errc::unrecognized,
                   [](const std::string& s) { return "code=c&error=&state=" + s + issuer_parameter; });
}

BOOST_AUTO_TEST_CASE(CB13_neither_code_nor_error)
{
    check_callback(errc::code_missing, [](const std::string& s) { return "state=" + s + issuer_parameter; });
    check_callback(errc::code_missing,
                   [](const std::string& s) { return "code=&state=" + s + issuer_parameter; });
}

BOOST_AUTO_TEST_CASE(CB16_responses_of_other_modes_and_types)
{
    for (const std::string_view other : {"response=e.y.J", "access_token=t&token_type=Bearer",
                                         "id_token=e.y.J", "code=c&id_token=e.y.J", "code=c&access_token=t"})
        check_callback(
            errc::response_mode_mismatch,
            [other](const std::string& s) { return std::string(other) + "&state=" + s + issuer_parameter; },
            false);
}

BOOST_AUTO_TEST_CASE(CB17_by_another_way_than_was_asked_for)
{
    const auto honest = [](const std::string& s) { return "code=c&state=" + s + issuer_parameter; };
    check_callback(errc::response_mode_mismatch, honest, true, coauth::response_mode::form_post);

    flow test;
    const auto request =
        test.begin_with({.scope = "openid", .response_mode = coauth::response_mode::form_post});
    BOOST_TEST(only_value(query_of(request.url()), "response_mode") == "form_post");
    check_refused(test.accept(callback_query(request), request.browser_binding()),
                  errc::response_mode_mismatch);
    // What comes after # never reaches a server: the query is empty then.
    check_refused(test.accept("", request.browser_binding()), errc::state_missing);
    BOOST_TEST(test.server.requests().empty());
}

BOOST_AUTO_TEST_CASE(CB19_callbacks_that_are_too_large)
{
    const auto with = [](const std::string& more) {
        return [more](const std::string& s) { return "code=c&state=" + s + issuer_parameter + more; };
    };
    check_callback(errc::callback_too_large, with("&x=" + std::string(10'000'000, 'x')), false);
    std::string many;
    for (int i = 0; i < 100'000; ++i)
        many += "&a";
    check_callback(errc::callback_too_large, with(many), false);
    check_callback(
        errc::callback_too_large,
        [](const std::string& s) {
            return "code=" + std::string(8 * 1024 + 1, 'c') + "&state=" + s + issuer_parameter;
        },
        false);
    flow test;
    const auto request = test.begin();
    BOOST_TEST(test.accept(callback_query(request, std::string(8 * 1024, 'c')), request.browser_binding())
                   .has_value());
}

BOOST_AUTO_TEST_CASE(CB11_callbacks_that_are_not_well_formed)
{
    for (const std::string_view text :
         {"code=%", "code=%G0", "code=%0", "code=c%00", "code=a%0D%0Ab", "code=\x01", "code=c\r\nX: y",
          "code=%C3%A9", "error=%1B[31m", "code=a b"})
        check_callback(
            errc::malformed_callback,
            [text](const std::string& s) { return std::string(text) + "&state=" + s + issuer_parameter; },
            false);
}

BOOST_AUTO_TEST_CASE(CB21_description_is_filtered_and_cut)
{
    flow test;
    const auto request = test.begin();
    const auto refused =
        test.accept("error=access_denied&error_description=%3Cscript%3E%1B%5B31m%0D%0Aline%22%5C" +
                        std::string(20'000, 'd') + "&state=" + state_of(request) + issuer_parameter,
                    request.browser_binding());
    check_refused(refused, server_errc::access_denied);
    const coauth::error reason = refused.error();
    BOOST_TEST(reason.description().size() == 1024u);
    BOOST_TEST(reason.description().starts_with("<script>?[31m??line??ddd"));
    // A view of the temporary that error() returns would dangle: it is a string then.
    for (const char c : refused.error().description())
        BOOST_TEST((c >= 0x20 && c <= 0x7e && c != '"' && c != '\\'));
    BOOST_TEST(reason.server_error() == "access_denied");
}

BOOST_AUTO_TEST_CASE(CB21_errors_that_nobody_registered)
{
    flow test;
    const auto request = test.begin();
    const auto refused =
        test.accept("error=" + std::string(100, 'e') + "&state=" + state_of(request) + issuer_parameter,
                    request.browser_binding());
    check_refused(refused, server_errc::unrecognized);
    BOOST_TEST(refused.error().server_error() == std::string(64, 'e'));
}

BOOST_AUTO_TEST_CASE(CB23_nothing_of_the_callback_shapes_the_redirect_uri)
{
    flow test;
    test.server.expect("POST", token_endpoint).answer(200, token_response_body());
    const auto request = test.begin();
    auto code = test.accept(callback_query(request) + "&redirect_uri=https%3A%2F%2Fevil.example",
                            request.browser_binding());
    BOOST_TEST(run(test.client.exchange(std::move(code.value()))).has_value());
    BOOST_TEST(only_value(test.server.sent().at(0).form(), "redirect_uri") == callback_url);
}

BOOST_AUTO_TEST_CASE(CB25_only_a_checked_callback_makes_a_code)
{
    static_assert(!std::is_constructible_v<coauth::authorization_code, coauth::secret>);
    static_assert(
        !std::is_constructible_v<coauth::authorization_code, coauth::secret, coauth::pending_login>);
    flow test;
    check_refused(run(test.client.exchange(coauth::authorization_code())), errc::code_missing);
    BOOST_TEST(test.server.requests().empty());
}

BOOST_AUTO_TEST_SUITE_END()
