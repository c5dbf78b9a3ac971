#ifndef COAUTH_IMPL_TESTING_DETAIL_KEY_RING_IPP
#define COAUTH_IMPL_TESTING_DETAIL_KEY_RING_IPP

#include <coauth/testing/detail/key_ring.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

namespace coauth::inline COAUTH_MODE::testing::detail {

COAUTH_DECL signing_key key_ring::current(signing_algorithm algorithm)
{
    const std::lock_guard lock(mutex_);
    auto found = keys_.find(algorithm);
    if (found == keys_.end())
        found = keys_.emplace(algorithm, generations(signing_key::generate(algorithm))).first;
    return found->second.current;
}

COAUTH_DECL void key_ring::rotate()
{
    const std::lock_guard lock(mutex_);
    for (auto& [algorithm, keys] : keys_) {
        keys.previous = std::move(keys.current);
        keys.current = signing_key::generate(algorithm);
    }
}

COAUTH_DECL signing_algorithms key_ring::algorithms() const
{
    const std::lock_guard lock(mutex_);
    signing_algorithms out;
    for (const auto& entry : keys_)
        out.insert(entry.first);
    return out;
}

COAUTH_DECL boost::json::array key_ring::published() const
{
    const std::lock_guard lock(mutex_);
    boost::json::array out;
    for (const auto& entry : keys_)
        out.push_back(entry.second.current.public_jwk());
    for (const auto& entry : keys_)
        if (entry.second.previous)
            out.push_back(entry.second.previous->public_jwk());
    return out;
}

} // namespace coauth::inline COAUTH_MODE::testing::detail

#endif
