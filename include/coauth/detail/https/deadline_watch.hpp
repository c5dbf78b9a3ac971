// Floor 5.
#ifndef COAUTH_DETAIL_HTTPS_DEADLINE_WATCH_HPP
#define COAUTH_DETAIL_HTTPS_DEADLINE_WATCH_HPP

#include <coauth/detail/config.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/intrusive/set.hpp>

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>

namespace coauth::inline COAUTH_MODE::detail {

/** One timer for all that has a time limit in an execution context.

    It waits only while something is watched. What begins before the last one leaves finds it running: setting a timer is
    a system call, and each wait that is cancelled a turn of the context.

    @par Thread safety Safe.
*/
class deadline_watch : public std::enable_shared_from_this<deadline_watch> {
public:
    using clock = std::chrono::steady_clock;
    using time_point = clock::time_point;

    /// Something with a limit.
    class watched : public boost::intrusive::set_base_hook<> {
    public:
        watched() = default;
        watched(const watched&) = delete;
        watched& operator=(const watched&) = delete;

        friend bool operator<(const watched& left, const watched& right) noexcept
        {
            return left.limit_ < right.limit_;
        }

    protected:
        ~watched() = default;
        /// Null if it is being destroyed.
        virtual std::shared_ptr<watched> share() noexcept = 0;
        /// The limit has passed. On any thread.
        virtual void lapse(unsigned limits_set) noexcept = 0;
        /// How many limits it has had: what lapse() is called with belongs to the last one or is late. To be
        /// called where its limits are set.
        unsigned limits_set() const noexcept { return limits_set_; }

    private:
        friend class deadline_watch;
        time_point limit_{};
        unsigned limits_set_ = 0;
    };

    /// That of the executor's context.
    static COAUTH_DECL std::shared_ptr<deadline_watch> of(const boost::asio::any_io_executor& executor);

    /// Replaces its limit before.
    COAUTH_DECL void set_limit(watched& one, time_point limit, const boost::asio::any_io_executor& executor);
    COAUTH_DECL void leave(watched& one) noexcept;
    /// The context is about to go.
    COAUTH_DECL void shut_down() noexcept;

private:
    using timer_type = boost::asio::basic_waitable_timer<clock>;

    COAUTH_DECL void arm(time_point until);
    COAUTH_DECL void look(unsigned waits) noexcept;

    std::mutex mutex_;
    boost::intrusive::multiset<watched> watched_;
    // One waits, and the other one is set before that wait is given up, so that without memory nothing is lost.
    std::optional<timer_type> timer_;
    std::optional<timer_type> next_;
    time_point until_ = time_point::max(); // never: it does not wait
    unsigned waits_ = 0;
};

} // namespace coauth::inline COAUTH_MODE::detail

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/detail/https/deadline_watch.ipp>
#endif

#endif
