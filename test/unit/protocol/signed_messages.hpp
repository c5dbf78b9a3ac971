// A provider's signatures, for tests of what is said over them.
#ifndef COAUTH_TEST_UNIT_SIGNED_MESSAGES_HPP
#define COAUTH_TEST_UNIT_SIGNED_MESSAGES_HPP

#include <coauth/core/openid_registration.hpp>
#include <coauth/core/random_value.hpp>
#include <coauth/detail/base64url.hpp>
#include <coauth/jose/jwk_set.hpp>
#include <coauth/jose/signing_key.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <openssl/evp.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace coauth::test {

inline constexpr std::string_view op_issuer = "https://op.example";
inline constexpr std::string_view our_client_id = "client-1";
inline constexpr std::int64_t now_seconds = 1'790'000'000;
inline constexpr std::chrono::system_clock::time_point test_now{std::chrono::seconds(now_seconds)};

/// One key of one provider, and the key set that it publishes.
class test_provider {
public:
    test_provider() : key_(signing_key::generate(signing_algorithm::es256)), keys_(publish(key_)) {}

    const jwk_set& keys() const noexcept { return keys_; }

    /// @param header added to `alg` and `kid`; may replace them
    std::string sign(const boost::json::object& claims, const boost::json::object& header = {}) const
    {
        boost::json::object full{{"alg", "ES256"}, {"kid", key_.key_id()}};
        for (const auto& member : header)
            full.insert_or_assign(member.key(), member.value());
        return key_.sign(full, claims);
    }

    static const test_provider& instance()
    {
        static const test_provider one;
        return one;
    }
    static const test_provider& other()
    {
        static const test_provider one;
        return one;
    }

private:
    static jwk_set publish(const signing_key& key)
    {
        boost::json::array list;
        list.push_back(key.public_jwk());
        return jwk_set::parse(boost::json::serialize(boost::json::object{{"keys", std::move(list)}})).value();
    }

    signing_key key_;
    jwk_set keys_;
};

inline hmac_key shared_secret()
{
    return hmac_key(hmac_algorithm::hs256, secret("a shared secret of at least 32 octets"));
}

inline std::string base64url(std::string_view bytes)
{
    std::string out(detail::base64url_encoded_size(bytes.size()), '\0');
    detail::base64url_encode({reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()},
                             out.data());
    return out;
}

/// Sign a payload that need not be sound JSON, with shared_secret().
inline std::string sign_text(std::string_view payload)
{
    const std::string input = base64url(R"({"alg":"HS256"})") + '.' + base64url(payload);
    const hmac_key key = shared_secret();
    const std::string_view value = key.value().expose();
    std::array<char, EVP_MAX_MD_SIZE> mac{};
    std::size_t size = 0;
    EVP_Q_mac(nullptr, "HMAC", nullptr, "SHA256", nullptr, value.data(), value.size(),
              reinterpret_cast<const unsigned char*>(input.data()), input.size(),
              reinterpret_cast<unsigned char*>(mac.data()), mac.size(), &size);
    return input + '.' + base64url({mac.data(), size});
}

/// Whatever a claim can be, strings of all kinds included.
class claim_value {
public:
    template <class T>
    claim_value(const T& from) : value_(convert(from))
    {
    }
    operator const boost::json::value&() const noexcept { return value_; }

private:
    template <class T>
    static boost::json::value convert(const T& from)
    {
        if constexpr (std::is_convertible_v<T, std::string_view> && !std::is_null_pointer_v<T>)
            return boost::json::string(std::string_view(from));
        else
            return boost::json::value(from);
    }

    boost::json::value value_;
};

/// The same object with one member set.
inline boost::json::object with(boost::json::object claims, std::string_view name, const claim_value& value)
{
    claims.insert_or_assign(name, static_cast<const boost::json::value&>(value));
    return claims;
}

inline boost::json::object without(boost::json::object claims, std::string_view name)
{
    claims.erase(name);
    return claims;
}

/// An array of strings, whatever the compiler thinks of braces around one.
inline boost::json::value list(std::initializer_list<std::string_view> texts)
{
    boost::json::array out;
    for (const std::string_view text : texts)
        out.push_back(boost::json::string(text));
    return out;
}

/// What is no string.
inline std::vector<boost::json::value> no_strings()
{
    return {1, 1.5, true, list({}), list({"x"}), boost::json::object()};
}

/// What is no NumericDate.
inline std::vector<boost::json::value> no_times()
{
    return {-1, -0.5, "1790000000", "", true, boost::json::object(), list({"1790000000"}), -1e300};
}

/// A random_value made of one byte.
inline random_value filled_with(unsigned char byte)
{
    std::array<unsigned char, random_value::size_bytes> bytes{};
    bytes.fill(byte);
    return random_value(bytes);
}

} // namespace coauth::test

#endif
