// A file of a web application: the end of its callback handler, all that this library has a part in.
#include <jwt/jwt.hpp>

#include <string>

std::string subject_of(const std::string& token, const std::string& key, const std::string& nonce);

std::string subject_of(const std::string& token, const std::string& key, const std::string& nonce)
{
    using namespace jwt::params;
    std::error_code failure;
    const jwt::jwt_object read =
        jwt::decode(token, algorithms({"RS256"}), failure, verify(true), secret(key),
                    issuer("https://accounts.example.com"), aud("bench-client"), validate_iat(true));
    if (failure || read.payload().get_claim_value<std::string>("nonce") != nonce)
        return {};
    return read.payload().get_claim_value<std::string>("sub");
}
