// Floor 4. What contract test kits have in common.
#ifndef COAUTH_TESTING_DETAIL_BROKEN_RULES_HPP
#define COAUTH_TESTING_DETAIL_BROKEN_RULES_HPP

#include <coauth/core/random_value.hpp>
#include <coauth/core/result.hpp>
#include <coauth/policy/random_source.hpp>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace coauth::inline COAUTH_MODE::testing::detail {

/// Collects sentences; each once.
class broken_rules {
public:
    bool require(bool holds, std::string_view rule)
    {
        if (!holds)
            add(std::string(rule));
        return holds;
    }

    /// An operation has to succeed.
    template <class T>
    bool require_success(const result<T>& outcome, std::string_view rule)
    {
        if (outcome)
            return true;
        add(std::string(rule) + " (it failed: " + outcome.error().qualified_name() + ")");
        return false;
    }

    /// It has to fail, and with this error.
    template <class T>
    bool require_failure(const result<T>& outcome, errc expected, std::string_view rule)
    {
        if (outcome) {
            add(std::string(rule) + " (it succeeded)");
            return false;
        }
        if (outcome.error() == expected)
            return true;
        add(std::string(rule) + " (it failed with " + outcome.error().qualified_name() + ")");
        return false;
    }

    void add(std::string sentence)
    {
        if (std::find(sentences_.begin(), sentences_.end(), sentence) == sentences_.end())
            sentences_.push_back(std::move(sentence));
    }
    std::vector<std::string> take() noexcept { return std::move(sentences_); }

private:
    std::vector<std::string> sentences_;
};

/// @throws coauth::exception errc::random_source_failed
inline random_value random_for_check()
{
    std::array<unsigned char, random_value::size_bytes> bytes;
    openssl_random_source::fill(bytes).value();
    return random_value(bytes);
}

} // namespace coauth::inline COAUTH_MODE::testing::detail

#endif
