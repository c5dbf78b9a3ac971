#ifndef COAUTH_IMPL_DETAIL_REDIS_LINK_IPP
#define COAUTH_IMPL_DETAIL_REDIS_LINK_IPP

#include <coauth/detail/cancellation.hpp>
#include <coauth/detail/redis/link.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <boost/redis/error.hpp>

#include <algorithm>
#include <type_traits>
#include <utility>

namespace coauth::inline COAUTH_MODE::detail {
namespace redis_link_detail {

/// The word that a server's error begins with. What follows may quote what was sent.
inline std::string_view first_word(std::string_view diagnostic) noexcept
{
    const std::size_t end = diagnostic.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ");
    return diagnostic.substr(0, std::min<std::size_t>(end, 24));
}

/// Boost 1.89 and newer take the logger with the constructor, 1.85 and newer the TLS context; none may log anything.
template <class Connection>
std::unique_ptr<Connection> make_connection(boost::asio::any_io_executor executor,
                                            boost::asio::ssl::context&& tls)
{
    using boost::asio::any_io_executor;
    using boost::asio::ssl::context;
    using boost::redis::logger;
    if constexpr (std::is_constructible_v<Connection, any_io_executor, context, logger>) {
        return std::make_unique<Connection>(std::move(executor), std::move(tls),
                                            logger(logger::level::disabled));
    } else if constexpr (std::is_constructible_v<Connection, any_io_executor, context>) {
        return std::make_unique<Connection>(std::move(executor), std::move(tls));
    } else {
        auto out = std::make_unique<Connection>(std::move(executor));
        out->get_ssl_context() = std::move(tls);
        out->reset_stream();
        return out;
    }
}

template <class Connection, class Handler>
void run_connection(Connection& connection, const boost::redis::config& config, Handler&& handler)
{
    using boost::redis::logger;
    if constexpr (std::is_constructible_v<Connection, boost::asio::any_io_executor, boost::asio::ssl::context,
                                          logger>)
        connection.async_run(config, std::forward<Handler>(handler));
    else
        connection.async_run(config, logger(logger::level::disabled), std::forward<Handler>(handler));
}

template <class Config>
void limit_answers(Config& config)
{
    if constexpr (requires { config.max_read_size; })
        config.max_read_size = 64 * 1024 * 1024; // several of the largest seals at once
}

inline std::vector<std::string> strings_of(std::vector<boost::redis::resp3::node>& nodes)
{
    std::vector<std::string> out;
    out.reserve(nodes.size());
    for (auto& node : nodes)
        if (!boost::redis::resp3::is_aggregate(node.data_type))
            out.push_back(std::move(node.value));
    return out;
}

} // namespace redis_link_detail

/** Of the operation that keeps the connection.

    Destroyed without being called, its execution context is being destroyed: sockets, timers and the strand have to
    go before it is gone.
*/
class redis_link::run_handler {
public:
    explicit run_handler(std::shared_ptr<redis_link> link) noexcept : link_(std::move(link)) {}
    run_handler(run_handler&& other) noexcept = default;
    run_handler(const run_handler&) = delete;
    ~run_handler()
    {
        if (!link_)
            return;
        link_->context_lives_ = false;
        const auto connection = std::move(link_->connection_);
        link_->pause_.reset();
        const auto waiting = std::exchange(link_->waiting_, {});
        link_->strand_ = boost::asio::any_io_executor();
    }
    void operator()(error_code)
    {
        // Boost.Redis goes on until it is stopped.
        link_.reset();
    }

private:
    std::shared_ptr<redis_link> link_;
};

class redis_link::exec_handler {
public:
    exec_handler(std::shared_ptr<redis_link> link, std::shared_ptr<redis_call> call) noexcept
        : link_(std::move(link)), call_(std::move(call))
    {
    }
    void operator()(error_code failure, std::size_t) const { link_->answered(call_, failure); }

private:
    std::shared_ptr<redis_link> link_;
    std::shared_ptr<redis_call> call_;
};

class redis_link::probe_handler {
public:
    explicit probe_handler(std::shared_ptr<redis_link> link) noexcept : link_(std::move(link)) {}
    void operator()(error_code failure, std::size_t) const { link_->probed(failure); }

private:
    std::shared_ptr<redis_link> link_;
};

COAUTH_DECL redis_link::redis_link(const boost::asio::any_io_executor& executor,
                                   const redis_settings& settings, boost::asio::ssl::context tls)
    : strand_(boost::asio::make_strand(executor)),
      timeout_(settings.timeout()),
      retry_interval_(std::max(settings.reconnect_interval(), std::chrono::milliseconds(10))),
      connection_(redis_link_detail::make_connection<connection>(strand_, std::move(tls)))
{
    config_.use_ssl = settings.tls();
    config_.addr = {settings.host(), std::to_string(settings.port())};
    config_.username = settings.user();
    config_.password = std::string(settings.password().expose());
    config_.clientname = "coauth";
    config_.health_check_id = "coauth";
    config_.database_index = static_cast<int>(settings.database());
    config_.resolve_timeout = settings.connect_timeout();
    config_.connect_timeout = settings.connect_timeout();
    config_.ssl_handshake_timeout = settings.connect_timeout();
    config_.health_check_interval = settings.health_check_interval();
    config_.reconnect_wait_interval = retry_interval_;
    redis_link_detail::limit_answers(config_);
    // It stays until there is a connection.
    ping_.get_config().cancel_if_not_connected = false;
    ping_.get_config().cancel_on_connection_lost = false;
    ping_.push("PING");
}

COAUTH_DECL void redis_link::start()
{
    boost::asio::post(strand_, [self = shared_from_this()] {
        self->run();
        self->probe();
    });
}

COAUTH_DECL void redis_link::run()
{
    redis_link_detail::run_connection(*connection_, config_,
                                      boost::asio::bind_executor(strand_, run_handler(shared_from_this())));
}

COAUTH_DECL void redis_link::stop()
{
    if (!context_lives_)
        return;
    boost::asio::post(strand_, [self = shared_from_this()] {
        self->stopped_ = true;
        self->pause_.reset();
        if (self->connection_)
            self->connection_->cancel(boost::redis::operation::all);
        const auto waiting = std::exchange(self->waiting_, {});
        for (const auto& call : waiting)
            self->finish(call, self->failure_of(*call, "the connection was closed"));
    });
}

COAUTH_DECL void redis_link::execute(std::shared_ptr<redis_call> call, redis_call::completion complete)
{
    if (!context_lives_) {
        complete(failure_of(*call, "the execution context is gone"));
        return;
    }
    call->complete_ = std::move(complete);
    boost::asio::post(strand_,
                      [self = shared_from_this(), call = std::move(call)] { self->begin(std::move(call)); });
}

COAUTH_DECL void redis_link::give_up(std::shared_ptr<redis_call> call)
{
    if (!context_lives_)
        return;
    boost::asio::post(strand_, [self = shared_from_this(), call = std::move(call)] {
        call->complete_ = nullptr;
        call->deadline_.reset();
        std::erase(self->waiting_, call);
        call->given_up_.emit(boost::asio::cancellation_type::partial);
    });
}

COAUTH_DECL void redis_link::begin(std::shared_ptr<redis_call> call)
{
    if (!call->complete_) // given up meanwhile
        return;
    if (stopped_) {
        finish(call, failure_of(*call, "the connection was closed"));
        return;
    }
    call->until_ = clock::now() + timeout_;
    call->deadline_.emplace(strand_);
    if (down_) {
        wait_for_server(std::move(call));
        return;
    }
    arm(call, call->until_);
    send(std::move(call));
}

COAUTH_DECL void redis_link::send(std::shared_ptr<redis_call> call)
{
    auto& request = call->request_;
    request.clear();
    request.get_config().cancel_if_not_connected = true;
    request.get_config().cancel_on_connection_lost = true;
    request.get_config().cancel_if_unresponded = true;
    if (!call->script_) {
        request.push("PING");
    } else {
        std::vector<std::string_view> words;
        words.reserve(call->arguments_.size() + 3);
        words.emplace_back(call->script_unknown_ ? call->script_->text() : call->script_->name());
        words.emplace_back("1");
        words.emplace_back(call->key_);
        words.insert(words.end(), call->arguments_.begin(), call->arguments_.end());
        request.push_range(call->script_unknown_ ? "EVAL" : "EVALSHA", words);
    }
    call->response_ = boost::redis::generic_response();
    auto handler = boost::asio::bind_cancellation_slot(
        call->given_up_.slot(), boost::asio::bind_executor(strand_, exec_handler(shared_from_this(), call)));
    connection_->async_exec(request, call->response_, std::move(handler));
}

COAUTH_DECL void redis_link::answered(const std::shared_ptr<redis_call>& call, error_code failure)
{
    if (!call->complete_)
        return;
    if (failure) {
        lost();
        // Nothing was sent without a connection.
        if (call->repetition_ == redis_repetition::harmless || failure == boost::redis::error::not_connected)
            wait_for_server(call);
        else
            finish(call, failure_of(*call, "the connection was lost"));
        return;
    }
    if (call->response_.has_error()) {
        const std::string word(redis_link_detail::first_word(call->response_.error().diagnostic));
        if (word == "NOSCRIPT" && !call->script_unknown_) {
            call->script_unknown_ = true;
            send(call);
        } else if (word == "LOADING" || word == "BUSY") {
            // It is there, and will be of use in a moment.
            lost();
            complaint_ = word;
            wait_for_server(call);
        } else {
            finish(call, error(call->failure_).set_description("Redis said " + word));
        }
        return;
    }
    finish(call, redis_link_detail::strings_of(call->response_.value()));
}

COAUTH_DECL void redis_link::wait_for_server(std::shared_ptr<redis_call> call)
{
    const auto patience_ends = down_since_ + timeout_;
    if (stopped_ || clock::now() >= patience_ends) {
        finish(call, failure_of(*call, "Redis cannot be reached"));
        return;
    }
    arm(call, std::min(call->until_, patience_ends));
    waiting_.push_back(std::move(call));
}

COAUTH_DECL void redis_link::arm(const std::shared_ptr<redis_call>& call, clock::time_point when)
{
    call->deadline_->expires_at(when);
    call->deadline_->async_wait(
        [self = shared_from_this(), weak = std::weak_ptr(call), when](error_code failure) {
            const auto locked = weak.lock();
            if (!failure && locked && locked->deadline_ && locked->deadline_->expiry() == when)
                self->too_late(locked);
        });
}

COAUTH_DECL void redis_link::too_late(const std::shared_ptr<redis_call>& call)
{
    if (!call->complete_)
        return;
    if (std::erase(waiting_, call) == 0)
        lost(); // it was sent, and the others should not have to wait as long
    finish(call, failure_of(*call, "Redis did not answer in time"));
    call->given_up_.emit(boost::asio::cancellation_type::partial);
}

COAUTH_DECL void redis_link::finish(const std::shared_ptr<redis_call>& call, result<redis_answer> outcome)
{
    const auto complete = std::exchange(call->complete_, nullptr);
    call->deadline_.reset();
    if (complete)
        complete(std::move(outcome));
}

COAUTH_DECL error redis_link::failure_of(const redis_call& call, std::string_view otherwise) const
{
    error out(call.failure_);
    out.set_description(complaint_.empty() ? std::string(otherwise) : "Redis said " + complaint_);
    return out;
}

COAUTH_DECL void redis_link::lost()
{
    if (!down_)
        down_since_ = clock::now();
    down_ = true;
    probe();
}

COAUTH_DECL void redis_link::probe()
{
    if (probing_ || stopped_)
        return;
    probing_ = true;
    pong_ = boost::redis::generic_response();
    connection_->async_exec(ping_, pong_,
                            boost::asio::bind_executor(strand_, probe_handler(shared_from_this())));
}

COAUTH_DECL void redis_link::probed(error_code failure)
{
    if (stopped_)
        return;
    if (!failure && pong_.has_value()) {
        probing_ = false;
        down_ = false;
        complaint_.clear();
        const auto waiting = std::exchange(waiting_, {});
        for (const auto& call : waiting) {
            arm(call, call->until_);
            send(call);
        }
        return;
    }
    if (!failure)
        complaint_ = redis_link_detail::first_word(pong_.error().diagnostic);
    pause_.emplace(strand_, retry_interval_);
    pause_->async_wait([self = shared_from_this()](error_code aborted) {
        if (aborted)
            return;
        self->probing_ = false;
        self->probe();
    });
}

} // namespace coauth::inline COAUTH_MODE::detail

#include <coauth/impl/detail/redis/execute.ipp>
#include <coauth/impl/detail/redis/tls.ipp>

#endif
