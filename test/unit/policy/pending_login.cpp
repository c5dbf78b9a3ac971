#include <coauth/policy/pending_login.hpp>

#include "../expect.hpp"
#include "../memory.hpp"
#include "logins.hpp"

#include <boost/test/unit_test.hpp>

#include <type_traits>

BOOST_AUTO_TEST_SUITE(policy_pending_login)

using namespace coauth;
using namespace coauth::test;

// AR5: each is used once.
static_assert(!std::is_copy_constructible_v<pending_login> && !std::is_copy_assignable_v<pending_login>);
static_assert(std::is_nothrow_move_constructible_v<pending_login>);

BOOST_AUTO_TEST_CASE(it_holds_what_it_was_given)
{
    const pending_login login(numbered(1), numbered(2), numbered(3), numbered(4), 0xfedc'ba98'7654'3210u,
                              response_mode::form_post, "openid email", bytes("/a?\0b"));
    BOOST_TEST(login.state().equals(numbered(1)));
    BOOST_TEST(login.browser_binding().equals(numbered(2)));
    BOOST_TEST(login.nonce().equals(numbered(3)));
    BOOST_TEST(login.code_verifier().equals(numbered(4)));
    BOOST_TEST(login.client_tag() == 0xfedc'ba98'7654'3210u);
    BOOST_TEST((login.response_mode() == response_mode::form_post));
    BOOST_TEST(login.scope() == "openid email");
    BOOST_TEST(login.application_data() == bytes("/a?\0b"));
}

BOOST_AUTO_TEST_CASE(either_text_may_be_empty)
{
    const auto with = [](std::string_view scope, std::string_view data) {
        return pending_login(numbered(1), numbered(2), numbered(3), numbered(4), 0, response_mode::query,
                             scope, data);
    };
    BOOST_TEST(with("", "").scope() == "");
    BOOST_TEST(with("", "").application_data() == "");
    BOOST_TEST(with("a", "").scope() == "a");
    BOOST_TEST(with("a", "").application_data() == "");
    BOOST_TEST(with("", "b").scope() == "");
    BOOST_TEST(with("", "b").application_data() == "b");
    BOOST_TEST(pending_login().scope() == "");
    BOOST_TEST(pending_login().application_data() == "");
}

BOOST_AUTO_TEST_CASE(LG5_a_destroyed_login_is_wiped)
{
    const std::string data = "/private/page/of/the/application/canary";
    auto login = std::make_unique<pending_login>(numbered_login(1, 2, data));
    auto moved = std::make_unique<pending_login>(std::move(*login));
    BOOST_TEST(moved->application_data() == data);
    const random_value verifier = numbered(2, 'v');
    {
        const freed_memory_watch watch(data);
        login.reset();
        moved.reset();
        BOOST_TEST(watch.blocks() == 3u);
        BOOST_TEST(watch.leaks() == 0u);
    }
    login = std::make_unique<pending_login>(numbered_login(1, 2, data));
    moved = std::make_unique<pending_login>(std::move(*login));
    const freed_memory_watch watch(verifier.view());
    login.reset();
    moved.reset();
    BOOST_TEST(watch.leaks() == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
