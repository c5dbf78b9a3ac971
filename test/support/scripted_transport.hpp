// A transport without a network: what the server does is written down by the test.
#ifndef COAUTH_TEST_SCRIPTED_TRANSPORT_HPP
#define COAUTH_TEST_SCRIPTED_TRANSPORT_HPP

#include <coauth/policy/transport.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace coauth_test {

namespace asio = boost::asio;

/// Names and values of a query or a form, decoded.
using parameter_map = std::multimap<std::string, std::string>;
parameter_map parse_parameters(std::string_view encoded);
/// The only value of that name; throws if there is not exactly one.
std::string only_value(const parameter_map& in, const std::string& name);

/// A request as the transport was given it.
class recorded_request {
public:
    explicit recorded_request(const coauth::http_request& from);

    const std::string& method() const noexcept { return method_; }
    const std::string& url() const noexcept { return url_; }
    const std::string& body() const noexcept { return body_; }
    /// The form in the body.
    parameter_map form() const { return parse_parameters(body_); }
    /// The value of a header field, empty if there is none; throws if there are two.
    std::string field(std::string_view name) const;
    std::size_t number_of_fields() const noexcept { return fields_.size(); }

    std::chrono::milliseconds deadline() const noexcept { return deadline_; }
    std::size_t response_header_bytes() const noexcept { return response_header_bytes_; }
    std::size_t response_body_bytes() const noexcept { return response_body_bytes_; }

    /// Whether its bytes left: commit() was called, and said yes.
    bool sent() const noexcept { return sent_; }

private:
    friend class scripted_transport;
    std::string method_;
    std::string url_;
    std::string body_;
    std::vector<std::pair<std::string, std::string>> fields_;
    std::chrono::milliseconds deadline_;
    std::size_t response_header_bytes_;
    std::size_t response_body_bytes_;
    bool sent_ = false;
};

/// Holds exchanges until it is opened. Safe from all threads.
class gate {
public:
    /// Opens it for good.
    void open();
    /// Waits until so many exchanges stand before it; false if that takes too long.
    bool wait_for(std::size_t exchanges);

    asio::awaitable<void> pass();

private:
    struct waiter;
    std::mutex mutex_;
    std::condition_variable arrived_;
    std::vector<std::weak_ptr<waiter>> waiters_;
    bool open_ = false;
};

/// What happens at one point of an exchange.
class happening {
public:
    /// Nothing, later.
    happening() = default;
    static happening fail(coauth::errc code);
    static happening delay(std::chrono::milliseconds time);
    static happening hold(std::shared_ptr<gate> until_open);
    /// Nothing ever, so that the request's deadline passes.
    static happening hang();
    static happening raise(std::exception_ptr failure);
    /// Something of the test's own.
    static happening call(std::function<void()> function);

    asio::awaitable<coauth::result<void>> perform(std::chrono::milliseconds deadline) const;

private:
    enum class kind { nothing, fail, delay, hold, hang, raise, call };
    kind kind_ = kind::nothing;
    coauth::errc code_{};
    std::chrono::milliseconds time_{};
    std::shared_ptr<gate> gate_;
    std::exception_ptr failure_;
    std::function<void()> function_;
};

/// One request that is expected, and what becomes of it.
class scripted_exchange {
public:
    scripted_exchange(std::string method, std::string url) : method_(std::move(method)), url_(std::move(url))
    {
    }

    scripted_exchange& before_commit(happening what)
    {
        before_commit_ = std::move(what);
        return *this;
    }
    scripted_exchange& after_commit(happening what)
    {
        after_commit_ = std::move(what);
        return *this;
    }
    scripted_exchange& answer(coauth::http_response response)
    {
        response_ = std::move(response);
        return *this;
    }
    scripted_exchange& answer(unsigned status, std::string_view body,
                              std::string_view content_type = "application/json");

private:
    friend class scripted_transport;
    std::string method_;
    std::string url_;
    happening before_commit_;
    happening after_commit_;
    coauth::http_response response_{500};
};

coauth::http_response make_answer(unsigned status, std::string_view body,
                                  std::string_view content_type = "application/json");

/** A coauth::transport that plays a script. Copies share it. Safe from all threads.

    Expected requests are answered in the order in which they were expected; the rest by a handler for their
    method and URL. A request that nobody expects is recorded and fails with errc::connection_failed, before it
    is sent.
*/
class scripted_transport {
public:
    scripted_transport();

    /// Expect one request. What it says is added before the request comes.
    scripted_exchange& expect(std::string method, std::string url);
    /// Answer all requests to a URL.
    using handler = std::function<scripted_exchange(const recorded_request&)>;
    void always(std::string method, std::string url, handler function);

    std::vector<recorded_request> requests() const;
    std::vector<recorded_request> sent() const;
    /// Requests that came unexpected, plus expected ones that did not come.
    std::size_t surprises() const;
    /// How many exchanges are going on.
    std::size_t running() const;

    asio::awaitable<coauth::result<coauth::http_response>> send(coauth::http_request request);

private:
    struct state;
    class running_exchange;
    static asio::awaitable<coauth::result<coauth::http_response>> exchange(std::shared_ptr<state> self,
                                                                           coauth::http_request request);
    static asio::awaitable<coauth::result<coauth::http_response>> play(std::shared_ptr<state> self,
                                                                       coauth::http_request request);
    std::shared_ptr<state> state_;
};

static_assert(coauth::transport<scripted_transport>);

} // namespace coauth_test

#endif
