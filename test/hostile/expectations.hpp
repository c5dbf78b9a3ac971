// What the client has to make of each misbehaviour.
#ifndef COAUTH_TEST_HOSTILE_EXPECTATIONS_HPP
#define COAUTH_TEST_HOSTILE_EXPECTATIONS_HPP

#include <coauth/core/error.hpp>

#include <span>
#include <string_view>

namespace coauth_test {

/// The operation that fails, or if all is well, the last one that is done.
enum class stage {
    begin,          ///< of a sign-in, with the discovery
    exchange,       ///< of the code
    second_sign_in, ///< the exchange of another sign-in with the same client
    userinfo,
    refresh,
    begin_logout,
    logout_callback,
    logout_token,
    second_logout_token, ///< that of another sign-in
    front_channel_logout,
};

/// What the client asks for, or is registered for, in one test.
enum class wish {
    nothing,
    max_age,         ///< a sign-in not longer ago than an hour
    acr,             ///< a context of authentication
    signed_userinfo, ///< with RS256
    named_session,   ///< in logout messages
    hs256,           ///< ID tokens with the client's secret
};

class expectation {
public:
    /// The client refuses.
    expectation(std::string_view of, stage failing, coauth::error_code error, wish with = wish::nothing)
        : name(of), last(failing), reason(error), wanted(with)
    {
    }
    /// The client accepts.
    expectation(std::string_view of, stage until, wish with = wish::nothing)
        : name(of), last(until), wanted(with)
    {
    }

    std::string_view name;
    stage last;
    coauth::error_code reason; ///< none: it succeeds
    wish wanted;
};

std::span<const expectation> expectations();

} // namespace coauth_test

#endif
