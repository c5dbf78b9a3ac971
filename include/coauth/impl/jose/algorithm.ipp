#ifndef COAUTH_IMPL_JOSE_ALGORITHM_IPP
#define COAUTH_IMPL_JOSE_ALGORITHM_IPP

#include <coauth/core/error.hpp>
#include <coauth/jose/algorithm.hpp>

namespace coauth::inline COAUTH_MODE {

COAUTH_DECL hmac_key::hmac_key(hmac_algorithm algorithm, secret value)
    : value_(std::move(value)), algorithm_(algorithm)
{
    const std::size_t hash_bytes = 32 + 16 * static_cast<std::size_t>(algorithm);
    if (value_.size() < hash_bytes) // OpenSSL would take an empty one
        throw exception(errc::invalid_configuration);
}

} // namespace coauth::inline COAUTH_MODE

#endif
