// What becomes of tokens whose caller was cancelled.
#ifndef COAUTH_TEST_FLOW_ABANDONED_LOG_HPP
#define COAUTH_TEST_FLOW_ABANDONED_LOG_HPP

#include "operations.hpp"

#include <string>
#include <utility>
#include <vector>

namespace coauth_test {

/// What the handler of on_abandoned() was given.
struct abandoned_log {
    explicit abandoned_log(flow& in)
    {
        in.client.on_abandoned([this](coauth::abandoned_tokens tokens) {
            application_data.push_back(tokens.application_data());
            outcomes.push_back(std::move(tokens.outcome()));
        });
    }
    std::vector<coauth::result<coauth::token_set>> outcomes;
    std::vector<std::string> application_data;
};

} // namespace coauth_test

#endif
