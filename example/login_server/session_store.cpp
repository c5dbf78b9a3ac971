#include "session_store.hpp"

namespace login_server {

void session_store::begin(std::string key, std::shared_ptr<session> value)
{
    end(key);
    end_expired();
    while (by_key_.size() >= most_)
        erase(oldest_first_.begin(), end_reason::no_room);
    oldest_first_.push_back({std::move(key), std::move(value), clock::now() + lifetime_, subjects_.end(),
                             provider_sessions_.end()});
    const auto added = std::prev(oldest_first_.end());
    by_key_.emplace(added->key, added);
    index_by_person(added);
}

void session_store::end_expired()
{
    const auto now = clock::now();
    while (!oldest_first_.empty() && oldest_first_.front().expires <= now)
        erase(oldest_first_.begin());
}

void session_store::index_by_person(entries::iterator at)
{
    if (!at->value->tokens->has_id_token())
        return;
    const coauth::verified_id_token& who = at->value->tokens->id_token();
    at->in_subjects = subjects_.emplace(std::pair(who.issuer(), who.subject()), at);
    add_to_provider_sessions(at);
}

void session_store::add_to_provider_sessions(entries::iterator at)
{
    const coauth::verified_id_token& who = at->value->tokens->id_token();
    if (!who.session_id().empty())
        at->in_provider_sessions = provider_sessions_.emplace(std::pair(who.issuer(), who.session_id()), at);
}

void session_store::update(const std::string& key, coauth::shared_tokens fresh)
{
    const auto found = by_key_.find(key);
    if (found == by_key_.end())
        return;
    const entries::iterator at = found->second;
    at->value->tokens = std::move(fresh);
    if (!at->value->tokens->has_id_token() || at->value->tokens->id_token().session_id().empty())
        return; // and the one that was named before stays
    if (at->in_provider_sessions != provider_sessions_.end())
        provider_sessions_.erase(std::exchange(at->in_provider_sessions, provider_sessions_.end()));
    add_to_provider_sessions(at);
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
        if (notice.subject().empty() || each->second->value->tokens->id_token().subject() == notice.subject())
            meant.push_back(each->second);
    for (const entries::iterator& each : meant)
        erase(each);
    return meant.size();
}

std::shared_ptr<session> session_store::find(const std::string& key)
{
    const auto at = by_key_.find(key);
    if (at == by_key_.end())
        return nullptr;
    if (at->second->expires <= clock::now()) {
        erase(at->second);
        return nullptr;
    }
    return at->second->value;
}

std::shared_ptr<session> session_store::end(const std::string& key)
{
    auto out = find(key);
    if (out)
        erase(by_key_.find(key)->second);
    return out;
}

void session_store::erase(entries::iterator at, end_reason why)
{
    at->value->ended = true;
    if (at->in_subjects != subjects_.end())
        subjects_.erase(at->in_subjects);
    if (at->in_provider_sessions != provider_sessions_.end())
        provider_sessions_.erase(at->in_provider_sessions);
    const std::string key = std::move(at->key);
    by_key_.erase(key);
    oldest_first_.erase(at);
    if (on_end_)
        on_end_(key, why);
}

} // namespace login_server
