// Floor 5. The coroutine that waits for a command.
#ifndef COAUTH_IMPL_DETAIL_REDIS_EXECUTE_IPP
#define COAUTH_IMPL_DETAIL_REDIS_EXECUTE_IPP

#include <coauth/detail/redis/link.hpp>
#include <coauth/detail/waiting.hpp>

#include <boost/asio/error.hpp>

#include <memory>
#include <utility>

COAUTH_COROUTINES_BEGIN

namespace coauth::inline COAUTH_MODE::detail {

COAUTH_DECL boost::asio::awaitable<result<redis_answer>> execute(std::shared_ptr<redis_link> link,
                                                                 std::shared_ptr<redis_call> call)
{
    // The command knows the waiting coroutine, so the coroutine must not own the command: the link's context does.
    const std::weak_ptr<redis_call> given_up = call;
    auto answered = wait<redis_answer>(
        [link, call = std::move(call)](std::shared_ptr<waiting<redis_answer>> waiter) mutable {
            link->execute(std::exchange(call, nullptr),
                          [waiter](result<redis_answer> outcome) { waiter->complete(std::move(outcome)); });
        });
    result<redis_answer> outcome = co_await std::move(answered);
    if (!outcome && outcome.error() == error_code(boost::asio::error::operation_aborted)) {
        if (auto under_way = given_up.lock())
            link->give_up(std::move(under_way));
    }
    co_return std::move(outcome);
}

} // namespace coauth::inline COAUTH_MODE::detail

COAUTH_COROUTINES_END

#endif
