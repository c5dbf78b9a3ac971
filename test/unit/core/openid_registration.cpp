#include <coauth/core/openid_registration.hpp>

#include "../expect.hpp"

#include <boost/test/unit_test.hpp>

namespace {

using namespace coauth;

const std::string pattern = "https://login.example/{tenantid}/v2.0";

std::string issuer_of(std::string_view tenant)
{
    return "https://login.example/" + std::string(tenant) + "/v2.0";
}

bool is_invalid_configuration(const exception& thrown)
{
    return thrown.reason() == errc::invalid_configuration;
}

} // namespace

BOOST_AUTO_TEST_SUITE(core_openid_registration)

BOOST_AUTO_TEST_CASE(nothing_said)
{
    const openid_registration one;
    BOOST_TEST(!one.id_token_algorithms().has_value());
    BOOST_TEST(one.id_token_secret() == nullptr);
    BOOST_TEST(!one.userinfo_algorithm().has_value());
    BOOST_TEST(one.trusted_audiences().empty());
    BOOST_TEST(!one.multi_tenant_issuer().has_value());
    BOOST_TEST(!one.issuer_in_response_required());
    BOOST_TEST(one.post_logout_redirect_uri().empty());
    BOOST_TEST(!one.logout_session_required());
}

BOOST_AUTO_TEST_CASE(it_holds_what_it_was_given)
{
    openid_registration one;
    one.set_id_token_signed_response_alg({signing_algorithm::rs256, signing_algorithm::eddsa})
        .set_userinfo_signed_response_alg(signing_algorithm::es384)
        .set_trusted_audiences({"client-2"})
        .set_multi_tenant_issuer(multi_tenant_issuer(pattern, {"tenant-1"}))
        .set_issuer_in_response_required(true)
        .set_post_logout_redirect_uri(redirect_uri::parse("https://app.example/bye").value())
        .set_logout_session_required(true);
    BOOST_TEST(one.id_token_algorithms()->contains(signing_algorithm::eddsa));
    BOOST_TEST(!one.id_token_algorithms()->contains(signing_algorithm::es256));
    BOOST_TEST((one.userinfo_algorithm() == signing_algorithm::es384));
    BOOST_TEST(one.trusted_audiences().at(0) == "client-2");
    BOOST_TEST(one.multi_tenant_issuer()->issuer_template() == pattern);
    BOOST_TEST(one.multi_tenant_issuer()->tenants().size() == 1u);
    BOOST_TEST(one.issuer_in_response_required());
    BOOST_TEST(one.post_logout_redirect_uri().string() == "https://app.example/bye");
    BOOST_TEST(one.logout_session_required());
}

BOOST_AUTO_TEST_CASE(ID2_ID4_either_a_secret_or_public_keys)
{
    const hmac_key shared(hmac_algorithm::hs256, secret(std::string(32, 'k')));
    openid_registration one;
    one.set_id_token_signed_response_alg(signing_algorithm::rs256).set_id_token_signed_response_alg(shared);
    BOOST_TEST_REQUIRE(one.id_token_secret() != nullptr);
    BOOST_TEST((one.id_token_secret()->algorithm() == hmac_algorithm::hs256));
    // No public key is accepted beside it, which is not the same as nothing said.
    BOOST_TEST_REQUIRE(one.id_token_algorithms().has_value());
    BOOST_TEST(one.id_token_algorithms()->empty());
    one.set_id_token_signed_response_alg(signing_algorithm::rs256);
    BOOST_TEST(one.id_token_secret() == nullptr);
    BOOST_TEST(one.id_token_algorithms()->contains(signing_algorithm::rs256));
}

BOOST_AUTO_TEST_CASE(ID15_the_tenant_stands_in_its_place)
{
    const multi_tenant_issuer everybody(pattern);
    BOOST_TEST(everybody.matches(issuer_of("tenant-1"), "tenant-1"));
    BOOST_TEST(everybody.matches(issuer_of("A"), "A"));
    BOOST_TEST(everybody.matches(issuer_of(std::string(64, 'a')), std::string(64, 'a')));
    for (const auto& [issuer, tenant] : std::initializer_list<std::pair<std::string, std::string>>{
             {issuer_of("tenant-1"), "tenant-2"},
             {issuer_of("tenant-1"), "tenant"},
             {issuer_of("tenant-1"), ""},
             {issuer_of(""), ""},
             {issuer_of("tenant-1") + "/", "tenant-1"},
             {"x" + issuer_of("tenant-1"), "tenant-1"},
             {"https://login.example/tenant-1", "tenant-1"},
             {"tenant-1", "tenant-1"},
             {pattern, "{tenantid}"},
             {issuer_of("a/b"), "a/b"},
             {issuer_of("a.b"), "a.b"},
             {issuer_of("a b"), "a b"},
             {issuer_of("tenant%2d1"), "tenant%2d1"},
             {issuer_of("@evil.example"), "@evil.example"},
             {issuer_of(std::string(65, 'a')), std::string(65, 'a')},
             {issuer_of("TENANT-1"), "tenant-1"},
             {"", ""}})
        BOOST_TEST(!everybody.matches(issuer, tenant), issuer << " of " << tenant);
    // The hole may be at either end.
    BOOST_TEST(
        multi_tenant_issuer("https://login.example/{tenantid}").matches("https://login.example/a", "a"));
    BOOST_TEST(
        !multi_tenant_issuer("https://login.example/{tenantid}").matches("https://login.example/", ""));
}

BOOST_AUTO_TEST_CASE(ID15_only_tenants_of_the_list)
{
    const multi_tenant_issuer some(pattern, {"tenant-1", "tenant-2"});
    BOOST_TEST(some.matches(issuer_of("tenant-1"), "tenant-1"));
    BOOST_TEST(some.matches(issuer_of("tenant-2"), "tenant-2"));
    for (const std::string_view other : {"tenant-3", "tenant", "Tenant-1", "tenant-11"})
        BOOST_TEST(!some.matches(issuer_of(other), other), other);
}

BOOST_AUTO_TEST_CASE(ID15_templates_that_are_none)
{
    for (const std::string_view text :
         {"", "https://login.example/common", "https://login.example/{tenantId}",
          "https://{tenantid}.example/{tenantid}", "https://login.example/{tenantid"})
        BOOST_CHECK_EXCEPTION(multi_tenant_issuer(std::string(text), {}), exception,
                              is_invalid_configuration);
    // A list with an empty name was meant to be shorter, not to let everybody in.
    BOOST_CHECK_EXCEPTION(multi_tenant_issuer(pattern, {""}), exception, is_invalid_configuration);
    BOOST_CHECK_EXCEPTION(multi_tenant_issuer(pattern, {"tenant-1", ""}), exception,
                          is_invalid_configuration);
}

BOOST_AUTO_TEST_SUITE_END()
