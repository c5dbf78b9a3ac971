#include <coauth/policy/state_store.hpp>

#include <boost/test/unit_test.hpp>

namespace {

using namespace coauth;
namespace asio = boost::asio;

struct synchronous {
    result<void> put(pending_login, std::chrono::seconds);
    result<pending_login> take(const random_value& browser_binding, const random_value& state);
};
struct asynchronous {
    asio::awaitable<result<void>> put(pending_login, std::chrono::seconds);
    asio::awaitable<result<pending_login>> take(const random_value& browser_binding,
                                                const random_value& state);
};
struct mixed {
    result<void> put(pending_login, std::chrono::seconds);
    asio::awaitable<result<pending_login>> take(const random_value& browser_binding,
                                                const random_value& state);
};
/// CB4: looks a sign-in up by its state alone.
struct by_state {
    result<void> put(pending_login, std::chrono::seconds);
    result<pending_login> take(const random_value& state);
};
/// CB5: gives out what it keeps.
struct finding {
    result<void> put(pending_login, std::chrono::seconds);
    result<pending_login*> take(const random_value& browser_binding, const random_value& state);
};
/// AR16: keeps sign-ins for ever.
struct timeless {
    result<void> put(pending_login);
    result<pending_login> take(const random_value& browser_binding, const random_value& state);
};

} // namespace

BOOST_AUTO_TEST_SUITE(policy_state_store)

BOOST_AUTO_TEST_CASE(CB4_CB5_AR16_what_is_a_state_store)
{
    BOOST_TEST(synchronous_state_store<synchronous>);
    BOOST_TEST(!asynchronous_state_store<synchronous>);
    BOOST_TEST(asynchronous_state_store<asynchronous>);
    BOOST_TEST(!synchronous_state_store<asynchronous>);
    BOOST_TEST(state_store<synchronous>);
    BOOST_TEST(state_store<asynchronous>);
    BOOST_TEST(!state_store<mixed>);
    BOOST_TEST(!state_store<by_state>);
    BOOST_TEST(!state_store<finding>);
    BOOST_TEST(!state_store<timeless>);
    BOOST_TEST(!state_store<int>);
}

BOOST_AUTO_TEST_SUITE_END()
