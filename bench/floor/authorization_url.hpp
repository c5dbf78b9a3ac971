// A sign-in's beginning, by hand: one call of the random source, one SHA-256 with a reused context, one string.
#ifndef COAUTH_BENCH_FLOOR_AUTHORIZATION_URL_HPP
#define COAUTH_BENCH_FLOOR_AUTHORIZATION_URL_HPP

#include "base64url.hpp"
#include "pending_slab.hpp"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace bench::floor {

class sha256 {
public:
    sha256()
        : algorithm_(EVP_MD_fetch(nullptr, "SHA256", nullptr), EVP_MD_free),
          context_(EVP_MD_CTX_new(), EVP_MD_CTX_free)
    {
    }

    bool hash(const void* data, std::size_t size, unsigned char* out)
    {
        return EVP_DigestInit_ex2(context_.get(), algorithm_.get(), nullptr) == 1 &&
               EVP_DigestUpdate(context_.get(), data, size) == 1 &&
               EVP_DigestFinal_ex(context_.get(), out, nullptr) == 1;
    }

private:
    std::unique_ptr<EVP_MD, void (*)(EVP_MD*)> algorithm_;
    std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context_;
};

inline constexpr auto unreserved = [] {
    std::array<bool, 256> out{};
    for (const char c :
         std::string_view("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"))
        out[static_cast<unsigned char>(c)] = true;
    return out;
}();

inline void append_encoded(std::string& out, std::string_view text)
{
    static constexpr std::string_view digits = "0123456789ABCDEF";
    for (const char c : text) {
        const auto octet = static_cast<unsigned char>(c);
        if (unreserved[octet])
            out.push_back(c);
        else
            out.append({'%', digits[octet >> 4], digits[octet & 15]});
    }
}

struct authorization_request {
    std::string url;
    std::array<char, encoded_32> browser_binding;
};

class authorization_url {
public:
    authorization_url(std::string_view endpoint, std::string_view client_id, std::string_view redirect_uri)
        : prefix_(endpoint)
    {
        prefix_ += "?response_type=code&code_challenge_method=S256&client_id=";
        append_encoded(prefix_, client_id);
        prefix_ += "&redirect_uri=";
        append_encoded(prefix_, redirect_uri);
    }

    bool begin(pending_slab& store, std::string_view scope, std::string_view prompt,
               authorization_request& out)
    {
        sign_in_values values;
        unsigned char challenge[32];
        char verifier[encoded_32];
        if (RAND_bytes(reinterpret_cast<unsigned char*>(&values), sizeof values) != 1)
            return false;
        encode_32(values.verifier, verifier);
        if (!hash_.hash(verifier, sizeof verifier, challenge))
            return false;
        std::string url;
        url.reserve(prefix_.size() + scope.size() * 3 + prompt.size() * 3 + 256);
        url = prefix_;
        append_random(url, "&state=", values.state);
        append_random(url, "&nonce=", values.nonce);
        append_random(url, "&code_challenge=", challenge);
        url += "&scope=";
        append_encoded(url, scope);
        url += "&prompt=";
        append_encoded(url, prompt);
        encode_32(values.binding, out.browser_binding.data());
        out.url = std::move(url);
        store.put(values, scope);
        OPENSSL_cleanse(&values, sizeof values);
        OPENSSL_cleanse(verifier, sizeof verifier);
        return true;
    }

private:
    static void append_random(std::string& out, std::string_view name, const unsigned char* bytes)
    {
        char text[encoded_32];
        encode_32(bytes, text);
        out.append(name).append(text, sizeof text);
    }

    std::string prefix_;
    sha256 hash_;
};

} // namespace bench::floor

#endif
