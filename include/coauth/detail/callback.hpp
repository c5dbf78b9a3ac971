// Floor 1. A function that is kept until it is called, or as long as its owner lives.
#ifndef COAUTH_DETAIL_CALLBACK_HPP
#define COAUTH_DETAIL_CALLBACK_HPP

#include <coauth/detail/config.hpp>

#include <concepts>
#include <cstddef>
#include <functional>
#include <type_traits>
#include <utility>

namespace coauth::inline COAUTH_MODE::detail {

template <class Signature>
class callback;

/** A std::function that is empty after a move from it.

    The standard leaves the content of a moved-from std::function unspecified. The one of libc++ keeps a copy of a
    small function object, and that copy goes on owning its captures: for example the operation that the function was
    moved out of, which then never ends.

    Do not convert it to a std::function: that would wrap an empty one, too.
*/
template <class Result, class... Arguments>
class callback<Result(Arguments...)> : private std::function<Result(Arguments...)> {
    using function = std::function<Result(Arguments...)>;

public:
    callback() = default;
    callback(std::nullptr_t) noexcept {}
    template <class Function>
        requires(!std::same_as<std::remove_cvref_t<Function>, callback> &&
                 std::is_constructible_v<function, Function>)
    callback(Function&& target) : function(std::forward<Function>(target))
    {
    }
    callback(const callback&) = default;
    callback(callback&& other) noexcept : function(std::exchange(static_cast<function&>(other), nullptr)) {}
    callback& operator=(callback other) noexcept
    {
        function::swap(other);
        return *this;
    }
    ~callback() = default;

    using function::operator bool;
    using function::operator();
};

} // namespace coauth::inline COAUTH_MODE::detail

#endif
