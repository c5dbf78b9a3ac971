// Floor 4. All that a refresh scheduler does, on any clock and timer.
#ifndef COAUTH_DETAIL_BASIC_REFRESH_SCHEDULER_HPP
#define COAUTH_DETAIL_BASIC_REFRESH_SCHEDULER_HPP

#include <coauth/detail/scheduler_interface.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace coauth::detail {

/** A refresh scheduler. Make it with std::make_shared.

    Grants lie in shards, each with a table, a timer wheel and a mutex that is never held while anything is waited
    for or called that is not of this class. Each refresh is a `flight`: a coroutine on a strand of its own, which does
    what a refresh_machine says.

    In files that are compiled with COAUTH_SEPARATE_COMPILATION, and instantiate this with a clock and timer of their
    own, coauth/impl/detail/basic_refresh_scheduler.ipp has to be included.

    @tparam Clock `Clock::now()` is steady, counts nanoseconds, and is safe to call from all threads
    @tparam Timer is made of an executor; `expires_at(Clock::time_point)`, `cancel()`, and `async_wait(handler)` for a
    copyable handler that is called once with an error code, from its executor, or destroyed. All that is waited for
    goes through it.
*/
template <class Clock, class Timer>
class basic_refresh_scheduler final
    : public scheduler_interface,
      public std::enable_shared_from_this<basic_refresh_scheduler<Clock, Timer>> {
public:
    /// @param seed for jitter and the hash of keys: the same one gives the same times
    basic_refresh_scheduler(const boost::asio::any_io_executor& executor,
                            std::shared_ptr<refresh_source> source, any_token_store store,
                            std::uint64_t seed);

    boost::asio::awaitable<result<grant_pointer>> manage(std::string key, token_set tokens) override;
    boost::asio::awaitable<result<grant_pointer>> find(std::string key) override;
    boost::asio::awaitable<result<void>> forget(std::string key) override;
    boost::asio::awaitable<result<shared_tokens>> obtain(grant_pointer grant, grant_wish wish,
                                                         shared_tokens rejected) override;
    boost::asio::awaitable<result<shared_tokens>> obtain(std::string key, grant_wish wish) override;
    boost::asio::awaitable<result<resource_response>>
    fetch_resource(grant_pointer grant, kept_resource_parameters parameters) override;
    boost::asio::awaitable<void> run() override;
    void on_event(event_handler handler) override;
    void on_persist(persist_hook hook) override;
    grant_snapshot look(const grant_entry& grant) const override;
    std::size_t size() const noexcept override;
    void close() noexcept override;
};

} // namespace coauth::detail

#endif
