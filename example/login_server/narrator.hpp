// Prints what happens, for people, with every secret cut short.
#ifndef LOGIN_SERVER_NARRATOR_HPP
#define LOGIN_SERVER_NARRATOR_HPP

#include "walkthrough_browser.hpp"

#include <coauth/testing/server_exchange.hpp>

#include <string>
#include <string_view>

namespace login_server {

/// The first characters of a secret, and how many there are.
std::string abbreviated(std::string_view value);

/// Whether a parameter, JSON member or cookie of that name is nobody else's business.
bool is_secret(std::string_view name);

class narrator {
public:
    /// Begins a step.
    void step(std::string_view what);
    /// Who says what to whom, as "browser -> provider".
    void line(std::string_view from_to, std::string_view what);
    void note(std::string_view what);

    /// One a line, names in a column.
    void values(const name_values& of);
    /// A Set-Cookie.
    void cookie(std::string_view value);
    /// What was sent to an endpoint of the provider, and what it answered.
    void exchange(const coauth::testing::server_request& request,
                  const coauth::testing::server_answer& answer);

    int steps() const noexcept { return steps_; }

private:
    int steps_ = 0;
};

} // namespace login_server

#endif
