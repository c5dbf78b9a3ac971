#include "scheduler.hpp"

#include "clock.hpp"

#include <coauth/detail/basic_refresh_scheduler.hpp>
#include <coauth/impl/detail/basic_refresh_scheduler.ipp>

#include <utility>

namespace coauth_test::simulation {

std::shared_ptr<coauth::detail::scheduler_interface>
make_simulated_scheduler(const boost::asio::any_io_executor& executor,
                         std::shared_ptr<coauth::detail::refresh_source> source,
                         coauth::any_token_store store, std::uint64_t seed)
{
    using scheduler = coauth::detail::basic_refresh_scheduler<simulated_clock, simulated_timer>;
    return std::make_shared<scheduler>(executor, std::move(source), std::move(store), seed);
}

} // namespace coauth_test::simulation
