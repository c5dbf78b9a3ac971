#include "stores.hpp"

#ifdef LOGIN_SERVER_REDIS
#include "redis_stores.hpp"
#endif

#include <boost/system/errc.hpp>

#include <openssl/evp.h>

#include <array>

namespace asio = boost::asio;

namespace login_server {
namespace {

/** All processes of a site have the client secret, and nobody else has: a key made of it is the same for all.

    Whoever gets hold of what is sealed can try secrets on it, so this wants one that nobody guesses, as providers
    issue them. A file of keys is better: they can be exchanged.
*/
coauth::seal_key_ring key_from(const coauth::secret& client_secret)
{
    constexpr std::string_view purpose = "coauth login_server: key for seals, version 1";
    std::array<unsigned char, coauth::random_value::size_bytes> bytes{};
    std::size_t size = 0;
    if (!EVP_Q_mac(nullptr, "HMAC", nullptr, "SHA256", nullptr, client_secret.expose().data(),
                   client_secret.expose().size(), reinterpret_cast<const unsigned char*>(purpose.data()),
                   purpose.size(), bytes.data(), bytes.size(), &size) ||
        size != bytes.size())
        throw coauth::exception(coauth::errc::random_source_failed);
    const std::array<coauth::random_value, 1> key{coauth::random_value(bytes)};
    return coauth::seal_key_ring::make(key).value();
}

coauth::seal_key_ring seal_keys(const options& from)
{
    const bool redis = from.state_store == state_store_kind::redis || from.token_redis;
    if (!from.seal_key_file.empty()) {
        auto keys = coauth::seal_key_ring::load(from.seal_key_file);
        if (keys)
            return std::move(*keys);
        if (keys.error().code() == boost::system::errc::file_too_large)
            throw too_large("--seal-key-file", most_file_bytes);
        throw option_error(
            keys.error() == coauth::errc::invalid_configuration
                ? "--seal-key-file has to hold 1 to 16 keys, one a line, each 32 random bytes in "
                  "base64url: 43 characters"
                : "--seal-key-file cannot be read");
    }
    if (redis && !from.client_secret.empty())
        return key_from(from.client_secret);
    if (redis)
        throw option_error(
            "Redis needs --seal-key-file: what is kept there is sealed, and there is no client "
            "secret to make a key of");
    return coauth::seal_key_ring::generate().value();
}

} // namespace

bool redis_is_built_in() noexcept
{
#ifdef LOGIN_SERVER_REDIS
    return true;
#else
    return false;
#endif
}

stores make_stores([[maybe_unused]] const asio::any_io_executor& executor, const options& from)
{
    stores out;
    if (from.state_store != state_store_kind::memory || from.token_redis || !from.seal_key_file.empty())
        out.keys = seal_keys(from);
#ifdef LOGIN_SERVER_REDIS
    if (from.state_redis || from.token_redis)
        add_redis_stores(executor, from, out);
#endif
    return out;
}

} // namespace login_server
