// Floor 4. For other .ipp files: what the scenarios for token stores have in common.
#ifndef COAUTH_IMPL_TESTING_DETAIL_TOKEN_STORE_CHECKER_IPP
#define COAUTH_IMPL_TESTING_DETAIL_TOKEN_STORE_CHECKER_IPP

#include <coauth/impl/testing/detail/side_by_side.ipp>
#include <coauth/policy/token_store.hpp>
#include <coauth/testing/detail/broken_rules.hpp>
#include <coauth/testing/store_check_settings.hpp>

#include <boost/asio/awaitable.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

COAUTH_COROUTINES_BEGIN

namespace coauth::inline COAUTH_MODE::testing::detail {

/// Leases that are to end are made short after what needs them, so that a slow machine changes nothing.
class token_store_checker {
public:
    using nothing = boost::asio::awaitable<void>;

    token_store_checker(any_token_store store, store_check_settings settings)
        : store_(std::move(store)),
          settings_(std::move(settings)),
          prefix_("coauth-check-" + random_for_check().to_string())
    {
    }
    broken_rules& rules() noexcept { return rules_; }

    /// Erases what it left behind.
    nothing clean()
    {
        for (const std::string& key : keys_)
            (void)co_await store_->erase(key);
    }

protected:
    static constexpr std::chrono::milliseconds long_lease = std::chrono::hours(1);

    class grant {
    public:
        std::string key;
        std::uint64_t generation = 0;

        grant() = default;
        explicit grant(std::string name) : key(std::move(name)) {}
    };

    static bool granted(const result<lease>& outcome)
    {
        return outcome && outcome->state() == lease_state::granted;
    }

    static bool same(const shared_tokens& left, const shared_tokens& right)
    {
        return left && right && left->access_token().equals(right->access_token()) &&
               left->refresh_token().equals(right->refresh_token()) &&
               left->token_type() == right->token_type() && left->scope() == right->scope() &&
               left->scope_assumed() == right->scope_assumed() &&
               left->received_at() == right->received_at() && left->expires_at() == right->expires_at() &&
               left->has_id_token() == right->has_id_token();
    }

    static shared_tokens tokens_named(std::string_view name)
    {
        token_set out(secret("access-token-" + std::string(name)), "Bearer", scope::parse("a b").value());
        out.set_refresh_token(secret("refresh-token-" + std::string(name)))
            .set_received_at(token_set::time_point(std::chrono::seconds(1'790'000'000)))
            .set_expires_at(token_set::time_point(std::chrono::seconds(1'790'003'600)));
        return std::make_shared<const token_set>(std::move(out));
    }

    static bool is(const result<grant_record>& found, std::string_view name, std::uint64_t generation)
    {
        return found && found->generation() == generation && same(found->tokens(), tokens_named(name));
    }

    std::string new_key()
    {
        keys_.push_back(prefix_ + '-' + std::to_string(keys_.size()));
        return keys_.back();
    }

    boost::asio::awaitable<grant> new_grant()
    {
        grant out(new_key());
        const result<std::uint64_t> put = co_await store_->put(out.key, tokens_named("first"));
        if (rules_.require_success(put, "put() keeps tokens"))
            out.generation = *put;
        co_return std::move(out);
    }

    boost::asio::awaitable<result<lease>> acquire_new(random_value owner)
    {
        const grant other = co_await new_grant();
        result<lease> out = co_await store_->acquire(other.key, owner, long_lease, 0, 0);
        co_return std::move(out);
    }

    nothing pass_short_lease() { return let_end(settings_, settings_.short_lease() * 2); }

    any_token_store store_;
    store_check_settings settings_;
    std::string prefix_;
    std::vector<std::string> keys_;
    broken_rules rules_;
};

} // namespace coauth::inline COAUTH_MODE::testing::detail

COAUTH_COROUTINES_END

#endif
