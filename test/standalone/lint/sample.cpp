// What the coroutine lint must find: exactly the lines that end in "// BAD: <name>...". Never compiled into anything.
#include <boost/asio/awaitable.hpp>

#include <functional>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <utility>

namespace asio = boost::asio;

namespace {

struct parameters {
    std::string scope;
};
struct view_parameters {
    const char* scope = "";
};

asio::awaitable<int> take(parameters) { co_return 1; }
asio::awaitable<int> take_view(view_parameters) { co_return 1; }
asio::awaitable<int> take_list(std::initializer_list<std::string>) { co_return 1; }
asio::awaitable<std::string> text() { co_return "text"; }
asio::awaitable<bool> ready() { co_return true; }
template <class Function>
asio::awaitable<int> call(Function function)
{
    co_return static_cast<int>(function());
}

[[maybe_unused]] asio::awaitable<int> aggregate()
{
    const int value = co_await take({.scope = "openid"}); // BAD: aggregate_temporary_beside_co_await
    co_return value;
}

[[maybe_unused]] asio::awaitable<int> aggregate_returned()
{
    co_return co_await take({.scope = "openid"}); // BAD: aggregate_temporary_beside_co_await
}

template <class Scope>
asio::awaitable<int> aggregate_in_template(Scope scope)
{
    const int value = co_await take({.scope = scope}); // BAD: aggregate_temporary_beside_co_await
    co_return value;
}
template asio::awaitable<int> aggregate_in_template(std::string);

struct object {
    asio::awaitable<int> in_member()
    {
        const int value = co_await take({.scope = "openid"}); // BAD: aggregate_temporary_beside_co_await
        co_return value;
    }
};

[[maybe_unused]] auto in_lambda()
{
    return []() -> asio::awaitable<int> {
        co_return co_await take({.scope = "openid"}); // BAD: aggregate_temporary_beside_co_await
    };
}

[[maybe_unused]] asio::awaitable<int> lambda(std::string captured)
{
    const int value =
        co_await call([captured] { return captured.size(); }); // BAD: capturing_lambda_beside_co_await
    co_return value;
}

[[maybe_unused]] asio::awaitable<int> list()
{
    const int value = co_await take_list({"a", "b"}); // BAD: braced_list_beside_co_await
    co_return value;
}

[[maybe_unused]] asio::awaitable<std::string> conditional(bool first)
{
    // BAD: co_await_in_conditional_operator conditional_operator_beside_co_await (next line)
    std::string value = first ? co_await text() : std::string("other");
    co_return value;
}

[[maybe_unused]] asio::awaitable<int> condition()
{
    if (co_await ready()) // BAD: co_await_in_if
        co_return 1;
    switch (co_await take_view({})) { // BAD: co_await_in_switch
    default:
        break;
    }
    while (co_await ready()) // BAD: co_await_in_while
        co_return 2;
    for (; co_await ready();) // BAD: co_await_in_for
        co_return 3;
    do { // BAD: co_await_in_do
    } while (co_await ready());
    co_return 4;
}

[[maybe_unused]] asio::awaitable<std::string> member()
{
    parameters value{.scope = co_await text()}; // BAD: co_await_in_initializer_list
    co_return value.scope;
}

[[maybe_unused]] asio::awaitable<void> thrown()
{
    throw std::runtime_error(co_await text()); // BAD: co_await_in_throw
}

struct operation {
    using completion = std::function<void()>;

    void end()
    {
        const auto complete = std::move(complete_); // BAD: function_moved_out_of_a_member
        complete();
    }

    completion complete_;
};

[[maybe_unused]] operation::completion taken(operation& from)
{
    return std::move(from.complete_); // BAD: function_moved_out_of_a_member
}

// How it is done: none of these may be found.
[[maybe_unused]] operation::completion set_and_taken(operation& from, operation::completion complete)
{
    from.complete_ = std::move(complete);
    return std::exchange(from.complete_, nullptr);
}

[[maybe_unused]] asio::awaitable<int> good(bool first, std::string captured)
{
    parameters named{.scope = "openid"};
    const int value = co_await take(std::move(named));
    const int trivial = co_await take_view({.scope = "openid"});
    auto function = [captured] { return captured.size(); };
    const int called = co_await call(function);
    const bool is_ready = co_await ready();
    if (is_ready && first)
        co_return value + trivial + called;
    std::string message = co_await text();
    const std::string chosen = first ? message : std::string("other");
    throw std::runtime_error(chosen);
}

} // namespace
