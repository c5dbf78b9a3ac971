// Floor 4. For tests.
#ifndef COAUTH_TESTING_DETAIL_REQUEST_RECORD_HPP
#define COAUTH_TESTING_DETAIL_REQUEST_RECORD_HPP

#include <coauth/testing/server_exchange.hpp>

#include <array>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <numeric>
#include <optional>
#include <utility>
#include <vector>

namespace coauth::inline COAUTH_MODE::testing::detail {

inline constexpr std::size_t endpoint_count = static_cast<std::size_t>(endpoint::other) + 1;

/** Every request that came. Safe from all threads. */
class request_record {
public:
    explicit request_record(std::size_t most) : most_(most) {}

    void add(const server_request& request)
    {
        const std::lock_guard lock(mutex_);
        ++counts_[static_cast<std::size_t>(request.endpoint())];
        requests_.push_back(request);
        bytes_ += size_of(request);
        while (requests_.size() > most_ || bytes_ > most_bytes) {
            bytes_ -= size_of(requests_.front());
            requests_.pop_front();
        }
    }
    std::vector<server_request> all(std::optional<endpoint> at) const
    {
        const std::lock_guard lock(mutex_);
        std::vector<server_request> out;
        for (const server_request& request : requests_)
            if (!at || request.endpoint() == *at)
                out.push_back(request);
        return out;
    }
    std::size_t count(std::optional<endpoint> at) const
    {
        const std::lock_guard lock(mutex_);
        return at ? counts_[static_cast<std::size_t>(*at)]
                  : std::accumulate(counts_.begin(), counts_.end(), std::size_t{0});
    }
    void clear()
    {
        const std::lock_guard lock(mutex_);
        counts_.fill(0);
        requests_.clear();
        bytes_ = 0;
    }

private:
    static constexpr std::size_t most_bytes =
        64 * 1024 * 1024; // a stranger's bodies have up to a megabyte each

    static std::size_t size_of(const server_request& request) noexcept
    {
        return request.target().size() + request.body().size();
    }

    mutable std::mutex mutex_;
    std::array<std::size_t, endpoint_count> counts_{};
    std::deque<server_request> requests_;
    std::size_t most_;
    std::size_t bytes_ = 0;
};

/** A function for each of so many enumerators. Safe from all threads; a hook may be replaced while it runs. */
template <class Function, class Key = endpoint, std::size_t Count = endpoint_count>
class hook_table {
public:
    void set(Key at, Function hook)
    {
        auto held = hook ? std::make_shared<const Function>(std::move(hook)) : nullptr;
        const std::lock_guard lock(mutex_);
        hooks_[static_cast<std::size_t>(at)] = std::move(held);
    }
    std::shared_ptr<const Function> get(Key at) const
    {
        const std::lock_guard lock(mutex_);
        return hooks_[static_cast<std::size_t>(at)];
    }
    void clear()
    {
        const std::lock_guard lock(mutex_);
        hooks_.fill(nullptr);
    }

private:
    mutable std::mutex mutex_;
    std::array<std::shared_ptr<const Function>, Count> hooks_{};
};

} // namespace coauth::inline COAUTH_MODE::testing::detail

#endif
