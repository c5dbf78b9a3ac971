#include "session_keeper.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <openssl/evp.h>

#include <array>

namespace asio = boost::asio;
namespace json = boost::json;

namespace login_server {
namespace {

constexpr std::chrono::minutes between_sweeps{1};

coauth::result<std::string> new_id()
{
    std::array<unsigned char, coauth::random_value::size_bytes> bytes{};
    const coauth::result<void> filled = coauth::openssl_random_source::fill(bytes);
    if (!filled)
        return filled.error();
    return coauth::random_value(bytes).to_string();
}

std::string digest(std::string_view text)
{
    std::array<unsigned char, coauth::random_value::size_bytes> bytes{};
    std::size_t size = 0;
    if (EVP_Q_digest(nullptr, "SHA256", nullptr, text.data(), text.size(), bytes.data(), &size) != 1)
        throw coauth::exception(coauth::errc::random_source_failed);
    return coauth::random_value(bytes).to_string();
}

/** Logout tokens reach one process, and mean sessions at all. A notice in the token store tells the others: a grant
    of its own, without a token, whose generation counts the logouts. It is about the person, about one session of
    the provider's, or about both, as logout tokens are.
*/
std::string notice_key(std::string_view issuer, std::string_view subject, std::string_view session_id)
{
    json::array about;
    about.emplace_back(issuer);
    about.emplace_back(subject);
    about.emplace_back(session_id);
    return "logout-" + digest(json::serialize(about));
}

using notice_keys = std::array<std::string, 3>;

notice_keys notices_that_mean(const coauth::token_set& tokens)
{
    const coauth::verified_id_token& who = tokens.id_token();
    return {notice_key(who.issuer(), who.subject(), ""), notice_key(who.issuer(), "", who.session_id()),
            notice_key(who.issuer(), who.subject(), who.session_id())};
}

/// What a shared session's cookie says.
struct cookie_content {
    std::string key;
    session::notice_counts notices{};
};

std::optional<cookie_content> read_cookie(std::string_view text)
{
    boost::system::error_code bad;
    const json::value parsed = json::parse({text.data(), text.size()}, bad);
    if (bad || !parsed.is_object())
        return std::nullopt;
    const json::value* const key = parsed.get_object().if_contains("grant");
    const json::value* const notices = parsed.get_object().if_contains("notices");
    if (!key || !key->is_string() || !notices || !notices->is_array())
        return std::nullopt;
    cookie_content out;
    out.key = key->get_string();
    if (notices->get_array().size() != out.notices.size())
        return std::nullopt;
    for (std::size_t i = 0; i < out.notices.size(); ++i)
        out.notices[i] = notices->get_array()[i].to_number<std::uint64_t>(bad);
    return bad ? std::nullopt : std::optional(std::move(out));
}

std::string write_cookie(std::string_view key, const session::notice_counts& notices)
{
    json::array counts;
    for (const std::uint64_t each : notices)
        counts.emplace_back(each);
    json::object out;
    out["grant"] = key;
    out["notices"] = std::move(counts);
    return json::serialize(out);
}

asio::awaitable<coauth::result<void>> keep(std::shared_ptr<session_store> sessions, std::string key,
                                           coauth::shared_tokens fresh)
{
    sessions->update(key, std::move(fresh));
    co_return coauth::result<void>();
}

asio::awaitable<void> forget(std::shared_ptr<coauth::refresh_scheduler> scheduler, std::string key,
                             event_log log)
{
    const coauth::result<void> forgotten = co_await scheduler->forget(key);
    if (!forgotten)
        log.write("grant.not_forgotten", {{"code", forgotten.error().qualified_name()}});
}

std::string_view name_of(coauth::refresh_event::kind what)
{
    switch (what) {
    case coauth::refresh_event::kind::refreshed:
        return "refresh.completed";
    case coauth::refresh_event::kind::adopted:
        return "refresh.adopted";
    case coauth::refresh_event::kind::retrying:
        return "refresh.retrying";
    case coauth::refresh_event::kind::falling_behind:
        return "refresh.falling_behind";
    case coauth::refresh_event::kind::reauthorization_required:
        break;
    }
    return "refresh.reauthorization_required";
}

/// In the log a grant is a number made of its key: enough to tell grants apart, and good for nothing else.
std::string log_name(const std::string& key) { return digest("log " + key).substr(0, 12); }

asio::awaitable<void> sweep(std::shared_ptr<session_store> sessions)
{
    asio::steady_timer timer(co_await asio::this_coro::executor);
    for (;;) {
        timer.expires_after(between_sweeps);
        boost::system::error_code cancelled;
        co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
        if (cancelled)
            co_return;
        sessions->end_expired();
    }
}

} // namespace

session_keeper::session_keeper(asio::any_io_executor executor, const options& from, provider& at,
                               const stores& kept, event_log log)
    : executor_(std::move(executor)),
      options_(from),
      provider_(at),
      log_(log),
      store_(kept.token_store),
      sessions_(std::make_shared<session_store>()),
      scheduler_(at.client().make_scheduler(executor_, store_))
{
    if (shared())
        cookie_.emplace(*kept.keys, "login_server session");
    // Not an owner: the scheduler's hooks own the sessions.
    sessions_->on_end([executor = executor_, weak = std::weak_ptr(scheduler_), is_shared = shared(),
                       log](const std::string& key, session_store::end_reason why) {
        if (is_shared && why == session_store::end_reason::no_room)
            return; // it goes on elsewhere, and here when it is asked for
        if (const auto scheduler = weak.lock())
            asio::co_spawn(executor, forget(scheduler, key, log), asio::detached);
    });
    scheduler_->on_event(
        [sessions = sessions_, log](const coauth::refresh_event& event) { report(*sessions, event, log); });
    // Before anybody else gets to see them.
    scheduler_->on_persist([sessions = sessions_](std::string key, coauth::shared_tokens fresh) {
        return keep(sessions, std::move(key), std::move(fresh));
    });
}

void session_keeper::report(session_store& sessions, const coauth::refresh_event& event, event_log log)
{
    const std::string grant = log_name(event.key());
    if (event.what() == coauth::refresh_event::kind::retrying)
        log.write(name_of(event.what()),
                  {{"grant", grant},
                   {"code", event.reason().qualified_name()},
                   {"ms", event.next_try().value_or(std::chrono::milliseconds(0)).count()}});
    else if (event.what() == coauth::refresh_event::kind::reauthorization_required)
        log.write(name_of(event.what()), {{"grant", grant}, {"code", event.reason().qualified_name()}});
    else
        log.write(name_of(event.what()), {{"grant", grant}});
    if (event.what() != coauth::refresh_event::kind::reauthorization_required)
        return;
    // The refresh token is of no use any more. Who it is remains known, for as long as the session lasts.
    if (const auto mine = sessions.find(event.key())) {
        coauth::token_set rest = *mine->tokens;
        rest.set_refresh_token(coauth::secret());
        sessions.update(event.key(), std::make_shared<const coauth::token_set>(std::move(rest)));
    }
}

asio::awaitable<void> session_keeper::run()
{
    asio::co_spawn(executor_, sweep(sessions_), asio::detached);
    co_await scheduler_->run();
}

asio::awaitable<coauth::result<std::string>> session_keeper::begin(coauth::token_set tokens,
                                                                   std::optional<coauth::userinfo> userinfo)
{
    // A new id for every sign-in: one that somebody else put into this browser before never becomes a session.
    coauth::result<std::string> id = new_id();
    if (!id)
        co_return id;
    // The grant's key is no secret: it goes to stores and hooks. The cookie is one.
    const std::string key = shared() ? *id : digest(*id);
    const auto fresh = std::make_shared<session>(
        issuer_of(tokens), std::make_shared<const coauth::token_set>(tokens), std::move(userinfo));
    if (shared()) {
        const coauth::result<session::notice_counts> notices = co_await count_notices(fresh->tokens);
        if (!notices)
            co_return notices.error();
        fresh->notices = *notices;
        id = cookie_->seal(write_cookie(key, fresh->notices), session_store::longest_session);
        if (!id)
            co_return id;
    }
    coauth::result<coauth::managed_grant> grant = co_await scheduler_->manage(key, std::move(tokens));
    if (!grant)
        co_return grant.error();
    fresh->grant = std::move(*grant);
    fresh->key = key;
    sessions_->begin(key, fresh);
    co_return id;
}

asio::awaitable<coauth::result<std::shared_ptr<session>>> session_keeper::find(std::string cookie)
{
    if (cookie.empty())
        co_return std::shared_ptr<session>();
    if (!shared())
        co_return sessions_->find(digest(cookie));
    coauth::result<std::shared_ptr<session>> found = co_await find_shared(std::move(cookie));
    co_return found;
}

asio::awaitable<coauth::result<std::shared_ptr<session>>> session_keeper::find_shared(std::string cookie)
{
    const auto opened = cookie_->open(cookie);
    const std::optional<cookie_content> content = opened ? read_cookie(opened->expose()) : std::nullopt;
    if (!content)
        co_return std::shared_ptr<session>();
    const std::shared_ptr<session> known = sessions_->find(content->key);
    const coauth::result<coauth::grant_record> record =
        co_await store_->load(content->key, known ? known->generation : 0);
    // Of a grant that the provider ended the scheduler leaves tokens without content.
    const bool ended = record && record->tokens() && record->tokens()->access_token().empty();
    if (ended || (!record && record.error() == coauth::errc::grant_unknown)) {
        sessions_->end(content->key); // or signed out at another process
        co_return std::shared_ptr<session>();
    }
    if (!record) {
        log_.write("token_store.failed", {{"code", record.error().qualified_name()}});
        if (!known)
            co_return record.error();
        co_return known; // what is in hand goes on being served
    }
    const coauth::shared_tokens tokens = record->tokens() ? record->tokens() : known->tokens;
    const coauth::result<session::notice_counts> notices = co_await count_notices(tokens);
    if (!notices) {
        if (!known)
            co_return notices.error();
        co_return known;
    }
    for (std::size_t i = 0; i < notices->size(); ++i)
        if ((*notices)[i] > content->notices[i]) {
            sessions_->end(content->key);
            co_return std::shared_ptr<session>();
        }
    if (known && known->ended)
        co_return std::shared_ptr<session>();
    if (known) {
        if (record->generation() > known->generation) { // and not an answer that came late
            known->generation = record->generation();
            sessions_->update(content->key, tokens);
        }
        co_return known;
    }
    coauth::result<std::shared_ptr<session>> made = co_await adopt(content->key, *record);
    co_return made;
}

/// Signed in at another process.
asio::awaitable<coauth::result<std::shared_ptr<session>>> session_keeper::adopt(std::string key,
                                                                                coauth::grant_record record)
{
    coauth::result<coauth::managed_grant> grant = co_await scheduler_->find(key);
    if (!grant && grant.error() == coauth::errc::grant_unknown)
        co_return std::shared_ptr<session>();
    if (!grant)
        co_return grant.error();
    // Nobody may have been here for so long that the access token has expired.
    const coauth::result<coauth::shared_tokens> usable = co_await grant->token();
    if (!usable && usable.error() == coauth::condition::retryable)
        co_return usable.error();
    coauth::result<std::optional<coauth::userinfo>> said = std::optional<coauth::userinfo>();
    if (usable)
        said = co_await fetch_userinfo(**usable);
    if (!said)
        co_return said.error();
    // Another request of the same person was faster. To begin it twice would end the first, and the grant with it.
    if (const std::shared_ptr<session> faster = sessions_->find(key))
        co_return faster;
    const auto adopted = std::make_shared<session>(issuer_of(*record.tokens()),
                                                   usable ? *usable : record.tokens(), std::move(*said));
    adopted->key = key;
    adopted->grant = std::move(*grant);
    adopted->generation = record.generation();
    sessions_->begin(key, adopted);
    log_.write("session.adopted", {{"sessions", static_cast<std::int64_t>(size())}});
    co_return adopted;
}

/// How often the provider has said of each that it is over.
asio::awaitable<coauth::result<session::notice_counts>>
session_keeper::count_notices(coauth::shared_tokens whose)
{
    session::notice_counts out{};
    if (!whose->has_id_token())
        co_return out;
    const notice_keys keys = notices_that_mean(*whose);
    for (std::size_t i = 0; i < keys.size(); ++i) {
        const coauth::result<coauth::grant_record> notice = co_await store_->load(keys[i], 0);
        if (notice)
            out[i] = notice->generation();
        else if (notice.error() != coauth::errc::grant_unknown)
            co_return notice.error();
    }
    co_return out;
}

void session_keeper::end(const session& ended) { sessions_->end(ended.key); }

asio::awaitable<coauth::result<std::size_t>> session_keeper::end(coauth::logout_token notice)
{
    const std::size_t ended = sessions_->end(notice);
    if (!shared())
        co_return ended;
    const auto counts =
        std::make_shared<const coauth::token_set>(coauth::secret("-"), "notice", coauth::scope());
    const coauth::result<std::uint64_t> told =
        co_await store_->put(notice_key(notice.issuer(), notice.subject(), notice.session_id()), counts);
    if (!told)
        co_return told.error();
    co_return ended;
}

asio::awaitable<coauth::result<std::optional<coauth::userinfo>>>
session_keeper::fetch_userinfo(const coauth::token_set& tokens)
{
    // A provider with OpenID Connect answers to tokens with that scope; one whose endpoint was named, to all.
    const bool ask = options_.provider == provider_kind::endpoints ? !options_.userinfo_endpoint.empty()
                                                                   : tokens.has_id_token();
    if (!ask)
        co_return std::optional<coauth::userinfo>();
    coauth::result<coauth::userinfo> said = co_await provider_.client().fetch_userinfo(tokens);
    if (said)
        co_return std::optional(std::move(*said));
    if (said.error() == coauth::errc::endpoint_missing)
        co_return std::optional<coauth::userinfo>();
    co_return said.error();
}

std::string session_keeper::issuer_of(const coauth::token_set& tokens) const
{
    // With many tenants, that of the person's.
    return tokens.has_id_token() ? std::string(tokens.id_token().issuer()) : options_.issuer.string();
}

} // namespace login_server
