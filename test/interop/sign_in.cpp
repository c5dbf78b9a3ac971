// People sign in at a provider that others wrote, and stay signed in.
#include "relying_party.hpp"
#include "run.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

namespace {

using namespace coauth_test;
using namespace std::chrono_literals;
using coauth::response_mode;
namespace data = boost::unit_test::data;

const std::array<provider_client, 4> all_clients{clients::basic, clients::post, clients::without_secret,
                                                 clients::odd};

void check_id_token(const provider& at, const provider_client& as, const coauth::token_set& tokens)
{
    BOOST_REQUIRE(tokens.has_id_token());
    const coauth::verified_id_token& id = tokens.id_token();
    BOOST_TEST(id.issuer() == at.issuer());
    BOOST_TEST(id.subject() == "ada");
    BOOST_REQUIRE_EQUAL(id.audience().size(), 1u);
    BOOST_TEST(id.audience()[0] == as.client_id);
    const auto now = std::chrono::system_clock::now();
    BOOST_TEST((id.issued_at() <= now && id.issued_at() > now - 60s));
    BOOST_TEST((id.expires_at() == id.issued_at() + 1h));
}

void check_userinfo(coauth::client& client, const coauth::token_set& tokens)
{
    const auto person = run(client.fetch_userinfo(tokens));
    BOOST_REQUIRE_EQUAL(outcome(person), "ok");
    BOOST_TEST(person->subject() == "ada");
    BOOST_TEST(person->claim("name") == "ada H\xC3\xA4"
                                        "berle");
    BOOST_TEST(person->claim("email") == "ada@example.com");
    BOOST_TEST(person->claims().at("email_verified").as_bool());
}

} // namespace

BOOST_AUTO_TEST_SUITE(interop_sign_in)

BOOST_DATA_TEST_CASE(from_the_request_to_the_revocation,
                     data::make(all_clients) * data::make({"query", "form_post"}), which, mode)
{
    provider& at = provider::shared();
    coauth::client client = make_client(at, which);
    web_browser browser = make_browser();

    auto parameters = usual_parameters();
    const bool by_form = std::string_view(mode) == "form_post";
    if (by_form)
        parameters.response_mode = response_mode::form_post;
    parameters.application_data = "/where/to";
    const landing back = sign_in_at(client, browser, parameters);
    BOOST_TEST(back.method == (by_form ? "POST" : "GET"));
    BOOST_TEST(parameter_of(back.parameters, "iss") == at.issuer());

    auto code = run(client.accept_callback(back.callback()));
    BOOST_REQUIRE_EQUAL(outcome(code), "ok");
    BOOST_TEST(code->application_data() == "/where/to");

    const auto before = std::chrono::system_clock::now();
    const auto tokens = run(client.exchange(std::move(*code)));
    BOOST_REQUIRE_EQUAL(outcome(tokens), "ok");
    BOOST_TEST(tokens->token_type() == "Bearer");
    BOOST_TEST((tokens->scope() == coauth::scope::parse("offline_access openid email profile").value()));
    BOOST_TEST(!tokens->scope_assumed());
    BOOST_REQUIRE(tokens->expires_at().has_value());
    BOOST_TEST((*tokens->expires_at() >= before + 3590s));
    BOOST_TEST((*tokens->expires_at() <= std::chrono::system_clock::now() + 3600s));
    BOOST_REQUIRE(!tokens->refresh_token().empty());
    check_id_token(at, which, *tokens);
    BOOST_TEST(!tokens->id_token().claim("nonce").empty());
    check_userinfo(client, *tokens);

    const auto fresh = run(client.refresh(*tokens));
    BOOST_REQUIRE_EQUAL(outcome(fresh), "ok");
    BOOST_TEST(!fresh->access_token().equals(tokens->access_token()));
    BOOST_TEST(!fresh->refresh_token().equals(tokens->refresh_token()));
    BOOST_TEST(!fresh->refresh_token().empty());
    check_id_token(at, which, *fresh);
    BOOST_TEST(&fresh->id_token() != &tokens->id_token());
    check_userinfo(client, *fresh);

    BOOST_TEST(outcome(run(client.revoke(*fresh))) == "ok");
    BOOST_TEST(outcome(run(client.fetch_userinfo(*fresh))) == "coauth.server:invalid_token");
    BOOST_TEST(outcome(run(client.refresh(*fresh))) == "coauth.server:invalid_grant");
}

BOOST_AUTO_TEST_CASE(an_old_refresh_token_is_refused_and_ends_the_grant)
{
    provider& at = provider::shared();
    coauth::client client = make_client(at, clients::without_secret);
    const coauth::token_set first = sign_in(client);
    const coauth::token_set second = run(client.refresh(first)).value();

    const auto refused = run(client.refresh(first));
    BOOST_REQUIRE(refused.has_error());
    BOOST_TEST((refused.error() == coauth::server_errc::invalid_grant));
    BOOST_TEST((refused.error() == coauth::condition::reauthorization_required));
    BOOST_TEST(refused.error().http_status() == 400u);
    BOOST_TEST(refused.error().grant_spent());
    // As the README shows it.
    BOOST_TEST(refused.error().message() ==
               "coauth.server:invalid_grant: the code or refresh token is invalid, expired, revoked or spent "
               "(HTTP status 400), described as \"grant request is invalid\"");

    // To the provider that was theft: whoever has the newer one loses it, too.
    BOOST_TEST(outcome(run(client.refresh(second))) == "coauth.server:invalid_grant");
    BOOST_TEST(outcome(run(client.fetch_userinfo(second))) == "coauth.server:invalid_token");
}

BOOST_AUTO_TEST_CASE(less_is_granted_than_was_asked_for)
{
    coauth::client client = make_client(provider::shared(), clients::basic);
    coauth::authorization_parameters parameters;
    // No offline_access without prompt=consent, and nobody knows the other one.
    parameters.scope = "openid email offline_access urn:example:unheard-of";
    const coauth::token_set tokens = sign_in(client, parameters);
    BOOST_TEST(tokens.scope().to_string() == "openid email");
    BOOST_TEST(tokens.id_token().subject() == "ada");
    BOOST_TEST(tokens.refresh_token().empty());
    BOOST_TEST(outcome(run(client.refresh(tokens))) == "coauth.client:refresh_token_missing");
}

BOOST_AUTO_TEST_CASE(a_refresh_narrows_the_scope)
{
    coauth::client client = make_client(provider::shared(), clients::post);
    const coauth::token_set tokens = sign_in(client);
    coauth::refresh_parameters narrower;
    narrower.scope = "openid";
    const coauth::token_set fresh = run(client.refresh(tokens, narrower)).value();
    BOOST_TEST(fresh.scope().to_string() == "openid");
    const coauth::userinfo person = run(client.fetch_userinfo(fresh)).value();
    BOOST_TEST(person.subject() == "ada");
    BOOST_TEST(!person.claims().contains("email"));
    BOOST_TEST(fresh.id_token().subject() == "ada");
}

BOOST_AUTO_TEST_CASE(without_openid_connect)
{
    coauth::client client = make_client(provider::shared(), clients::without_secret);
    coauth::authorization_parameters parameters;
    parameters.scope = "offline_access";
    parameters.prompt = "consent";
    const coauth::token_set tokens = sign_in(client, parameters);
    BOOST_TEST(tokens.scope().to_string() == "offline_access");
    BOOST_TEST(!tokens.has_id_token());
    BOOST_TEST(!run(client.refresh(tokens)).value().access_token().empty());
}

BOOST_AUTO_TEST_CASE(several_sign_ins_of_one_browser_at_once)
{
    coauth::client client = make_client(provider::shared(), clients::basic);
    web_browser browser = make_browser();
    auto parameters = usual_parameters();
    const landing first = sign_in_at(client, browser, parameters);
    parameters.browser_binding = first.browser_binding;
    const landing second = sign_in_at(client, browser, parameters);
    BOOST_TEST(second.browser_binding == first.browser_binding);
    for (const landing* each : {&second, &first}) {
        auto code = run(client.accept_callback(each->callback()));
        BOOST_REQUIRE_EQUAL(outcome(code), "ok");
        BOOST_TEST(outcome(run(client.exchange(std::move(*code)))) == "ok");
    }
}

BOOST_AUTO_TEST_CASE(the_provider_is_asked_about_itself_once_and_not_before_it_matters)
{
    provider& at = provider::shared();
    const auto before = at.report();
    const auto asked_for = [&](const std::string& what) {
        return at.report().requests(what) - before.requests(what);
    };
    const std::string metadata = "GET /.well-known/openid-configuration";
    coauth::client client = make_client(at, clients::basic);
    BOOST_TEST(!client.server());
    BOOST_TEST(at.report().connections == before.connections);

    const auto first = run(client.begin_authorization(usual_parameters()));
    BOOST_REQUIRE_EQUAL(outcome(first), "ok");
    BOOST_TEST(first->url().starts_with(at.issuer() + "/auth?"));
    BOOST_TEST(asked_for(metadata) == 1u);
    for (int i = 0; i < 2; ++i)
        BOOST_TEST(sign_in(client).id_token().subject() == "ada");
    BOOST_TEST(asked_for(metadata) == 1u);
    BOOST_TEST(asked_for("GET /jwks") == 1u);
}

BOOST_AUTO_TEST_SUITE_END()
