// Floor 5. One connection to a server, which is made again whenever it breaks.
#ifndef COAUTH_DETAIL_REDIS_LINK_HPP
#define COAUTH_DETAIL_REDIS_LINK_HPP

#include <coauth/detail/callback.hpp>
#include <coauth/detail/redis/script.hpp>
#include <coauth/redis_settings.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/redis/connection.hpp>

#include <atomic>
#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace coauth::inline COAUTH_MODE::detail {

/// The strings of an answer.
using redis_answer = std::vector<std::string>;

/// What to do if an answer got lost: the command was executed, or it was not.
enum class redis_repetition { harmless, harmful };

/** One command and what becomes of it.

    Its deadline begins when it is made. Everything but the completion happens on the link's strand.
*/
class redis_call {
public:
    using completion = callback<void(result<redis_answer>)>;

    /// @param failure what the caller calls a server that cannot be reached
    redis_call(redis_repetition repetition, errc failure) : repetition_(repetition), failure_(failure) {}

    /// A script; no script: PING.
    void set_script(std::shared_ptr<const redis_script> script) noexcept { script_ = std::move(script); }
    void set_key(std::string key) noexcept { key_ = std::move(key); }
    redis_call& add(std::string_view argument)
    {
        arguments_.emplace_back(argument);
        return *this;
    }
    errc failure() const noexcept { return failure_; }

private:
    friend class redis_link;

    std::shared_ptr<const redis_script> script_;
    std::string key_;
    std::vector<std::string> arguments_;
    redis_repetition repetition_;
    errc failure_;

    // While it is under way.
    completion complete_;
    bool script_unknown_ = false;
    std::chrono::steady_clock::time_point until_;
    boost::redis::request request_;
    boost::redis::generic_response response_;
    boost::asio::cancellation_signal given_up_;
    std::optional<boost::asio::steady_timer> deadline_;
};

/** Executes commands, and knows whether the server answers.

    As long as it does not, a PING is under way, which Boost.Redis sends as soon as there is a connection: what
    waits for the server waits for its answer. Once it has been missing for the settings' timeout, nothing waits.

    @par Thread safety start(), stop() and execute() are safe; the rest runs on the strand.
*/
class redis_link : public std::enable_shared_from_this<redis_link> {
public:
    COAUTH_DECL redis_link(const boost::asio::any_io_executor& executor, const redis_settings& settings,
                           boost::asio::ssl::context tls);

    COAUTH_DECL void start();
    COAUTH_DECL void stop();

    /// @param complete called once, on the strand, unless the call is given up or the execution context destroyed
    COAUTH_DECL void execute(std::shared_ptr<redis_call> call, redis_call::completion complete);
    /// Ends the waiting only.
    COAUTH_DECL void give_up(std::shared_ptr<redis_call> call);

private:
    using clock = std::chrono::steady_clock;
    using connection = boost::redis::basic_connection<boost::asio::any_io_executor>;
    class run_handler;
    class exec_handler;
    class probe_handler;

    COAUTH_DECL void run();
    COAUTH_DECL void begin(std::shared_ptr<redis_call> call);
    COAUTH_DECL void send(std::shared_ptr<redis_call> call);
    COAUTH_DECL void answered(const std::shared_ptr<redis_call>& call, error_code failure);
    COAUTH_DECL void wait_for_server(std::shared_ptr<redis_call> call);
    COAUTH_DECL void arm(const std::shared_ptr<redis_call>& call, clock::time_point when);
    COAUTH_DECL void too_late(const std::shared_ptr<redis_call>& call);
    COAUTH_DECL void finish(const std::shared_ptr<redis_call>& call, result<redis_answer> outcome);
    COAUTH_DECL void lost();
    COAUTH_DECL void probe();
    COAUTH_DECL void probed(error_code failure);
    COAUTH_DECL error failure_of(const redis_call& call, std::string_view otherwise) const;

    boost::asio::any_io_executor strand_;
    boost::redis::config config_;
    std::chrono::milliseconds timeout_;
    std::chrono::milliseconds retry_interval_;
    std::unique_ptr<connection> connection_;
    std::atomic<bool> context_lives_{true};

    bool stopped_ = false;
    bool down_ = true;
    bool probing_ = false;
    clock::time_point down_since_ = clock::now();
    std::string complaint_; // what the server said instead of an answer
    std::vector<std::shared_ptr<redis_call>> waiting_;
    boost::redis::request ping_;
    boost::redis::generic_response pong_;
    std::optional<boost::asio::steady_timer> pause_;
};

/** Execute a command.

    It is moved in: a coroutine that kept it would keep itself, as the command knows who waits for it.

    @par Errors the call's failure, described; `operation_aborted`
    @par Per-operation cancellation ends the waiting
*/
COAUTH_DECL boost::asio::awaitable<result<redis_answer>> execute(std::shared_ptr<redis_link> link,
                                                                 std::shared_ptr<redis_call> call);

/// The TLS side of the settings. @par Errors errc::invalid_configuration, described
COAUTH_DECL result<boost::asio::ssl::context> make_redis_tls(const redis_settings& settings);

} // namespace coauth::inline COAUTH_MODE::detail

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/detail/redis/link.ipp>
#endif

#endif
