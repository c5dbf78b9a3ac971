#ifndef COAUTH_IMPL_DETAIL_HTTPS_ADDRESSES_IPP
#define COAUTH_IMPL_DETAIL_HTTPS_ADDRESSES_IPP

#include <coauth/detail/https/addresses.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <exception>
#include <memory>
#include <optional>
#include <utility>

COAUTH_COROUTINES_BEGIN

namespace coauth::inline COAUTH_MODE::detail {

/// Where the answer comes, which may be long after the exchange has lost interest.
class resolution {
public:
    explicit resolution(const boost::asio::any_io_executor& executor) : resolver(executor) {}

    boost::asio::ip::tcp::resolver resolver;
    boost::asio::cancellation_signal cancellation;
    std::optional<addresses> found; // empty: failed
};

inline void resolve_with_system(exchange& x, const std::string& host, std::shared_ptr<resolution> answer)
{
    boost::asio::ip::tcp::resolver& resolver = answer->resolver;
    auto take = [self = x.shared_from_this(), answer = std::move(answer)](
                    const error_code& ec, const boost::asio::ip::tcp::resolver::results_type& results) {
        answer->found.emplace();
        if (!ec)
            for (const auto& entry : results)
                answer->found->push_back(entry.endpoint().address());
        self->wake();
    };
    resolver.async_resolve(host, std::string(), boost::asio::bind_executor(x.strand(), std::move(take)));
}

inline void resolve_with_function(exchange& x, std::string host, std::shared_ptr<resolution> answer)
{
    const auto slot = answer->cancellation.slot();
    auto take = [self = x.shared_from_this(), answer = std::move(answer)](const std::exception_ptr& thrown,
                                                                          result<addresses> results) {
        answer->found.emplace();
        if (!thrown && results)
            *answer->found = std::move(*results);
        self->wake();
    };
    try {
        auto resolving = x.settings().resolver()(std::move(host));
        boost::asio::co_spawn(boost::asio::any_io_executor(x.strand()), std::move(resolving),
                              boost::asio::bind_cancellation_slot(slot, take));
    } catch (...) { // the function itself, not its coroutine
        take(std::current_exception(), errc::name_resolution_failed);
    }
}

COAUTH_DECL on_strand<result<addresses>> resolve(exchange& x, std::string host)
{
    error_code not_an_address;
    const auto literal = boost::asio::ip::make_address(host, not_an_address);
    if (!not_an_address)
        co_return addresses(1, literal);

    const auto answer = std::make_shared<resolution>(x.executor());
    exchange::timer_type& sleep = x.sleep(); // before there is anyone to wake it
    if (x.settings().resolver())
        resolve_with_function(x, std::move(host), answer);
    else
        resolve_with_system(x, host, answer);
    if (!answer->found) {
        auto waiting = sleep.async_wait(boost::asio::as_tuple(boost::asio::deferred));
        co_await std::move(waiting);
    }
    if (x.is_interrupted()) {
        answer->resolver.cancel();
        answer->cancellation.emit(boost::asio::cancellation_type::terminal);
        co_return x.interruption();
    }
    if (!answer->found || answer->found->empty())
        co_return errc::name_resolution_failed;
    co_return std::move(*answer->found);
}

COAUTH_DECL bool is_loopback(const boost::asio::ip::address& address) noexcept
{
    if (address.is_v6() && address.to_v6().is_v4_mapped())
        return boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, address.to_v6()).is_loopback();
    return address.is_loopback();
}

COAUTH_DECL addresses in_order_of_trial(const addresses& found)
{
    addresses families[2];
    for (const auto& address : found)
        families[address.is_v4() == found.front().is_v4() ? 0 : 1].push_back(address);
    addresses out;
    for (std::size_t i = 0; i < found.size(); ++i)
        for (const addresses& family : families)
            if (i < family.size() && out.size() < most_addresses_tried)
                out.push_back(family[i]);
    return out;
}

} // namespace coauth::inline COAUTH_MODE::detail

COAUTH_COROUTINES_END

#endif
