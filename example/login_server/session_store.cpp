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
    oldest_first_.push_back(
        {key_of(id), std::move(value), now + lifetime_, subjects_.end(), provider_sessions_.end()});
    const auto added = std::prev(oldest_first_.end());
    by_key_.emplace(added->key, added);
    if (added->value->tokens.has_id_token()) {
        const coauth::verified_id_token& who = added->value->tokens.id_token();
        added->in_subjects = subjects_.emplace(std::pair(who.issuer(), who.subject()), added);
        add_to_provider_sessions(added);
    }
    return id;
}

void session_store::add_to_provider_sessions(entries::iterator at)
{
    const coauth::verified_id_token& who = at->value->tokens.id_token();
    if (!who.session_id().empty())
        at->in_provider_sessions = provider_sessions_.emplace(std::pair(who.issuer(), who.session_id()), at);
}

void session_store::update(const std::shared_ptr<session>& changed)
{
    if (!changed->tokens.has_id_token())
        return;
    const coauth::verified_id_token& who = changed->tokens.id_token();
    if (who.session_id().empty())
        return; // and the one that was named before stays
    const auto [first, last] = subjects_.equal_range({std::string(who.issuer()), std::string(who.subject())});
    for (auto each = first; each != last; ++each) {
        const entries::iterator at = each->second;
        if (at->value != changed)
            continue;
        if (at->in_provider_sessions != provider_sessions_.end())
            provider_sessions_.erase(std::exchange(at->in_provider_sessions, provider_sessions_.end()));
        add_to_provider_sessions(at);
        return;
    }
}

std::size_t session_store::end(const coauth::logout_token& notice)
{
    // Back-Channel Logout 2.7: with a `sid` that session is meant, without one all of the subject.
    const bool one = !notice.session_id().empty();
    const index& where = one ? provider_sessions_ : subjects_;
    const auto [first, last] =
        where.equal_range({notice.issuer(), one ? notice.session_id() : notice.subject()});
    std::vector<entries::iterator> meant;
    for (auto each = first; each != last; ++each)
        // Who is named as well has to be the one whose session it is.
        if (notice.subject().empty() || each->second->value->tokens.id_token().subject() == notice.subject())
            meant.push_back(each->second);
    for (const entries::iterator& each : meant)
        erase(each);
    return meant.size();
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
    if (at->in_subjects != subjects_.end())
        subjects_.erase(at->in_subjects);
    if (at->in_provider_sessions != provider_sessions_.end())
        provider_sessions_.erase(at->in_provider_sessions);
    by_key_.erase(at->key);
    oldest_first_.erase(at);
}

} // namespace login_server
