#include "session_store.hpp"

#include <openssl/evp.h>

#include <array>

namespace login_server {
namespace {

/// Sessions are found by a hash of the id: how long a look-up takes says nothing about ids, and a dump of memory
/// holds none.
std::string key_of(std::string_view id)
{
    std::array<unsigned char, 32> digest{};
    std::size_t size = 0;
    if (EVP_Q_digest(nullptr, "SHA256", nullptr, id.data(), id.size(), digest.data(), &size) != 1)
        throw coauth::exception(coauth::errc::random_source_failed);
    return {digest.begin(), digest.end()};
}

} // namespace

coauth::result<std::string> session_store::begin(std::shared_ptr<session> value)
{
    std::array<unsigned char, coauth::random_value::size_bytes> bytes{};
    const coauth::result<void> filled = coauth::openssl_random_source::fill(bytes);
    if (!filled)
        return filled.error();
    std::string id = coauth::random_value(bytes).to_string();
    const auto now = clock::now();
    while (!oldest_first_.empty() && (by_key_.size() >= most_ || oldest_first_.front().expires <= now))
        erase(oldest_first_.begin());
    oldest_first_.push_back({key_of(id), std::move(value), now + lifetime_});
    by_key_.emplace(oldest_first_.back().key, std::prev(oldest_first_.end()));
    return id;
}

std::shared_ptr<session> session_store::find(std::string_view id)
{
    if (id.size() != coauth::random_value::encoded_size)
        return nullptr;
    const auto at = by_key_.find(key_of(id));
    if (at == by_key_.end())
        return nullptr;
    if (at->second->expires <= clock::now()) {
        erase(at->second);
        return nullptr;
    }
    return at->second->value;
}

std::shared_ptr<session> session_store::end(std::string_view id)
{
    auto out = find(id);
    if (out)
        erase(by_key_.find(key_of(id))->second);
    return out;
}

void session_store::erase(entries::iterator at)
{
    at->value->ended = true;
    by_key_.erase(at->key);
    oldest_first_.erase(at);
}

} // namespace login_server
