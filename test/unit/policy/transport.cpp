#include <coauth/policy/transport.hpp>

#include "../expect.hpp"
#include "run.hpp"

#include <boost/test/unit_test.hpp>

namespace {

using namespace coauth;
using namespace coauth::test;
namespace asio = boost::asio;

/// Answers with how often it was asked.
class counting_transport {
public:
    asio::awaitable<result<http_response>> send(http_request request)
    {
        ++count_;
        co_return http_response(200)
            .add_field("Count", std::to_string(count_))
            .add_field("Method", request.method());
    }
    int count() const noexcept { return count_; }

private:
    int count_ = 0;
};

struct movable_only {
    std::unique_ptr<int> held = std::make_unique<int>(7);
    asio::awaitable<result<http_response>> send(http_request)
    {
        co_return http_response(static_cast<unsigned>(*held));
    }
};

struct immovable {
    immovable() = default;
    immovable(const immovable&) = delete;
    asio::awaitable<result<http_response>> send(http_request) { co_return errc::timed_out; }
};

struct blocking {
    result<http_response> send(http_request);
};
struct by_lvalue {
    asio::awaitable<result<http_response>> send(http_request&);
};

http_request get() { return http_request("GET", endpoint_url::parse("https://as.example/").value()); }

} // namespace

BOOST_AUTO_TEST_SUITE(policy_transport)

static_assert(transport<counting_transport> && transport<movable_only> && transport<immovable> &&
              transport<const any_transport>);
static_assert(!transport<blocking> && !transport<by_lvalue> && !transport<int>);
static_assert(std::constructible_from<any_transport, counting_transport> &&
              std::constructible_from<any_transport, std::shared_ptr<immovable>> &&
              !std::constructible_from<any_transport, immovable> &&
              !std::constructible_from<any_transport, blocking> &&
              !std::constructible_from<any_transport, std::shared_ptr<blocking>> &&
              !std::default_initializable<any_transport>);

BOOST_AUTO_TEST_CASE(copies_share_the_transport)
{
    const auto counting = std::make_shared<counting_transport>();
    const any_transport first(counting);
    any_transport second = first;
    const auto answer = coauth_test::run(first.send(get()));
    BOOST_TEST(answer->field_value("Count") == "1");
    BOOST_TEST(answer->field_value("Method") == "GET");
    BOOST_TEST(coauth_test::run(second.send(get()))->field_value("Count") == "2");
    BOOST_TEST(counting->count() == 2);
    second = any_transport(counting_transport());
    BOOST_TEST(coauth_test::run(second.send(get()))->field_value("Count") == "1");
    BOOST_TEST(counting->count() == 2);
}

BOOST_AUTO_TEST_CASE(any_kind_of_transport_is_held)
{
    BOOST_TEST(coauth_test::run(any_transport(movable_only()).send(get()))->status() == 7u);
    const any_transport shared(std::make_shared<immovable>());
    BOOST_TEST(outcome_name(coauth_test::run(shared.send(get()))) == "coauth.client:timed_out");
}

BOOST_AUTO_TEST_SUITE_END()
