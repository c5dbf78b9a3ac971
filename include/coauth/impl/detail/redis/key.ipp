// Floor 5. What things are called in a Redis, and what all stores in one have in common.
#ifndef COAUTH_IMPL_DETAIL_REDIS_KEY_IPP
#define COAUTH_IMPL_DETAIL_REDIS_KEY_IPP

#include <coauth/detail/base64url.hpp>
#include <coauth/detail/redis/link.hpp>
#include <coauth/detail/seal.hpp>
#include <coauth/detail/sha256.hpp>
#include <coauth/redis_store.hpp>

#include <algorithm>
#include <charconv>

namespace coauth::inline COAUTH_MODE::detail {

/// Closes the connection when the last store is gone.
class redis_lifeline {
public:
    explicit redis_lifeline(std::shared_ptr<redis_link> link) noexcept : link_(std::move(link)) {}
    redis_lifeline(const redis_lifeline&) = delete;
    redis_lifeline& operator=(const redis_lifeline&) = delete;
    ~redis_lifeline()
    {
        try {
            link_->stop();
        } catch (...) { // no memory to say so: the context ends it
        }
    }
    const std::shared_ptr<redis_link>& link() const noexcept { return link_; }

private:
    std::shared_ptr<redis_link> link_;
};

/// No value if OpenSSL has no SHA-256.
inline std::optional<std::string> redis_digest(const seal_binding& of)
{
    const auto digest = sha256(of.view());
    if (!digest)
        return std::nullopt;
    std::string out(base64url_encoded_size(digest->size()), '\0');
    base64url_encode(*digest, out.data());
    return out;
}

inline std::string checked_redis_prefix(const redis_store_settings& settings)
{
    if (settings.prefix().find_first_of("{}") != std::string::npos)
        throw exception(error(errc::invalid_configuration).set_description("braces in the prefix"));
    return settings.prefix();
}

inline std::string redis_milliseconds(std::chrono::milliseconds duration, std::chrono::milliseconds longest)
{
    return std::to_string(std::clamp(duration, duration.zero(), longest).count());
}

/// Of seconds, without overflow.
inline std::string redis_milliseconds(std::chrono::seconds duration)
{
    constexpr std::chrono::seconds longest = std::chrono::hours(24 * 365 * 100);
    return redis_milliseconds(std::chrono::milliseconds(std::clamp(duration, duration.zero(), longest)),
                              longest);
}

inline std::string_view redis_status(const redis_answer& answer) noexcept
{
    return answer.empty() ? std::string_view() : std::string_view(answer.front());
}

inline std::string_view text_of(const secure_bytes& bytes) noexcept { return {bytes.data(), bytes.size()}; }

inline error malformed_answer(errc failure)
{
    return error(failure).set_description("Redis gave an answer that no script of ours gives");
}

} // namespace coauth::inline COAUTH_MODE::detail

#endif
