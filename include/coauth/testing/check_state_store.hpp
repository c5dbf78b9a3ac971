// Floor 4.
#ifndef COAUTH_TESTING_CHECK_STATE_STORE_HPP
#define COAUTH_TESTING_CHECK_STATE_STORE_HPP

#include <coauth/detail/cancellation.hpp>
#include <coauth/policy/state_store.hpp>
#include <coauth/testing/store_check_settings.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace coauth::inline COAUTH_MODE::testing {
namespace detail {

class state_store_interface {
public:
    virtual ~state_store_interface() = default;
    virtual boost::asio::awaitable<result<void>> put(pending_login login, std::chrono::seconds lifetime) = 0;
    /// The values have to stay until it completes.
    virtual boost::asio::awaitable<result<pending_login>> take(const random_value& browser_binding,
                                                               const random_value& state) = 0;
};

template <class T>
class state_store_model final : public state_store_interface {
public:
    explicit state_store_model(std::shared_ptr<T> object) : object_(std::move(object)) {}

    boost::asio::awaitable<result<void>> put(pending_login login, std::chrono::seconds lifetime) override
    {
        if constexpr (synchronous_state_store<T>)
            return coauth::detail::settled<void>(object_->put(std::move(login), lifetime));
        else
            return object_->put(std::move(login), lifetime);
    }
    boost::asio::awaitable<result<pending_login>> take(const random_value& browser_binding,
                                                       const random_value& state) override
    {
        if constexpr (synchronous_state_store<T>)
            return coauth::detail::settled<pending_login>(object_->take(browser_binding, state));
        else
            return object_->take(browser_binding, state);
    }

private:
    std::shared_ptr<T> object_;
};

COAUTH_DECL boost::asio::awaitable<std::vector<std::string>>
run_state_store_check(std::shared_ptr<state_store_interface> store, store_check_settings settings);

} // namespace detail

/** Check a state store of your own against the rules of the concept state_store.

    It puts some dozens of sign-ins, with values that nobody else has. Some operations are begun side by side: on an
    executor of several threads they run in parallel.

    Not checked is that what the store holds is bounded, and what it does when it cannot be reached.

    @par Completion With a store on the system's clock, after some seconds.
    @return the rules that the store breaks, as sentences for people; empty: none was found broken
    @param store that holds at least 64 sign-ins, and 4 of one browser
*/
template <class T>
    requires synchronous_state_store<T> || asynchronous_state_store<T>
boost::asio::awaitable<std::vector<std::string>> check_state_store(std::shared_ptr<T> store,
                                                                   store_check_settings settings = {})
{
    return detail::run_state_store_check(std::make_shared<detail::state_store_model<T>>(std::move(store)),
                                         std::move(settings));
}

} // namespace coauth::inline COAUTH_MODE::testing

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/testing/check_state_store.ipp>
#endif

#endif
