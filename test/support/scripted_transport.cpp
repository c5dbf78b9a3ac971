#include "scripted_transport.hpp"

#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/url/grammar/ci_string.hpp>
#include <boost/url/parse_query.hpp>

#include <algorithm>
#include <stdexcept>

namespace coauth_test {

parameter_map parse_parameters(std::string_view encoded)
{
    parameter_map out;
    boost::urls::encoding_opts options;
    options.space_as_plus = true;
    // What Boost.URL 1.81 returns ends at the next NUL or `&`, wherever the text ends.
    const std::string terminated(encoded);
    const auto query = boost::urls::parse_query(terminated).value();
    for (const auto& one : query)
        out.emplace(one.key.decode(options), one.value.decode(options));
    return out;
}

std::string only_value(const parameter_map& in, const std::string& name)
{
    if (in.count(name) != 1)
        throw std::out_of_range("not exactly one " + name);
    return in.find(name)->second;
}

recorded_request::recorded_request(const coauth::http_request& from)
    : method_(from.method()),
      url_(from.url().string()),
      body_(from.body().expose()),
      deadline_(from.deadline()),
      response_header_bytes_(from.response_header_bytes()),
      response_body_bytes_(from.response_body_bytes())
{
    for (const auto& field : from.fields())
        fields_.emplace_back(field.name, field.value.expose());
}

std::string recorded_request::field(std::string_view name) const
{
    const auto named = [name](const auto& field) {
        return boost::urls::grammar::ci_is_equal(field.first, name);
    };
    const auto count = std::count_if(fields_.begin(), fields_.end(), named);
    if (count > 1)
        throw std::logic_error("repeated header field " + std::string(name));
    return count == 0 ? std::string() : std::find_if(fields_.begin(), fields_.end(), named)->second;
}

struct gate::waiter {
    explicit waiter(asio::any_io_executor executor)
        : timer(std::move(executor), asio::steady_timer::time_point::max())
    {
    }
    asio::steady_timer timer;
};

void gate::open()
{
    const std::lock_guard lock(mutex_);
    open_ = true;
    for (const auto& weak : waiters_)
        if (auto one = weak.lock()) {
            const auto executor = one->timer.get_executor();
            asio::post(executor, [one] { one->timer.cancel(); });
        }
    waiters_.clear();
}

bool gate::wait_for(std::size_t exchanges)
{
    std::unique_lock lock(mutex_);
    return arrived_.wait_for(lock, std::chrono::minutes(2), [&] { return waiters_.size() >= exchanges; });
}

asio::awaitable<void> gate::pass()
{
    const auto executor = co_await asio::this_coro::executor;
    const auto here = std::make_shared<waiter>(executor);
    {
        const std::lock_guard lock(mutex_);
        if (open_)
            co_return;
        waiters_.push_back(here);
    }
    arrived_.notify_all();
    boost::system::error_code ended;
    co_await here->timer.async_wait(asio::redirect_error(asio::use_awaitable, ended));
    const auto cancellation = co_await asio::this_coro::cancellation_state;
    if (cancellation.cancelled() != asio::cancellation_type::none)
        throw boost::system::system_error(asio::error::operation_aborted);
}

happening happening::fail(coauth::errc code)
{
    happening out;
    out.kind_ = kind::fail;
    out.code_ = code;
    return out;
}

happening happening::delay(std::chrono::milliseconds time)
{
    happening out;
    out.kind_ = kind::delay;
    out.time_ = time;
    return out;
}

happening happening::hold(std::shared_ptr<gate> until_open)
{
    happening out;
    out.kind_ = kind::hold;
    out.gate_ = std::move(until_open);
    return out;
}

happening happening::hang()
{
    happening out;
    out.kind_ = kind::hang;
    return out;
}

happening happening::raise(std::exception_ptr failure)
{
    happening out;
    out.kind_ = kind::raise;
    out.failure_ = failure;
    return out;
}

happening happening::call(std::function<void()> function)
{
    happening out;
    out.kind_ = kind::call;
    out.function_ = std::move(function);
    return out;
}

asio::awaitable<coauth::result<void>> happening::perform(std::chrono::milliseconds deadline) const
{
    const auto executor = co_await asio::this_coro::executor;
    // A real exchange never goes on without having been suspended.
    co_await asio::post(executor, asio::use_awaitable);
    switch (kind_) {
    case kind::nothing:
        break;
    case kind::fail:
        co_return code_;
    case kind::delay:
    case kind::hang: {
        asio::steady_timer timer(executor);
        timer.expires_after(kind_ == kind::delay ? std::min(time_, deadline) : deadline);
        co_await timer.async_wait(asio::use_awaitable);
        if (kind_ == kind::hang || time_ > deadline)
            co_return coauth::errc::timed_out;
        break;
    }
    case kind::hold:
        co_await gate_->pass();
        break;
    case kind::raise:
        std::rethrow_exception(failure_);
    case kind::call:
        function_();
        break;
    }
    co_return coauth::result<void>();
}

coauth::http_response make_answer(unsigned status, std::string_view body, std::string_view content_type)
{
    coauth::http_response out(status);
    if (!content_type.empty())
        out.add_field("Content-Type", std::string(content_type));
    out.set_body(coauth::secret(body));
    return out;
}

scripted_exchange& scripted_exchange::answer(unsigned status, std::string_view body,
                                             std::string_view content_type)
{
    return answer(make_answer(status, body, content_type));
}

struct scripted_transport::state {
    mutable std::mutex mutex;
    std::deque<scripted_exchange> expected;
    std::map<std::pair<std::string, std::string>, handler> handlers;
    std::deque<recorded_request> requests;
    std::size_t unexpected = 0;
    std::size_t running = 0;
};

scripted_transport::scripted_transport() : state_(std::make_shared<state>()) {}

scripted_exchange& scripted_transport::expect(std::string method, std::string url)
{
    const std::lock_guard lock(state_->mutex);
    return state_->expected.emplace_back(std::move(method), std::move(url));
}

void scripted_transport::always(std::string method, std::string url, handler function)
{
    const std::lock_guard lock(state_->mutex);
    state_->handlers[{std::move(method), std::move(url)}] = std::move(function);
}

std::vector<recorded_request> scripted_transport::requests() const
{
    const std::lock_guard lock(state_->mutex);
    return {state_->requests.begin(), state_->requests.end()};
}

std::vector<recorded_request> scripted_transport::sent() const
{
    std::vector<recorded_request> out = requests();
    std::erase_if(out, [](const recorded_request& one) { return !one.sent(); });
    return out;
}

std::size_t scripted_transport::surprises() const
{
    const std::lock_guard lock(state_->mutex);
    return state_->unexpected + state_->expected.size();
}

std::size_t scripted_transport::running() const
{
    const std::lock_guard lock(state_->mutex);
    return state_->running;
}

asio::awaitable<coauth::result<coauth::http_response>> scripted_transport::send(coauth::http_request request)
{
    return exchange(state_, std::move(request));
}

/// Counts an exchange for as long as its coroutine lives.
class scripted_transport::running_exchange {
public:
    explicit running_exchange(std::shared_ptr<state> of) : of_(std::move(of))
    {
        const std::lock_guard lock(of_->mutex);
        ++of_->running;
    }
    running_exchange(const running_exchange&) = delete;
    ~running_exchange()
    {
        const std::lock_guard lock(of_->mutex);
        --of_->running;
    }

private:
    std::shared_ptr<state> of_;
};

asio::awaitable<coauth::result<coauth::http_response>>
scripted_transport::exchange(std::shared_ptr<state> self, coauth::http_request request)
{
    const running_exchange counted(self);
    try {
        coauth::result<coauth::http_response> response = co_await play(self, std::move(request));
        co_return std::move(response);
    } catch (const boost::system::system_error& failure) {
        if (failure.code() != asio::error::operation_aborted)
            throw;
    }
    co_return coauth::error(coauth::error_code(asio::error::operation_aborted));
}

asio::awaitable<coauth::result<coauth::http_response>> scripted_transport::play(std::shared_ptr<state> self,
                                                                                coauth::http_request request)
{
    std::optional<scripted_exchange> script;
    recorded_request* record = nullptr;
    {
        const std::lock_guard lock(self->mutex);
        record = &self->requests.emplace_back(request);
        const auto handled = self->handlers.find({record->method(), record->url()});
        if (!self->expected.empty() && self->expected.front().method_ == record->method() &&
            self->expected.front().url_ == record->url()) {
            script.emplace(std::move(self->expected.front()));
            self->expected.pop_front();
        } else if (handled != self->handlers.end()) {
            script.emplace(handled->second(*record));
        } else {
            ++self->unexpected;
            co_return coauth::errc::connection_failed;
        }
    }
    coauth::result<void> connected = co_await script->before_commit_.perform(request.deadline());
    if (!connected)
        co_return connected.error();
    if (!request.commit())
        co_return coauth::error(coauth::error_code(asio::error::operation_aborted));
    {
        const std::lock_guard lock(self->mutex);
        record->sent_ = true; // deques do not move what they hold
    }
    coauth::result<void> waited = co_await script->after_commit_.perform(request.deadline());
    if (!waited)
        co_return waited.error();
    co_return std::move(script->response_);
}

} // namespace coauth_test
