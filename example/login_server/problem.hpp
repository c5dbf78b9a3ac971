// What went wrong, for programs (RFC 9457) and for people.
#ifndef LOGIN_SERVER_PROBLEM_HPP
#define LOGIN_SERVER_PROBLEM_HPP

#include <coauth.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace login_server {

/// At which point of a sign-in an error came up; it decides whose fault it is.
enum class stage {
    front_channel, ///< what the browser brought from the provider
    back_channel,  ///< what the provider answered to this server
    own,           ///< before anybody was asked
    logout_notice, ///< what the provider, or somebody else, says of a logout without being asked
};

class problem {
public:
    /// A refusal of this server's own; the code gets the category `login_server`.
    problem(unsigned status, std::string_view name, std::string title, std::string detail)
        : status_(status),
          code_("login_server:" + std::string(name)),
          title_(std::move(title)),
          detail_(std::move(detail))
    {
    }

    /** What an error of the library comes to.

        400 the callback was bad or forged; 403 the person or the provider refused; 502 the provider
        misbehaved; 503 it is busy, or a store cannot be reached; 504 it did not answer in time.
    */
    static problem from(const coauth::error& reason, stage at);

    unsigned status() const noexcept { return status_; }
    const std::string& code() const noexcept { return code_; }
    const std::string& title() const noexcept { return title_; }
    const std::string& detail() const noexcept { return detail_; }
    /// What it means for somebody who only wanted to sign in; empty if the detail says it.
    std::string_view advice() const noexcept;
    std::optional<std::chrono::seconds> retry_after() const noexcept { return retry_after_; }
    problem& set_code(std::string qualified_name)
    {
        code_ = std::move(qualified_name);
        return *this;
    }
    /// 405: the methods that the route has.
    const std::string& allow() const noexcept { return allow_; }
    problem& set_allow(std::string methods)
    {
        allow_ = std::move(methods);
        return *this;
    }

    /// application/problem+json
    std::string json() const;

private:
    unsigned status_;
    std::string code_;
    std::string title_;
    std::string detail_;
    std::string allow_;
    std::optional<std::chrono::seconds> retry_after_;
    bool out_of_order_ = false;  // what is kept elsewhere cannot be reached
    std::optional<stage> stage_; // no value: a refusal of this server's own
};

} // namespace login_server

#endif
