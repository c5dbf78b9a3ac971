#ifndef COAUTH_IMPL_REFRESH_SCHEDULER_IMPLEMENTATION_IPP
#define COAUTH_IMPL_REFRESH_SCHEDULER_IMPLEMENTATION_IPP

#include <coauth/detail/basic_refresh_scheduler.hpp>
#include <coauth/impl/detail/basic_refresh_scheduler.ipp>
#include <coauth/refresh_scheduler_implementation.hpp>

#include <boost/asio/steady_timer.hpp>

#include <chrono>

namespace coauth::inline COAUTH_MODE::detail {

#ifndef COAUTH_SEPARATE_COMPILATION
template <class>
struct scheduler_implementation {};
#endif

COAUTH_LAZY_DECL std::shared_ptr<scheduler_interface>
make_scheduler(const boost::asio::any_io_executor& executor, std::shared_ptr<refresh_source> source,
               any_token_store store, std::uint64_t seed)
{
    using scheduler = basic_refresh_scheduler<std::chrono::steady_clock, boost::asio::steady_timer>;
    return std::make_shared<scheduler>(executor, std::move(source), std::move(store), seed);
}

} // namespace coauth::inline COAUTH_MODE::detail

#endif
