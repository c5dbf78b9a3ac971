// Floor 1.
#ifndef COAUTH_DETAIL_OPENSSL_POINTER_HPP
#define COAUTH_DETAIL_OPENSSL_POINTER_HPP

#include <coauth/detail/config.hpp>

#include <memory>

namespace coauth::inline COAUTH_MODE::detail {

template <auto Free>
struct openssl_deleter {
    template <class T>
    void operator()(T* object) const noexcept
    {
        Free(object);
    }
};

/// Owns an OpenSSL object: `openssl_pointer<X509, X509_free>`.
template <class T, auto Free>
using openssl_pointer = std::unique_ptr<T, openssl_deleter<Free>>;

} // namespace coauth::inline COAUTH_MODE::detail

#endif
