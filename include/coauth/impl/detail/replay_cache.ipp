#ifndef COAUTH_IMPL_DETAIL_REPLAY_CACHE_IPP
#define COAUTH_IMPL_DETAIL_REPLAY_CACHE_IPP

#include <coauth/core/error.hpp>
#include <coauth/core/secret.hpp>
#include <coauth/detail/replay_cache.hpp>
#include <coauth/detail/sha256.hpp>
#include <coauth/policy/random_source.hpp>

#include <optional>
#include <utility>

namespace coauth::inline COAUTH_MODE::detail {

COAUTH_DECL replay_cache::replay_cache(std::size_t capacity) : capacity_(capacity)
{
    openssl_random_source::fill(key_).value();
}

COAUTH_DECL void replay_cache::drop_oldest() noexcept
{
    places_.erase(order_.front().key);
    order_.pop_front();
}

COAUTH_DECL bool replay_cache::insert(std::string_view issuer, std::string_view jti, time_point expires,
                                      time_point now)
{
    secure_bytes text;
    text.reserve(key_.size() + sizeof(std::size_t) + issuer.size() + jti.size());
    text.insert(text.end(), key_.begin(), key_.end());
    // With the length in front, no two pairs make the same text.
    std::array<char, sizeof(std::size_t)> length;
    const std::size_t issuer_size = issuer.size();
    std::memcpy(length.data(), &issuer_size, sizeof issuer_size);
    text.insert(text.end(), length.begin(), length.end());
    text.insert(text.end(), issuer.begin(), issuer.end());
    text.insert(text.end(), jti.begin(), jti.end());
    const auto hashed = sha256({text.data(), text.size()});
    if (!hashed)
        return false; // what cannot be remembered cannot be told from a replay

    const std::lock_guard lock(mutex_);
    if (const auto known = places_.find(*hashed); known != places_.end()) {
        if (now < known->second->expires)
            return false;
        order_.erase(known->second);
        places_.erase(known);
    }
    while (!order_.empty() && (order_.size() >= capacity_ || now >= order_.front().expires))
        drop_oldest();
    if (capacity_ == 0)
        return false;
    order added;
    added.push_back({*hashed, expires});
    places_.emplace(*hashed, added.begin());
    order_.splice(order_.end(), added);
    return true;
}

COAUTH_DECL std::size_t replay_cache::size() const
{
    const std::lock_guard lock(mutex_);
    return order_.size();
}

} // namespace coauth::inline COAUTH_MODE::detail

#endif
