#ifndef COAUTH_IMPL_POLICY_RANDOM_SOURCE_IPP
#define COAUTH_IMPL_POLICY_RANDOM_SOURCE_IPP

#include <coauth/policy/random_source.hpp>

#include <openssl/rand.h>

#include <climits>

namespace coauth::inline COAUTH_MODE {

COAUTH_DECL result<void> openssl_random_source::fill(std::span<unsigned char> out)
{
    // RAND_bytes says 1, 0 or -1: anything but 1 leaves predictable bytes behind.
    if (out.size() > INT_MAX || RAND_bytes(out.data(), static_cast<int>(out.size())) != 1)
        return errc::random_source_failed;
    return {};
}

} // namespace coauth::inline COAUTH_MODE

#endif
