#include "application.hpp"

#include "clock.hpp"
#include "scheduler.hpp"

#include <coauth/core/error.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>

#include <algorithm>
#include <utility>

namespace coauth_test::simulation {
namespace {

using coauth::shared_tokens;
using coauth::detail::grant_wish;

} // namespace

coauth::result<void> observed_source::fill_random(std::span<unsigned char> out)
{
    for (unsigned char& byte : out)
        byte = static_cast<unsigned char>(random_.next());
    return {};
}

void observed_source::check_may_send(const coauth::token_set& current)
{
    world& in = ledger_.in();
    const issue& used = ledger_.of(current);
    if (++parallel_ > bounds().parallel_refreshes)
        in.violation(process_.name() + " refreshes more grants at once than limits::parallel_refreshes");
    // Those that had their turn when it began may still be sent.
    if (process_.steady() < pause_end_ && ++in_pause_ >= bounds().parallel_refreshes)
        in.violation(process_.name() + " sends while the server asked for a pause");
    if (const auto found = earliest_.find(used.family);
        found != earliest_.end() && process_.steady() < found->second)
        in.violation(process_.name() + " refreshes " + used.key + " again too soon");
    earliest_[used.family] = process_.steady() + bounds().refresh_interval;
}

void observed_source::starts_anew(const std::string& key)
{
    for (auto& [family, earliest] : earliest_)
        if (ledger_.family_is_of(family, key))
            earliest = duration(0);
}

void observed_source::finished(serial family, const coauth::result<coauth::token_set>& outcome)
{
    --parallel_;
    if (outcome || outcome.error() == coauth::server_errc::invalid_grant)
        return;
    duration wait = duration(bounds().refresh_backoff) / 2;
    if (const auto asked = outcome.error().retry_after()) {
        wait = std::max(wait, duration(*asked));
        if (process_.steady() >= pause_end_)
            in_pause_ = 0;
        pause_end_ = std::max(pause_end_, process_.steady() + duration(*asked));
    }
    duration& earliest = earliest_[family];
    earliest = std::max(earliest - bounds().refresh_interval, process_.steady() + wait);
}

asio::awaitable<coauth::result<coauth::token_set>>
observed_source::refresh(const coauth::token_set& current,
                         std::shared_ptr<coauth::detail::refresh_trace> trace)
{
    auto begin = [this, trace = std::move(trace),
                  tokens = std::make_shared<const coauth::token_set>(current)](
                     completion<coauth::result<coauth::token_set>> end) {
        check_may_send(*tokens);
        const process_ptr by = process_.shared_from_this();
        provider_.refresh(
            tokens, trace,
            [this, by, end, family = ledger_.of(*tokens).family](coauth::result<coauth::token_set> outcome) {
                finished(family, outcome);
                if (!end(std::move(outcome)))
                    ledger_.in().violation(by->name() + " cancelled a refresh that was sent");
            });
    };
    return wait_for<coauth::result<coauth::token_set>>(std::move(begin));
}

asio::awaitable<coauth::result<void>> observed_source::revoke(const coauth::token_set& tokens)
{
    auto begin = [this, kept = std::make_shared<const coauth::token_set>(tokens)](
                     completion<coauth::result<void>> end) { provider_.revoke(kept, end); };
    return wait_for<coauth::result<void>>(std::move(begin));
}

asio::awaitable<coauth::result<coauth::resource_response>>
observed_source::fetch_resource(const coauth::token_set& tokens, const coauth::resource_parameters&)
{
    auto begin = [this, kept = std::make_shared<const coauth::token_set>(tokens)](
                     completion<coauth::result<coauth::resource_response>> end) {
        ledger_.handed_out(process_.shared_from_this(), ledger_.of(*kept).key, *kept);
        provider_.use(kept, [end](unsigned status) {
            coauth::http_response answer(status);
            if (status == 401)
                answer.add_field("WWW-Authenticate", "Bearer error=\"invalid_token\"");
            end(coauth::resource_response(std::move(answer)));
        });
    };
    return wait_for<coauth::result<coauth::resource_response>>(std::move(begin));
}

application::application(process_ptr runs, ledger& watched, provider& server, store_server* store,
                         sign_ins& signing)
    : process_(std::move(runs)),
      ledger_(watched),
      provider_(server),
      store_(store),
      sign_ins_(signing),
      source_(std::make_shared<observed_source>(watched, server, *process_, watched.in().chance().next()))
{
}

void application::start()
{
    coauth::any_token_store store;
    if (store_)
        store = std::make_shared<store_client>(*store_, *process_);
    scheduler_ = make_simulated_scheduler(process_->context().get_executor(), source_, std::move(store),
                                          ledger_.in().chance().next());
    scheduler_->on_event([this](const coauth::refresh_event& event) { happened(event); });
    if (ledger_.planned().with_hook)
        scheduler_->on_persist([this](std::string key, shared_tokens tokens) {
            return persist(std::move(key), std::move(tokens));
        });
    ledger_.in().say("starts");
    if (!ledger_.planned().in_background)
        return;
    background_ = std::make_shared<operation>("run");
    asio::co_spawn(process_->context(), scheduler_->run(),
                   asio::bind_cancellation_slot(
                       background_->signal.slot(),
                       [self = shared_from_this()](std::exception_ptr) { self->background_.reset(); }));
}

std::string application::some_key()
{
    return "g" + std::to_string(ledger_.in().chance().below(ledger_.planned().grants));
}

std::string application::first_pending() const
{
    return pending_.empty() ? "" : pending_.begin()->second->what;
}

application::operation_ptr application::begin(const std::string& what, const std::string& key)
{
    const auto made = std::make_shared<operation>(what + " " + key);
    made->what += " (" + std::to_string(++operations_) + ")";
    pending_.emplace(operations_, made);
    ledger_.in().say("user: ", made->what);
    if (ledger_.happens(&fault_rates::cancelled))
        cancel_some_time(made);
    return made;
}

void application::cancel_some_time(const operation_ptr& which)
{
    random& chance = ledger_.in().chance();
    const duration after = chance.between(duration(0), chance.chance(500) ? duration(50ms) : duration(10s));
    ledger_.in().in(after, process_, [self = shared_from_this(), weak = std::weak_ptr(which)] {
        const auto alive = weak.lock();
        if (!alive || std::none_of(self->pending_.begin(), self->pending_.end(),
                                   [&](const auto& each) { return each.second == alive; }))
            return;
        self->ledger_.in().say("user: cancels ", alive->what);
        alive->cancelled = true;
        alive->signal.emit(asio::cancellation_type::terminal);
        self->process_->poll();
        for (const auto& each : self->pending_)
            if (each.second == alive)
                self->ledger_.in().violation(self->process_->name() + ": " + alive->what +
                                             " was cancelled and goes on");
    });
}

void application::end(const operation_ptr& which, std::exception_ptr failure, const coauth::error* reason)
{
    std::erase_if(pending_, [&](const auto& each) { return each.second == which; });
    if (reason && ledger_.in().traced())
        ledger_.in().say("user: ", which->what, ": ", reason->message());
    else
        ledger_.in().say("user: ", which->what, ": done");
    if (failure)
        ledger_.in().violation(process_->name() + ": " + which->what + " throws");
    if (reason && *reason == asio::error::operation_aborted && !which->cancelled && !closed_)
        ledger_.in().violation(process_->name() + ": " + which->what +
                               " was aborted, and nobody cancelled it");
}

bool application::forgotten_here(const std::string& key)
{
    const auto found = forgotten_.find(key);
    return found != forgotten_.end() && found->second == sign_ins_.begun(key);
}

void application::shown(const std::string& key, const shared_tokens& tokens, bool was_forgotten)
{
    if (!tokens) {
        ledger_.in().violation(process_->name() + " shows no tokens of " + key + " and no error");
        return;
    }
    ledger_.in().say("user: is shown ", key, " A", ledger::number_of(*tokens));
    ledger_.handed_out(process_, key, *tokens);
    if (was_forgotten && forgotten_here(key))
        ledger_.in().violation(process_->name() + " shows tokens of " + key + ", which it forgot");
    shown_[key] = tokens;
}

void application::obtain(const std::string& what, const std::string& key, const shared_tokens& rejected,
                         asio::awaitable<coauth::result<shared_tokens>> wanted)
{
    const operation_ptr mine = begin(what, key);
    answers_[key].reset();
    asio::co_spawn(process_->context(), std::move(wanted),
                   asio::bind_cancellation_slot(
                       mine->signal.slot(),
                       [self = shared_from_this(), mine, key, rejected, forgotten = forgotten_here(key)](
                           std::exception_ptr failure, coauth::result<shared_tokens> outcome) {
                           const coauth::error reason = outcome ? coauth::error() : outcome.error();
                           self->end(mine, failure, outcome ? nullptr : &reason);
                           if (failure)
                               return;
                           self->answers_[key] = outcome;
                           self->in_doubt_.erase(key);
                           if (self->store_ && self->store_->in_doubt(key))
                               self->in_doubt_.insert(key);
                           if (outcome)
                               self->shown(key, *outcome, forgotten);
                           if (outcome && rejected && *outcome &&
                               ledger::number_of(**outcome) == ledger::number_of(*rejected))
                               self->ledger_.in().violation(self->process_->name() +
                                                            " shows tokens that were rejected");
                       }));
}

void application::token(const std::string& key, grant_wish wish)
{
    const auto handle = handles_.find(key);
    const char* const what = wish == grant_wish::newer ? "refresh_now" : "token";
    if (handle != handles_.end() && ledger_.in().chance().chance(500) && !ledger_.calm())
        obtain(what, key, nullptr, scheduler_->obtain(handle->second, wish, nullptr));
    else
        obtain(what, key, nullptr, scheduler_->obtain(key, wish));
}

void application::replace_rejected(const std::string& key)
{
    const auto rejected = shown_.find(key);
    const auto handle = handles_.find(key);
    if (rejected != shown_.end() && handle != handles_.end())
        obtain("replace_rejected", key, rejected->second,
               scheduler_->obtain(handle->second, grant_wish::other, rejected->second));
}

void application::look(const std::string& key)
{
    const auto handle = handles_.find(key);
    if (handle == handles_.end())
        return;
    const auto known = scheduler_->look(*handle->second);
    if (known.tokens && simulated_clock::now().time_since_epoch() < known.usable_until)
        shown(key, known.tokens, forgotten_here(key));
}

void application::find(const std::string& key)
{
    const operation_ptr mine = begin("find", key);
    asio::co_spawn(
        process_->context(), scheduler_->find(key),
        asio::bind_cancellation_slot(
            mine->signal.slot(),
            [self = shared_from_this(), mine, key, forgotten = forgotten_here(key)](
                std::exception_ptr failure, coauth::result<coauth::detail::grant_pointer> outcome) {
                const coauth::error reason = outcome ? coauth::error() : outcome.error();
                self->end(mine, failure, outcome ? nullptr : &reason);
                if (!outcome)
                    return;
                self->handles_[key] = *outcome;
                if (!self->closed_ && (*outcome)->key == key && forgotten && self->forgotten_here(key))
                    self->ledger_.in().violation(self->process_->name() + " finds " + key +
                                                 ", which it forgot");
            }));
}

void application::use_resource(const std::string& key)
{
    const auto handle = handles_.find(key);
    if (handle == handles_.end())
        return;
    const operation_ptr mine = begin("fetch_resource", key);
    coauth::resource_parameters parameters;
    parameters.url = "https://resource.example/";
    asio::co_spawn(
        process_->context(),
        scheduler_->fetch_resource(handle->second, coauth::detail::kept_resource_parameters(parameters)),
        asio::bind_cancellation_slot(
            mine->signal.slot(),
            [self = shared_from_this(), mine](std::exception_ptr failure,
                                              coauth::result<coauth::resource_response> outcome) {
                const coauth::error reason = outcome ? coauth::error() : outcome.error();
                self->end(mine, failure, outcome ? nullptr : &reason);
            }));
}

void application::sign_in(const std::string& key)
{
    const coauth::token_set tokens = provider_.sign_in(key);
    sign_ins_.begin(key);
    if (store_)
        store_->expect_sign_in(ledger::number_of(tokens));
    else
        ledger_.kept(tokens);
    const operation_ptr mine = begin("manage", key);
    asio::co_spawn(process_->context(), scheduler_->manage(key, tokens),
                   asio::bind_cancellation_slot(
                       mine->signal.slot(), [self = shared_from_this(), mine,
                                             key](std::exception_ptr failure,
                                                  coauth::result<coauth::detail::grant_pointer> outcome) {
                           const coauth::error reason = outcome ? coauth::error() : outcome.error();
                           self->end(mine, failure, outcome ? nullptr : &reason);
                           if (!outcome)
                               return;
                           self->handles_[key] = *outcome;
                           // Who was told before that it is needed may have to be told again.
                           if (const auto before = self->told_.find(key); before != self->told_.end())
                               before->second = 0;
                       }));
}

void application::forget(const std::string& key)
{
    const operation_ptr mine = begin("forget", key);
    told_.erase(key);
    source_->starts_anew(key);
    if (store_)
        store_->expect_forget(process_, key);
    asio::co_spawn(
        process_->context(), scheduler_->forget(key),
        asio::bind_cancellation_slot(
            mine->signal.slot(), [self = shared_from_this(), mine, key, before = sign_ins_.begun(key),
                                  certain = !sign_ins_.within(key, 60s)](std::exception_ptr failure,
                                                                         coauth::result<void> outcome) {
                const coauth::error reason = outcome ? coauth::error() : outcome.error();
                self->end(mine, failure, outcome ? nullptr : &reason);
                // Of a sign-in at the same time either may come last.
                if (!outcome || !certain || self->sign_ins_.begun(key) != before)
                    return;
                self->forgotten_[key] = before;
                self->sign_ins_.forgotten(key);
                if (self->store_ && self->store_->tokens(key))
                    self->ledger_.in().violation(self->process_->name() + " forgot " + key +
                                                 ", and the store has it");
            }));
}

void application::do_something()
{
    random& chance = ledger_.in().chance();
    const std::string key = some_key();
    if (ledger_.happens(&fault_rates::sign_in))
        return sign_in(key);
    if (ledger_.happens(&fault_rates::forget))
        return forget(key);
    switch (chance.below(10)) {
    case 0:
        return find(key);
    case 1:
    case 2:
        return look(key);
    case 3:
    case 4:
        return token(key, grant_wish::newer);
    case 5:
        return replace_rejected(key);
    case 6:
        return use_resource(key);
    default:
        return token(key, grant_wish::usable);
    }
}

asio::awaitable<coauth::result<void>> application::persist(std::string key, shared_tokens tokens)
{
    auto begin = [self = shared_from_this(), key = std::move(key),
                  tokens](completion<coauth::result<void>> end) {
        random& chance = self->ledger_.in().chance();
        const bool fails = self->ledger_.happens(&fault_rates::hook_fails);
        self->ledger_.in().in(chance.between(duration(100us), duration(20ms)), self->process_, [=] {
            if (fails) {
                end(coauth::error(coauth::errc::token_store_failed));
                return;
            }
            self->ledger_.of(*tokens).persisted = true;
            if (!self->store_)
                self->ledger_.kept(*tokens);
            self->ledger_.in().say("persists ", key, " A", ledger::number_of(*tokens));
            end(coauth::result<void>());
        });
    };
    return wait_for<coauth::result<void>>(std::move(begin));
}

/// A grant is only given up if there is no way to go on with it; where somebody only seems to be gone, it may be.
void application::check_is_lost(const std::string& key)
{
    if (!store_ || ledger_.planned().may_seem_gone() || sign_ins_.within(key, 1s))
        return;
    const shared_tokens kept = store_->tokens(key);
    if (kept && provider_.good(*kept) && !store_->undecided_by_nature(key))
        ledger_.in().violation(process_->name() + " gives up " + key + ", which is not lost");
}

void application::happened(const coauth::refresh_event& event)
{
    using kind = coauth::refresh_event::kind;
    const std::string& key = event.key();
    if (crashed_) // destructors, of which a crash has none
        return;
    switch (event.what()) {
    case kind::refreshed:
        ledger_.in().say("event: refreshed ", key);
        told_.erase(key);
        break;
    case kind::adopted:
        ledger_.in().say("event: adopted ", key);
        source_->starts_anew(key);
        told_.erase(key);
        break;
    case kind::retrying:
        if (ledger_.in().traced())
            ledger_.in().say("event: retrying ", key, ": ", event.reason().message());
        if (!event.next_try())
            ledger_.in().violation(process_->name() + " retries " + key + " at no time");
        if (event.reason() == coauth::errc::lease_lost) // what the server sent was dropped
            source_->starts_anew(key);
        break;
    case kind::falling_behind:
        break;
    case kind::reauthorization_required:
        if (ledger_.in().traced())
            ledger_.in().say("event: reauthorization required ", key, ": ", event.reason().message());
        if (!(event.reason() == coauth::condition::reauthorization_required))
            ledger_.in().violation(process_->name() + " wants a new sign-in of " + key + " for no reason");
        check_is_lost(key);
        if (told(key) && told_[key] == ledger_.kept_of(key))
            ledger_.in().violation(process_->name() + " says twice that " + key + " needs a new sign-in");
        told_[key] = ledger_.kept_of(key);
        break;
    }
}

void application::leave_off()
{
    closed_ = true;
    handles_.clear();
    if (background_ && ledger_.in().chance().chance(500))
        background_->signal.emit(asio::cancellation_type::terminal);
}

void application::close()
{
    ledger_.in().say("stops");
    leave_off();
    scheduler_->close();
    scheduler_.reset();
}

void application::stop()
{
    ledger_.in().say("stops gently");
    stopping_ = true;
    leave_off();
    asio::co_spawn(process_->context(), scheduler_->stop(),
                   [self = shared_from_this()](std::exception_ptr failure) {
                       if (failure)
                           self->ledger_.in().violation(self->process_->name() + ": stop() throws");
                       self->ledger_.in().in(duration(0), [self] { self->exit(); });
                   });
}

void application::exit()
{
    if (!process_->alive())
        return;
    ledger_.in().run(process_, [this] {
        ledger_.in().say("ends");
        stopping_ = false;
        crashed_ = true;
        process_->end_well([this] {
            if (const auto dropped = std::exchange(scheduler_, nullptr))
                dropped->close();
        });
        pending_.clear();
        background_.reset();
    });
}

void application::crash(bool scheduler_first)
{
    ledger_.in().say("crashes");
    closed_ = crashed_ = true;
    handles_.clear();
    const auto drop = [this] {
        if (const auto dropped = std::exchange(scheduler_, nullptr))
            dropped->close();
    };
    const auto nothing = [] {};
    if (scheduler_first)
        process_->crash(drop, nothing);
    else
        process_->crash(nothing, drop);
    pending_.clear();
    background_.reset();
}

} // namespace coauth_test::simulation
