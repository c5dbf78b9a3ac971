// cpp-jwt: https://github.com/arun11299/cpp-jwt, Debian's libcpp-jwt-dev. It has no EdDSA.
//
// It takes a key as PEM, anew for each token, and makes its own tokens here: there is no HTTP in it.
#include "measuring.hpp"

#include <jwt/jwt.hpp>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <memory>
#include <string>

namespace {

using namespace peers;

using key_pointer = std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)>;

std::string pem(EVP_PKEY* key, bool with_private_part)
{
    const std::unique_ptr<BIO, void (*)(BIO*)> out(BIO_new(BIO_s_mem()), BIO_free_all);
    if (with_private_part)
        PEM_write_bio_PrivateKey(out.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
    else
        PEM_write_bio_PUBKEY(out.get(), key);
    char* text = nullptr;
    const long size = BIO_get_mem_data(out.get(), &text);
    return {text, static_cast<std::size_t>(size)};
}

std::int64_t seconds_since_epoch()
{
    using namespace std::chrono;
    return duration_cast<seconds>(system_clock::now().time_since_epoch()).count();
}

/// With the claims of those that bench/server makes.
std::string make_token(const std::string& algorithm, EVP_PKEY* key)
{
    using namespace jwt::params;
    jwt::jwt_object token{jwt::params::algorithm(algorithm), secret(pem(key, true))};
    token.header().add_header("kid", "9-4kZuf3xvQyHNHQfV5rfNZl8Jf4U1oUXyKnCgWzAhM");
    token.add_claim("sub", "10769150350006150715113082367")
        .add_claim("email", "jane.doe@mail.example")
        .add_claim("email_verified", true)
        .add_claim("name", "Jane Doe")
        .add_claim("picture", "https://images.provider.example/a/ACg8ocKJ3vFN8xQbTzUo=s96-c")
        .add_claim("given_name", "Jane")
        .add_claim("family_name", "Doe")
        .add_claim("iss", "https://localhost:8443")
        .add_claim("azp", "bench-client")
        .add_claim("aud", "bench-client")
        .add_claim("iat", seconds_since_epoch())
        .add_claim("exp", seconds_since_epoch() + 3600)
        .add_claim("nonce", "n-0S6_WzA2Mj");
    return token.signature();
}

std::function<result(const job&)> id_token(const std::string& algorithm, EVP_PKEY* (*generate)())
{
    return [algorithm, generate](const job& wanted) -> result {
        using namespace jwt::params;
        const key_pointer signing(generate(), EVP_PKEY_free);
        const std::string token = make_token(algorithm, signing.get());
        const std::string public_key = pem(signing.get(), false);
        const auto validate = [&] {
            const jwt::jwt_object read =
                jwt::decode(token, algorithms({algorithm}), verify(true), secret(public_key),
                            issuer("https://localhost:8443"), aud("bench-client"), validate_iat(true));
            if (read.payload().get_claim_value<std::string>("nonce") != "n-0S6_WzA2Mj")
                throw std::runtime_error("another nonce");
        };
        return {cost(wanted, validate), "us"};
    };
}

} // namespace

int main(int argument_count, char** arguments)
{
    return report(
        argument_count, arguments,
        {{"id_token_rs256", id_token(
                                "RS256", +[]() -> EVP_PKEY* { return EVP_RSA_gen(2048); })},
         {"id_token_es256", id_token("ES256", +[]() -> EVP_PKEY* { return EVP_EC_gen("P-256"); })}});
}
