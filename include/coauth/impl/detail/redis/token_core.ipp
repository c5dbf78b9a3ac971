// Floor 5.
#ifndef COAUTH_IMPL_DETAIL_REDIS_TOKEN_CORE_IPP
#define COAUTH_IMPL_DETAIL_REDIS_TOKEN_CORE_IPP

#include <coauth/detail/kept_grant.hpp>
#include <coauth/detail/token_codec.hpp>
#include <coauth/impl/detail/redis/key.ipp>
#include <coauth/policy/random_source.hpp>

COAUTH_COROUTINES_BEGIN

namespace coauth::inline COAUTH_MODE::detail {

/// What the copies of a redis_token_store share.
class redis_token_core {
public:
    redis_token_core(const redis_connection& connection, seal_key_ring keys, std::string issuer,
                     const redis_store_settings& settings)
        : lifeline_(connection.lifeline_),
          keys_(std::move(keys)),
          issuer_(std::move(issuer)),
          prefix_(checked_redis_prefix(settings)),
          retention_(redis_milliseconds(settings.retention()))
    {
    }

    using self = std::shared_ptr<const redis_token_core>;
    static COAUTH_DECL boost::asio::awaitable<result<std::uint64_t>> put(self core, std::string key,
                                                                         shared_tokens tokens);
    static COAUTH_DECL boost::asio::awaitable<result<grant_record>> load(self core, std::string key,
                                                                         std::uint64_t known);
    static COAUTH_DECL boost::asio::awaitable<result<lease>> acquire(self core, std::string key,
                                                                     random_value owner,
                                                                     std::chrono::milliseconds duration,
                                                                     std::uint64_t known, unsigned tries);
    static COAUTH_DECL boost::asio::awaitable<result<void>>
    renew(self core, std::string key, random_value owner, std::chrono::milliseconds duration);
    static COAUTH_DECL boost::asio::awaitable<result<void>>
    begin_refresh(self core, std::string key, random_value owner, std::uint64_t generation);
    static COAUTH_DECL boost::asio::awaitable<result<std::uint64_t>>
    complete_refresh(self core, std::string key, random_value owner, std::uint64_t generation,
                     shared_tokens tokens);
    static COAUTH_DECL boost::asio::awaitable<result<void>> release(self core, std::string key,
                                                                    random_value owner);
    static COAUTH_DECL boost::asio::awaitable<result<void>> erase(self core, std::string key);

private:
    static constexpr std::string_view label = "coauth redis_token_store 1";
    // No refresh takes that long.
    static constexpr std::chrono::milliseconds longest_lease = std::chrono::hours(24);

    static std::shared_ptr<redis_call> call(const self& core, const redis_script& script,
                                            const std::string& key)
    {
        const auto digest = redis_digest(seal_binding("coauth grant").add(core->issuer_).add(key));
        auto out = std::make_shared<redis_call>(redis_repetition::harmless, errc::token_store_failed);
        out->set_script(std::shared_ptr<const redis_script>(core, &script));
        // Without SHA-256 there is no seal either: nothing is ever found or put.
        out->set_key(core->prefix_ + ":grant:{" + digest.value_or(std::string()) + '}');
        return out;
    }

    /// The error that an answer stands for; none: it is `ok`, or one that only the caller knows.
    static error refusal(const redis_answer& answer)
    {
        const std::string_view status = redis_status(answer);
        if (status == "unknown")
            return errc::grant_unknown;
        if (status == "lost")
            return errc::lease_lost;
        if (status.empty())
            return malformed_answer(errc::token_store_failed);
        return {};
    }

    static std::optional<std::uint64_t> number_at(const redis_answer& answer, std::size_t index) noexcept
    {
        std::uint64_t out = 0;
        if (index >= answer.size())
            return std::nullopt;
        const std::string& text = answer[index];
        const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), out);
        if (failure != std::errc() || end != text.data() + text.size())
            return std::nullopt;
        return out;
    }

    /// Status, generation, tokens.
    result<grant_record> record_of(const redis_answer& answer, const std::string& key) const
    {
        const auto generation = number_at(answer, 1);
        if (!generation || answer.size() < 3)
            return malformed_answer(errc::token_store_failed);
        if (answer[2].empty())
            return grant_record(*generation, nullptr);
        result<token_set> tokens = open_tokens(keys_, answer[2], label, issuer_, key);
        if (!tokens)
            return tokens.error();
        return grant_record(*generation, std::make_shared<const token_set>(std::move(*tokens)));
    }

    static result<std::uint64_t> generation_of(const redis_answer& answer)
    {
        if (const error refused = refusal(answer); refused.code())
            return refused;
        const auto generation = number_at(answer, 1);
        if (!generation)
            return malformed_answer(errc::token_store_failed);
        return *generation;
    }

    static COAUTH_DECL boost::asio::awaitable<result<void>> run(self core, std::shared_ptr<redis_call> call);
    static COAUTH_DECL boost::asio::awaitable<result<std::uint64_t>>
    replace(self core, std::shared_ptr<redis_call> call);

    std::shared_ptr<redis_lifeline> lifeline_;
    seal_key_ring keys_;
    std::string issuer_;
    std::string prefix_;
    std::string retention_;
    redis_token_scripts scripts_;
};

COAUTH_DECL boost::asio::awaitable<result<void>> redis_token_core::run(self core,
                                                                       std::shared_ptr<redis_call> call)
{
    const result<redis_answer> answer = co_await execute(core->lifeline_->link(), std::move(call));
    if (!answer)
        co_return answer.error();
    const error refused = refusal(*answer);
    if (refused.code())
        co_return refused;
    co_return result<void>();
}

COAUTH_DECL boost::asio::awaitable<result<std::uint64_t>>
redis_token_core::replace(self core, std::shared_ptr<redis_call> call)
{
    const result<redis_answer> answer = co_await execute(core->lifeline_->link(), std::move(call));
    if (!answer)
        co_return answer.error();
    co_return generation_of(*answer);
}

COAUTH_DECL boost::asio::awaitable<result<std::uint64_t>> redis_token_core::put(self core, std::string key,
                                                                                shared_tokens tokens)
{
    if (!is_grant_key(key.size()) || !tokens)
        co_return errc::invalid_parameter;
    const result<secure_bytes> sealed = seal_tokens(core->keys_, *tokens, label, core->issuer_, key);
    if (!sealed)
        co_return sealed.error();
    // Said again after a lost answer, it must not undo what another process made of these tokens meanwhile.
    std::array<unsigned char, 16> identifier{};
    const result<void> filled = openssl_random_source::fill(identifier);
    if (!filled)
        co_return filled.error();
    auto request = call(core, core->scripts_.put, key);
    request->add(text_of(*sealed)).add(core->retention_);
    request->add({reinterpret_cast<const char*>(identifier.data()), identifier.size()});
    result<std::uint64_t> outcome = co_await replace(core, std::move(request));
    co_return std::move(outcome);
}

COAUTH_DECL boost::asio::awaitable<result<grant_record>> redis_token_core::load(self core, std::string key,
                                                                                std::uint64_t known)
{
    auto request = call(core, core->scripts_.load, key);
    request->add(std::to_string(known));
    const result<redis_answer> answer = co_await execute(core->lifeline_->link(), std::move(request));
    if (!answer)
        co_return answer.error();
    const error refused = refusal(*answer);
    if (refused.code())
        co_return refused;
    co_return core->record_of(*answer, key);
}

COAUTH_DECL boost::asio::awaitable<result<lease>>
redis_token_core::acquire(self core, std::string key, random_value owner, std::chrono::milliseconds duration,
                          std::uint64_t known, unsigned tries)
{
    auto request = call(core, core->scripts_.acquire, key);
    request->add(owner.view()).add(redis_milliseconds(duration, longest_lease));
    request->add(std::to_string(known)).add(std::to_string(tries));
    const result<redis_answer> answer = co_await execute(core->lifeline_->link(), std::move(request));
    if (!answer)
        co_return answer.error();
    const error refused = refusal(*answer);
    if (refused.code())
        co_return refused;
    const result<grant_record> record = core->record_of(*answer, key);
    if (!record)
        co_return record.error();
    const auto remaining = number_at(*answer, 3);
    if (!remaining)
        co_return malformed_answer(errc::token_store_failed);
    lease_state state = lease_state::granted;
    if (redis_status(*answer) == "held")
        state = lease_state::held;
    else if (redis_status(*answer) == "undecided")
        state = lease_state::undecided;
    co_return lease(state, *record, std::chrono::milliseconds(*remaining));
}

COAUTH_DECL boost::asio::awaitable<result<void>>
redis_token_core::renew(self core, std::string key, random_value owner, std::chrono::milliseconds duration)
{
    auto request = call(core, core->scripts_.renew, key);
    request->add(owner.view()).add(redis_milliseconds(duration, longest_lease));
    return run(std::move(core), std::move(request));
}

COAUTH_DECL boost::asio::awaitable<result<void>>
redis_token_core::begin_refresh(self core, std::string key, random_value owner, std::uint64_t generation)
{
    auto request = call(core, core->scripts_.begin_refresh, key);
    request->add(owner.view()).add(std::to_string(generation));
    return run(std::move(core), std::move(request));
}

COAUTH_DECL boost::asio::awaitable<result<std::uint64_t>>
redis_token_core::complete_refresh(self core, std::string key, random_value owner, std::uint64_t generation,
                                   shared_tokens tokens)
{
    if (!tokens)
        co_return errc::invalid_parameter;
    const result<secure_bytes> sealed = seal_tokens(core->keys_, *tokens, label, core->issuer_, key);
    if (!sealed)
        co_return sealed.error();
    auto request = call(core, core->scripts_.complete_refresh, key);
    request->add(owner.view()).add(std::to_string(generation)).add(text_of(*sealed)).add(core->retention_);
    result<std::uint64_t> outcome = co_await replace(core, std::move(request));
    co_return std::move(outcome);
}

COAUTH_DECL boost::asio::awaitable<result<void>> redis_token_core::release(self core, std::string key,
                                                                           random_value owner)
{
    auto request = call(core, core->scripts_.release, key);
    request->add(owner.view());
    return run(std::move(core), std::move(request));
}

COAUTH_DECL boost::asio::awaitable<result<void>> redis_token_core::erase(self core, std::string key)
{
    auto request = call(core, core->scripts_.erase, key);
    request->add(redis_milliseconds(std::chrono::seconds(std::chrono::hours(24))));
    return run(std::move(core), std::move(request));
}

} // namespace coauth::inline COAUTH_MODE::detail

COAUTH_COROUTINES_END

#endif
