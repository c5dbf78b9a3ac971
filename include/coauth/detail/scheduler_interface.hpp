// Floor 4. What refresh_scheduler and managed_grant know of the part that does the work.
#ifndef COAUTH_DETAIL_SCHEDULER_INTERFACE_HPP
#define COAUTH_DETAIL_SCHEDULER_INTERFACE_HPP

#include <coauth/detail/callback.hpp>
#include <coauth/detail/grant_entry.hpp>
#include <coauth/detail/refresh_source.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <type_traits>

namespace coauth::inline COAUTH_MODE {

class refresh_event;

namespace detail {

/// What somebody wants of a grant.
enum class grant_wish {
    usable, ///< tokens that are of use now
    newer,  ///< tokens of a refresh, one that is under way included
    other,  ///< tokens other than those that a resource rejected
};

using event_handler = callback<void(const refresh_event&)>;
using persist_hook = callback<boost::asio::awaitable<result<void>>(std::string key, shared_tokens tokens)>;

/** All of a scheduler.

    Behind virtual functions, so that files that use a scheduler do not compile what only those need that make one;
    see basic_refresh_scheduler.
*/
class scheduler_interface {
public:
    virtual ~scheduler_interface() = default;

    virtual boost::asio::awaitable<result<grant_pointer>> manage(std::string key, token_set tokens) = 0;
    virtual boost::asio::awaitable<result<grant_pointer>> find(std::string key) = 0;
    virtual boost::asio::awaitable<result<void>> forget(std::string key) = 0;

    /// @param rejected for grant_wish::other
    virtual boost::asio::awaitable<result<shared_tokens>> obtain(grant_pointer grant, grant_wish wish,
                                                                 shared_tokens rejected) = 0;
    virtual boost::asio::awaitable<result<shared_tokens>> obtain(std::string key, grant_wish wish) = 0;
    virtual boost::asio::awaitable<result<resource_response>>
    fetch_resource(grant_pointer grant, kept_resource_parameters parameters) = 0;

    virtual boost::asio::awaitable<void> run() = 0;
    virtual void on_event(event_handler handler) = 0;
    virtual void on_persist(persist_hook hook) = 0;

    /// The tokens as they are, of use or not; null tokens: the grant ended.
    virtual grant_snapshot look(const grant_entry& grant) const = 0;
    virtual std::size_t size() const noexcept = 0;

    /// Nobody will ask any more: waiters get `operation_aborted`, refreshes that were sent go on to their end.
    virtual void close() noexcept = 0;
    /// close(), and destroy the functions that the application gave.
    virtual void let_go() noexcept = 0;
    /// close(), at once, and wait for that end.
    virtual boost::asio::awaitable<void> stop() = 0;
};

/** Make the implementation on real clocks and timers. In coauth/refresh_scheduler_implementation.hpp.
    @param seed for jitter, and for the hash of keys
*/
COAUTH_LAZY std::shared_ptr<scheduler_interface> make_scheduler(const boost::asio::any_io_executor& executor,
                                                                std::shared_ptr<refresh_source> source,
                                                                any_token_store store, std::uint64_t seed);

#ifndef COAUTH_SEPARATE_COMPILATION
template <class>
struct scheduler_implementation;
/// Whether coauth/refresh_scheduler_implementation.hpp is there. @tparam Late makes it be looked at late
template <class Late, class There = scheduler_implementation<std::conditional_t<true, void, Late>>>
concept scheduler_is_implemented = requires { sizeof(There); };
#else
template <class Late>
concept scheduler_is_implemented = true;
#endif

} // namespace detail
} // namespace coauth::inline COAUTH_MODE

#endif
