// A pool whose connections are closed by one thread while their context goes away in another one.
#include <coauth/detail/https/connection_pool.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/test/unit_test.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <thread>

using namespace coauth::detail;
using namespace std::chrono_literals;

namespace {

const coauth::endpoint_url url = coauth::endpoint_url::parse("https://as.example/token").value();

std::shared_ptr<connection_pool> make_pool(std::chrono::milliseconds idle_time = 1h)
{
    return std::make_shared<connection_pool>(8, 8, idle_time);
}

void put_some(connection_pool& pool, boost::asio::io_context& context)
{
    for (int i = 0; i < 4; ++i)
        pool.put(std::make_unique<connection>(context.get_executor(), url), url, {});
}

/// Contexts come and go, each with idle connections, while another thread does this to the pool.
void while_contexts_end(const std::function<void(connection_pool&)>& what,
                        std::chrono::milliseconds idle_time = 1h)
{
    const auto pool = make_pool(idle_time);
    std::atomic<bool> over = false;
    std::thread other([&] {
        while (!over)
            what(*pool);
    });
    for (int round = 0; round < 2'000; ++round) {
        boost::asio::io_context context;
        put_some(*pool, context);
    }
    over = true;
    other.join();
}

} // namespace

BOOST_AUTO_TEST_CASE(all_are_closed_while_their_context_ends)
{
    while_contexts_end([](connection_pool& pool) { pool.clear(); });
}

BOOST_AUTO_TEST_CASE(expired_ones_are_closed_while_their_context_ends)
{
    boost::asio::io_context own;
    while_contexts_end([&](connection_pool& pool) { pool.take(own, coauth::http_request("GET", url)); }, 1ms);
}

BOOST_AUTO_TEST_CASE(surplus_ones_are_closed_while_their_context_ends)
{
    boost::asio::io_context own;
    while_contexts_end([&](connection_pool& pool) { put_some(pool, own); });
}

BOOST_AUTO_TEST_CASE(the_pool_is_closed_while_its_context_ends)
{
    for (int round = 0; round < 2'000; ++round) {
        auto pool = make_pool();
        auto context = std::make_unique<boost::asio::io_context>();
        put_some(*pool, *context);
        std::thread other([owned = std::move(pool)]() mutable {
            owned->close();
            owned.reset();
        });
        context.reset();
        other.join();
    }
}

BOOST_AUTO_TEST_CASE(a_closed_pool_takes_none)
{
    boost::asio::io_context context;
    const auto pool = make_pool();
    pool->close();
    put_some(*pool, context);
    BOOST_TEST(!pool->take(context, coauth::http_request("GET", url)));
    BOOST_TEST(pool->is_closed());
}
