// Floor 4. For tests.
#ifndef COAUTH_TESTING_DETAIL_KEY_RING_HPP
#define COAUTH_TESTING_DETAIL_KEY_RING_HPP

#include <coauth/jose/signing_key.hpp>

#include <boost/json/fwd.hpp>

#include <map>
#include <mutex>
#include <optional>

namespace coauth::inline COAUTH_MODE::testing::detail {

/** The keys that a server signs with: one for each algorithm, made when it is first needed, as RSA takes a tenth
    of a second. Safe from all threads.
*/
class key_ring {
public:
    COAUTH_DECL signing_key current(signing_algorithm algorithm);
    /// New keys for all algorithms that have one. Those before stay published; older ones do not.
    COAUTH_DECL void rotate();
    /// Which algorithms have a key.
    COAUTH_DECL signing_algorithms algorithms() const;
    /// RFC 7517 5: all public keys, those that sign now first.
    COAUTH_DECL boost::json::array published() const;

private:
    class generations {
    public:
        explicit generations(signing_key first) : current(std::move(first)) {}
        signing_key current;
        std::optional<signing_key> previous;
    };

    mutable std::mutex mutex_;
    std::map<signing_algorithm, generations> keys_;
};

} // namespace coauth::inline COAUTH_MODE::testing::detail

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/testing/detail/key_ring.ipp>
#endif

#endif
