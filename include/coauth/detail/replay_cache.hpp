// Floor 3.
#ifndef COAUTH_DETAIL_REPLAY_CACHE_HPP
#define COAUTH_DETAIL_REPLAY_CACHE_HPP

#include <coauth/detail/config.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstring>
#include <list>
#include <mutex>
#include <string_view>
#include <unordered_map>

namespace coauth::inline COAUTH_MODE::detail {

/** Which single-use tokens were seen: bounded in number and in time, the oldest gives way.

    It keeps digests of one size, however long an identifier is, and a key that nobody knows decides where
    they lie.

    @par Thread safety Safe.
*/
class replay_cache {
public:
    using time_point = std::chrono::system_clock::time_point;

    /**
        @param capacity most tokens that are remembered; with zero none can be, and all of them are refused
        @throws coauth::exception errc::random_source_failed: no key could be made
    */
    COAUTH_DECL explicit replay_cache(std::size_t capacity);

    /** Remember a token until it expires.

        @param issuer who made the identifier: that of another issuer is another
        @param jti of any length
        @return false if it is remembered already. The first expiry holds then.
    */
    COAUTH_DECL bool insert(std::string_view issuer, std::string_view jti, time_point expires,
                            time_point now);

    /// How many it holds, expired ones that nothing pushed out included.
    COAUTH_DECL std::size_t size() const;

private:
    using digest = std::array<unsigned char, 32>;
    struct entry {
        digest key;
        time_point expires;
    };
    /// A part of the digest is as good as another: it depends on the key.
    struct first_bytes {
        std::size_t operator()(const digest& value) const noexcept
        {
            std::size_t out;
            std::memcpy(&out, value.data(), sizeof out);
            return out;
        }
    };
    using order = std::list<entry>;

    COAUTH_DECL void drop_oldest() noexcept;

    std::array<unsigned char, 32> key_;
    std::size_t capacity_;
    mutable std::mutex mutex_;
    order order_; // the oldest first
    std::unordered_map<digest, order::iterator, first_bytes> places_;
};

} // namespace coauth::inline COAUTH_MODE::detail

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/detail/replay_cache.ipp>
#endif

#endif
