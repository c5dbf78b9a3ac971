// Floor 5.
#ifndef COAUTH_IMPL_DETAIL_REDIS_STATE_CORE_IPP
#define COAUTH_IMPL_DETAIL_REDIS_STATE_CORE_IPP

#include <coauth/detail/cancellation.hpp>
#include <coauth/detail/login_codec.hpp>
#include <coauth/impl/detail/redis/key.ipp>

COAUTH_COROUTINES_BEGIN

namespace coauth::inline COAUTH_MODE::detail {

/// What the copies of a redis_state_store share.
class redis_state_core {
public:
    redis_state_core(const redis_connection& connection, seal_key_ring keys, const limits& bounds,
                     const redis_store_settings& settings)
        : lifeline_(connection.lifeline_),
          keys_(std::move(keys)),
          prefix_(checked_redis_prefix(settings)),
          most_(std::to_string(std::max<std::size_t>(bounds.pending_logins_per_browser, 1)))
    {
    }

    using self = std::shared_ptr<const redis_state_core>;
    static COAUTH_DECL boost::asio::awaitable<result<void>> put(self core, pending_login login,
                                                                std::chrono::seconds lifetime);
    static COAUTH_DECL boost::asio::awaitable<result<pending_login>> take(self core, random_value binding,
                                                                          random_value state);

private:
    static seal_binding label() { return seal_binding("coauth redis_state_store 1"); }

    /// One hash for a browser, in which each sign-in has a field. No value as redis_digest() has it.
    static std::shared_ptr<redis_call> call(const self& core, const redis_script& script,
                                            redis_repetition repetition, const random_value& binding,
                                            const random_value& state)
    {
        const auto browser = redis_digest(seal_binding("coauth browser").add(binding.view()));
        const auto login = redis_digest(seal_binding("coauth login").add(state.view()));
        if (!browser || !login)
            return nullptr;
        auto out = std::make_shared<redis_call>(repetition, errc::state_store_failed);
        out->set_script(std::shared_ptr<const redis_script>(core, &script));
        out->set_key(core->prefix_ + ":login:{" + *browser + '}');
        out->add(*login);
        return out;
    }

    std::shared_ptr<redis_lifeline> lifeline_;
    seal_key_ring keys_;
    std::string prefix_;
    std::string most_;
    redis_state_scripts scripts_;
};

COAUTH_DECL boost::asio::awaitable<result<void>> redis_state_core::put(self core, pending_login login,
                                                                       std::chrono::seconds lifetime)
{
    seal_binding purpose = label();
    purpose.add(login.browser_binding().view()).add(login.state().view());
    const secure_bytes content = encode_login(login);
    const result<secure_bytes> sealed = seal(core->keys_, text_of(content), purpose);
    if (!sealed)
        co_return sealed.error();
    const auto request =
        call(core, core->scripts_.put, redis_repetition::harmless, login.browser_binding(), login.state());
    if (!request)
        co_return error(errc::state_store_failed);
    // As long again it can be told that it came too late.
    const std::string time = redis_milliseconds(lifetime);
    request->add(text_of(*sealed)).add(time).add(time).add(core->most_);
    const result<redis_answer> answer = co_await execute(core->lifeline_->link(), std::move(request));
    if (!answer)
        co_return answer.error();
    if (redis_status(*answer) != "ok")
        co_return malformed_answer(errc::state_store_failed);
    co_return result<void>();
}

COAUTH_DECL boost::asio::awaitable<result<pending_login>>
redis_state_core::take(self core, random_value binding, random_value state)
{
    auto request = call(core, core->scripts_.take, redis_repetition::harmful, binding, state);
    if (!request)
        co_return error(errc::state_store_failed);
    const result<redis_answer> answer = co_await execute(core->lifeline_->link(), std::move(request));
    if (!answer)
        co_return answer.error();
    const std::string_view status = redis_status(*answer);
    if (status == "unknown")
        co_return errc::unknown_transaction;
    if (status == "mismatch")
        co_return errc::state_mismatch;
    if (status == "expired")
        co_return errc::expired_transaction;
    if (status != "ok" || answer->size() != 2)
        co_return malformed_answer(errc::state_store_failed);
    seal_binding purpose = label();
    purpose.add(binding.view()).add(state.view());
    const result<opened_seal> opened = open_seal(core->keys_, (*answer)[1], purpose);
    if (!opened)
        co_return opened.error();
    result<pending_login> login = decode_login(*opened);
    co_return std::move(login);
}

} // namespace coauth::inline COAUTH_MODE::detail

COAUTH_COROUTINES_END

#endif
