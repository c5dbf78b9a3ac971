// Floor 5. What the server is asked to do in one step.
#ifndef COAUTH_DETAIL_REDIS_SCRIPT_HPP
#define COAUTH_DETAIL_REDIS_SCRIPT_HPP

#include <coauth/core/result.hpp>

#include <string>
#include <string_view>

namespace coauth::inline COAUTH_MODE::detail {

/** A Lua script that has one key and answers with an array of strings.

    One key, so that it runs on any shard of a cluster; its brackets make those that belong together stay
    together. The server's own clock tells the time.
*/
class redis_script {
public:
    /// @throws coauth::exception errc::invalid_configuration: OpenSSL has no SHA-1, by which scripts are named
    COAUTH_DECL explicit redis_script(std::string text);

    const std::string& text() const noexcept { return text_; }
    /// What the server knows it by, once it has seen it: 40 hexadecimal digits.
    const std::string& name() const noexcept { return name_; }

private:
    std::string text_;
    std::string name_;
};

/// Of redis_state_store. Arguments and answers are beside the texts.
class redis_state_scripts {
public:
    COAUTH_DECL redis_state_scripts();
    redis_script put;
    redis_script take;
};

/// Of redis_token_store: the rules of token_store.
class redis_token_scripts {
public:
    COAUTH_DECL redis_token_scripts();
    redis_script put;
    redis_script load;
    redis_script acquire;
    redis_script renew;
    redis_script begin_refresh;
    redis_script complete_refresh;
    redis_script release;
    redis_script erase;
};

} // namespace coauth::inline COAUTH_MODE::detail

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/detail/redis/script.ipp>
#endif

#endif
