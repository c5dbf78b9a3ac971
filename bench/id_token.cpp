// id_token_rs256, id_token_es256, id_token_eddsa: verify an ID token of about 900 bytes with a key at hand. Besides, the
// signature alone.
#include "floor/id_token.hpp"
#include "support/measure.hpp"
#include "support/sign_in.hpp"

#include <coauth/detail/openssl_pointer.hpp>
#include <coauth/jose/signing_key.hpp>
#include <coauth/protocol/id_token_validation.hpp>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <openssl/pem.h>

#include <chrono>
#include <string>
#include <vector>

namespace {

using namespace bench;
using coauth::signing_algorithm;
using pkey_pointer = coauth::detail::openssl_pointer<EVP_PKEY, EVP_PKEY_free>;

constexpr std::int64_t issued_at = 1'900'000'000;

/// Claims as large providers send them.
boost::json::object claims(const std::string& nonce)
{
    boost::json::object out;
    out["iss"] = issuer;
    out["azp"] = client_id;
    out["aud"] = client_id;
    out["sub"] = "10769150350006150715113082367";
    out["email"] = "jane.doe@mail.example";
    out["email_verified"] = true;
    out["name"] = "Jane Doe";
    out["picture"] = "https://images.provider.example/a/ACg8ocKJ3vFN8xQbTzUo=s96-c";
    out["given_name"] = "Jane";
    out["family_name"] = "Doe";
    out["nonce"] = nonce;
    out["iat"] = issued_at;
    out["exp"] = issued_at + 3600;
    return out;
}

struct sample {
    explicit sample(signing_algorithm chosen)
        : algorithm(chosen), key(coauth::signing_key::generate(chosen)), nonce_text(nonce.to_string())
    {
        boost::json::object header;
        header["alg"] = name(algorithm);
        header["kid"] = key.key_id();
        header["typ"] = "JWT";
        token = key.sign(header, claims(nonce_text));

        boost::json::object published;
        published["keys"] = boost::json::array(1, key.public_jwk());
        keys = coauth::jwk_set::parse(boost::json::serialize(published)).value();

        const coauth::secret pem = key.to_pem();
        const coauth::detail::openssl_pointer<BIO, BIO_free_all> source(
            BIO_new_mem_buf(pem.expose().data(), static_cast<int>(pem.size())));
        pkey.reset(PEM_read_bio_PrivateKey(source.get(), nullptr, nullptr, nullptr));
        require(pkey != nullptr, "key");
    }

    floor::id_token_verifier verifier() const
    {
        return floor::id_token_verifier(
            key.key_id(), pkey.get(), algorithm == signing_algorithm::eddsa ? nullptr : "SHA256",
            algorithm == signing_algorithm::es256 ? floor::signature_form::ecdsa
                                                  : floor::signature_form::as_it_is);
    }

    signing_algorithm algorithm;
    coauth::signing_key key;
    coauth::random_value nonce;
    std::string nonce_text;
    std::string token;
    coauth::jwk_set keys;
    pkey_pointer pkey;
};

void coauth_verify(benchmark::State& state, signing_algorithm algorithm)
{
    const sample one(algorithm);
    const coauth::limits bounds;
    const coauth::openid_registration registration;
    coauth::detail::id_token_expectations expected;
    expected.registration = &registration;
    expected.issuer = issuer;
    expected.client_id = client_id;
    expected.algorithms = coauth::default_signing_algorithms;
    expected.keys = &one.keys;
    expected.nonce = &one.nonce;
    expected.now = std::chrono::system_clock::time_point(std::chrono::seconds(issued_at + 1));
    const std::uint64_t before = allocations();
    for (auto _ : state) {
        const auto verified = coauth::detail::verify_id_token(one.token, expected, bounds);
        require(verified.has_value(), "verify_id_token");
        benchmark::DoNotOptimize(verified->subject().data());
    }
    set_allocations(state, before);
}

void floor_verify(benchmark::State& state, signing_algorithm algorithm)
{
    const sample one(algorithm);
    floor::id_token_verifier verifier = one.verifier();
    const floor::id_token_expectations expected{name(algorithm), issuer, client_id, one.nonce_text,
                                                issued_at + 1};
    const std::uint64_t before = allocations();
    for (auto _ : state) {
        std::string subject;
        require(verifier.verify(one.token, expected, subject), "floor of verify_id_token");
        benchmark::DoNotOptimize(subject.data());
    }
    set_allocations(state, before);
}

void verify_signature(benchmark::State& state, signing_algorithm algorithm)
{
    const sample one(algorithm);
    floor::id_token_verifier verifier = one.verifier();
    const std::size_t dot = one.token.rfind('.');
    const std::string_view input = std::string_view(one.token).substr(0, dot);
    const std::string_view encoded = std::string_view(one.token).substr(dot + 1);
    std::vector<unsigned char> signature(floor::decoded_size(encoded.size()));
    require(floor::decode(encoded, signature.data()), "signature");
    for (auto _ : state)
        require(verifier.verify_signature(input, signature.data(), signature.size()), "signature");
}

BENCHMARK_CAPTURE(coauth_verify, RS256, signing_algorithm::rs256)->Name("id_token_rs256/coauth");
BENCHMARK_CAPTURE(floor_verify, RS256, signing_algorithm::rs256)->Name("id_token_rs256/floor");
BENCHMARK_CAPTURE(verify_signature, RS256, signing_algorithm::rs256)->Name("id_token_rs256/signature");
BENCHMARK_CAPTURE(coauth_verify, ES256, signing_algorithm::es256)->Name("id_token_es256/coauth");
BENCHMARK_CAPTURE(floor_verify, ES256, signing_algorithm::es256)->Name("id_token_es256/floor");
BENCHMARK_CAPTURE(verify_signature, ES256, signing_algorithm::es256)->Name("id_token_es256/signature");
BENCHMARK_CAPTURE(coauth_verify, EdDSA, signing_algorithm::eddsa)->Name("id_token_eddsa/coauth");
BENCHMARK_CAPTURE(floor_verify, EdDSA, signing_algorithm::eddsa)->Name("id_token_eddsa/floor");
BENCHMARK_CAPTURE(verify_signature, EdDSA, signing_algorithm::eddsa)->Name("id_token_eddsa/signature");

} // namespace
