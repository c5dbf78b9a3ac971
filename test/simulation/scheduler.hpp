// The library's scheduler on virtual time: in a file of its own, as it is the slow one to compile.
#ifndef COAUTH_TEST_SIMULATION_SCHEDULER_HPP
#define COAUTH_TEST_SIMULATION_SCHEDULER_HPP

#include <coauth/detail/scheduler_interface.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <cstdint>
#include <memory>

namespace coauth_test::simulation {

std::shared_ptr<coauth::detail::scheduler_interface>
make_simulated_scheduler(const boost::asio::any_io_executor& executor,
                         std::shared_ptr<coauth::detail::refresh_source> source,
                         coauth::any_token_store store, std::uint64_t seed);

} // namespace coauth_test::simulation

#endif
