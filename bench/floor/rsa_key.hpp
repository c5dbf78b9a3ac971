// The first RSA key of a key set, for the floors.
#ifndef COAUTH_BENCH_FLOOR_RSA_KEY_HPP
#define COAUTH_BENCH_FLOOR_RSA_KEY_HPP

#include "base64url.hpp"

#include <coauth/detail/openssl_pointer.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace bench::floor {

struct rsa_key {
    std::string key_id;
    coauth::detail::openssl_pointer<EVP_PKEY, EVP_PKEY_free> key;
};

inline rsa_key read_rsa_key(std::string_view key_set)
{
    using namespace coauth::detail;
    const boost::json::value document = boost::json::parse(key_set);
    for (const boost::json::value& one : document.at("keys").as_array()) {
        if (one.at("kty").as_string() != "RSA")
            continue;
        const auto number = [&](const char* name) {
            const std::string_view text = one.at(name).as_string();
            std::vector<unsigned char> octets(decoded_size(text.size()));
            decode(text, octets.data());
            return openssl_pointer<BIGNUM, BN_free>(
                BN_bin2bn(octets.data(), static_cast<int>(octets.size()), nullptr));
        };
        const auto modulus = number("n");
        const auto exponent = number("e");
        const openssl_pointer<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free> builder(OSSL_PARAM_BLD_new());
        OSSL_PARAM_BLD_push_BN(builder.get(), "n", modulus.get());
        OSSL_PARAM_BLD_push_BN(builder.get(), "e", exponent.get());
        const openssl_pointer<OSSL_PARAM, OSSL_PARAM_free> parameters(OSSL_PARAM_BLD_to_param(builder.get()));
        const openssl_pointer<EVP_PKEY_CTX, EVP_PKEY_CTX_free> context(
            EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
        EVP_PKEY* key = nullptr;
        if (EVP_PKEY_fromdata_init(context.get()) == 1 &&
            EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) == 1)
            return {std::string(one.at("kid").as_string()), openssl_pointer<EVP_PKEY, EVP_PKEY_free>(key)};
    }
    throw std::runtime_error("no RSA key");
}

} // namespace bench::floor

#endif
