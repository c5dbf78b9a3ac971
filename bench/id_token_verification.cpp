// What verifying an ID token's signature costs beyond OpenSSL's share of it.
//
// Each iteration does the same verification three times, one after the other, so that whatever else the machine does
// falls on all of them alike: with a context of OpenSSL's made for it (bare), with one copied from a prepared one
// (prepared), and by verify_jws() with a key set at hand (whole), which also splits and decodes the token and parses
// header and payload. Medians in microseconds, and the ratio of the whole to each of the other two.
#include <coauth/jose/jws.hpp>
#include <coauth/jose/signing_key.hpp>

#include <coauth/detail/base64url.hpp>
#include <coauth/detail/openssl_pointer.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <benchmark/benchmark.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

namespace {

using namespace coauth;
using pkey_pointer = detail::openssl_pointer<EVP_PKEY, EVP_PKEY_free>;
using context_pointer = detail::openssl_pointer<EVP_MD_CTX, EVP_MD_CTX_free>;

void require(bool success)
{
    if (success)
        return;
    std::cerr << "id_token_verification: a verification failed\n";
    std::abort();
}

const unsigned char* octets(std::string_view text)
{
    return reinterpret_cast<const unsigned char*>(text.data());
}

/// Claims as large providers send them.
boost::json::object claims()
{
    return {{"iss", "https://accounts.provider.example"},
            {"azp", "1234987819200.apps.provider.example"},
            {"aud", "1234987819200.apps.provider.example"},
            {"sub", "10769150350006150715113082367"},
            {"at_hash", "HK6E_P6Dh8Y93mRNtsDB1Q"},
            {"email", "jane.doe@mail.example"},
            {"email_verified", true},
            {"name", "Jane Doe"},
            {"picture", "https://images.provider.example/a/ACg8ocKJ3vFN8xQbTzUo=s96-c"},
            {"given_name", "Jane"},
            {"family_name", "Doe"},
            {"nonce", "NAHlp8yGF9tEEjWTUEnB_9wAU-nRsjW9WKFK3T3FoFc"},
            {"iat", 1353601026},
            {"exp", 1353604926}};
}

/// A token, and the same for OpenSSL.
struct sample {
    explicit sample(signing_algorithm chosen) : algorithm(chosen)
    {
        const signing_key key = signing_key::generate(algorithm);
        token = key.sign({{"alg", name(algorithm)}, {"kid", key.key_id()}, {"typ", "JWT"}}, claims());
        keys = jwk_set::parse(boost::json::serialize(
                                  boost::json::object{{"keys", boost::json::array{key.public_jwk()}}}))
                   .value();
        const std::size_t dot = token.rfind('.');
        input = std::string_view(token).substr(0, dot);
        signature.resize(detail::base64url_decoded_size(token.size() - dot - 1));
        require(detail::base64url_decode(std::string_view(token).substr(dot + 1), signature.data()));
        if (algorithm == signing_algorithm::es256)
            encode_as_der();
        const secret pem = key.to_pem();
        const detail::openssl_pointer<BIO, BIO_free_all> source(
            BIO_new_mem_buf(pem.expose().data(), static_cast<int>(pem.size())));
        pkey.reset(PEM_read_bio_PrivateKey(source.get(), nullptr, nullptr, nullptr));
        require(pkey != nullptr);
        prepared = begin();
    }

    void encode_as_der()
    {
        const detail::openssl_pointer<ECDSA_SIG, ECDSA_SIG_free> pair(ECDSA_SIG_new());
        const int half = static_cast<int>(signature.size() / 2);
        ECDSA_SIG_set0(pair.get(), BN_bin2bn(signature.data(), half, nullptr),
                       BN_bin2bn(signature.data() + half, half, nullptr));
        signature.resize(static_cast<std::size_t>(i2d_ECDSA_SIG(pair.get(), nullptr)));
        unsigned char* end = signature.data();
        i2d_ECDSA_SIG(pair.get(), &end);
    }

    context_pointer begin() const
    {
        context_pointer out(EVP_MD_CTX_new());
        const char* digest = algorithm == signing_algorithm::eddsa ? nullptr : "SHA256";
        require(EVP_DigestVerifyInit_ex(out.get(), nullptr, digest, nullptr, nullptr, pkey.get(), nullptr) ==
                1);
        return out;
    }

    void finish(EVP_MD_CTX* context) const
    {
        require(EVP_DigestVerify(context, signature.data(), signature.size(), octets(input), input.size()) ==
                1);
    }

    void verify_bare() const { finish(begin().get()); }
    void verify_prepared() const
    {
        const context_pointer context(EVP_MD_CTX_new());
        require(EVP_MD_CTX_copy_ex(context.get(), prepared.get()) == 1);
        finish(context.get());
    }
    void verify_whole() const
    {
        const auto verified = detail::verify_jws(
            token, {.algorithms = default_signing_algorithms, .published = &keys}, limits());
        require(verified && verified->payload().object().size() == 14);
    }

    signing_algorithm algorithm;
    std::string token;
    jwk_set keys;
    std::string_view input;
    std::vector<unsigned char> signature;
    pkey_pointer pkey;
    context_pointer prepared;
};

class stopwatch {
public:
    template <class Operation>
    double measure(const Operation& operation)
    {
        const auto begin = std::chrono::steady_clock::now();
        operation();
        const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
        samples_.push_back(taken.count());
        return taken.count();
    }
    double median_us()
    {
        const auto middle = samples_.begin() + static_cast<std::ptrdiff_t>(samples_.size() / 2);
        std::nth_element(samples_.begin(), middle, samples_.end());
        return *middle * 1e6;
    }

private:
    std::vector<double> samples_;
};

void verify(benchmark::State& state, signing_algorithm algorithm)
{
    const sample one(algorithm);
    stopwatch bare, prepared, whole;
    for (auto _ : state) {
        bare.measure([&] { one.verify_bare(); });
        prepared.measure([&] { one.verify_prepared(); });
        state.SetIterationTime(whole.measure([&] { one.verify_whole(); }));
    }
    const double taken = whole.median_us();
    state.counters["bare_us"] = bare.median_us();
    state.counters["prepared_us"] = prepared.median_us();
    state.counters["whole_us"] = taken;
    state.counters["to_bare"] = taken / bare.median_us();
    state.counters["to_prepared"] = taken / prepared.median_us();
}

BENCHMARK_CAPTURE(verify, RS256, signing_algorithm::rs256)->UseManualTime()->MinTime(2);
BENCHMARK_CAPTURE(verify, ES256, signing_algorithm::es256)->UseManualTime()->MinTime(2);
BENCHMARK_CAPTURE(verify, EdDSA, signing_algorithm::eddsa)->UseManualTime()->MinTime(2);

} // namespace
