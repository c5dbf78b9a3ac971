#include <coauth/policy/security_policy.hpp>

#include <boost/test/unit_test.hpp>

#include <random>

namespace {

using namespace coauth;

struct without_random : oauth21 {
    using random_source = std::mt19937;
};
struct without_comparison : oauth21 {
    using comparison = std::equal_to<>;
};
struct without_store : oauth21 {
    using state_store = std::map<std::string, pending_login>;
};
struct without_clock : oauth21 {
    using clock = std::chrono::steady_clock; // no wall clock
};
struct own_store : oauth21 {
    using state_store = basic_memory_state_store<std::chrono::system_clock>;
};
struct no_secrets : oauth21 {
    template <client_authentication_method Authentication>
    static constexpr bool permits_authentication = std::same_as<Authentication, public_client>;
};
struct empty {};

} // namespace

BOOST_AUTO_TEST_SUITE(policy_security_policy)

BOOST_AUTO_TEST_CASE(what_is_a_policy)
{
    BOOST_TEST(security_policy<oauth21>);
    BOOST_TEST(security_policy<oauth20_compatible>);
    BOOST_TEST(security_policy<own_store>);
    BOOST_TEST(security_policy<no_secrets>);
    BOOST_TEST(!security_policy<without_random>); // AR4
    BOOST_TEST(!security_policy<without_comparison>);
    BOOST_TEST(!security_policy<without_store>);
    BOOST_TEST(!security_policy<without_clock>);
    BOOST_TEST(!security_policy<empty>);
    BOOST_TEST(!security_policy<int>);
}

BOOST_AUTO_TEST_CASE(the_default_tolerates_nothing)
{
    BOOST_TEST(!oauth21::tolerated.missing_token_type);
    BOOST_TEST(!oauth21::tolerated.any_token_content_type);
    BOOST_TEST(!oauth21::tolerated.comma_separated_scope);
    BOOST_TEST(oauth21::permits_authentication<client_secret_basic>);
    BOOST_TEST(oauth21::permits_authentication<client_secret_post>);
    BOOST_TEST(oauth21::permits_authentication<public_client>);
    BOOST_TEST(!oauth21::permits_authentication<insecure::unencoded_client_secret_basic>);
}

BOOST_AUTO_TEST_CASE(the_compatible_one_tolerates_what_it_names)
{
    BOOST_TEST(oauth20_compatible::tolerated.missing_token_type);
    BOOST_TEST(oauth20_compatible::tolerated.any_token_content_type);
    BOOST_TEST(oauth20_compatible::tolerated.comma_separated_scope);
    BOOST_TEST(oauth20_compatible::permits_authentication<insecure::unencoded_client_secret_basic>);
    // And demands everything else as the default does.
    BOOST_TEST((std::same_as<oauth20_compatible::random_source, openssl_random_source>));
    BOOST_TEST((std::same_as<oauth20_compatible::comparison, constant_time_comparison>));
    BOOST_TEST((std::same_as<oauth20_compatible::state_store, memory_state_store>));
}

BOOST_AUTO_TEST_SUITE_END()
