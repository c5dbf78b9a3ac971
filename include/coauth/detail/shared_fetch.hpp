// Floor 4. A document that many ask for, and one request at a time fetches.
#ifndef COAUTH_DETAIL_SHARED_FETCH_HPP
#define COAUTH_DETAIL_SHARED_FETCH_HPP

#include <coauth/detail/callback.hpp>
#include <coauth/policy/any_transport.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace coauth::inline COAUTH_MODE::detail {

/// A document as it is kept: read once, shared, never changed.
using shared_document = std::shared_ptr<const void>;

/// Where a document comes from, and how it is read.
class document_source {
public:
    struct document {
        document(shared_document read, std::chrono::seconds fresh_for)
            : value(std::move(read)), age(fresh_for)
        {
        }
        shared_document value;
        std::chrono::seconds age; ///< for which it is fresh
    };

    virtual ~document_source() = default;
    virtual http_request request() const = 0;
    /// What to ask for instead if there is no such document (404); no value: nothing.
    virtual std::optional<http_request> request_instead() const = 0;
    virtual result<document> read(const http_response& answer) const = 0;
};

/** Fetches a document for all who want it, and keeps the last good one.

    A fetch depends on none of those who wait for it: any of them may be cancelled. There is one at a time, so
    that an older answer never replaces a newer one.

    A template for the reason given in detail/config.hpp.

    @par Thread safety Safe; completions are called without a lock held, and destroyed on their executor.
*/
template <class = void>
class shared_fetch : public std::enable_shared_from_this<shared_fetch<>> {
public:
    using wall_clock = std::chrono::system_clock::time_point (*)();
    using completion = callback<void(result<shared_document>)>;

    struct ages {
        std::chrono::seconds stale_if_error{}; ///< how much longer it is used if it cannot be fetched
        std::chrono::seconds retry_interval{}; ///< while it is, the least time between two fetches
        std::chrono::seconds forced_interval{};
    };

    shared_fetch(any_transport transport, std::unique_ptr<document_source> source, wall_clock now,
                 const ages& times);

    /// What is to be used now without asking anybody; null if there is nothing.
    shared_document usable() const;
    /// The last good document, however old; null if there never was one.
    shared_document latest() const;
    /// How many fetches were begun so far.
    std::uint64_t begun() const;

    /** Get the document: at once if one is usable, else by a fetch, one that is under way included.

        @param complete called once, from here or on the executor
    */
    void get(const boost::asio::any_io_executor& executor, completion complete);

    /** Get a newer document than this one, which lacks something.

        @param begun_before the count of begun() when it became known what is needed: what was fetched later and
        lacks it will not have it now
        @par Errors errc::signing_key_unknown: not again so soon, or there is no newer one
    */
    void get_newer(const boost::asio::any_io_executor& executor, const shared_document& than,
                   std::uint64_t begun_before, completion complete);

private:
    using time_point = std::chrono::system_clock::time_point;
    class flight;
    struct waiter {
        boost::asio::any_io_executor executor; ///< with_work(); the last to be destroyed
        completion complete;
        bool takes_stale = true;
    };

    bool within(time_point since, std::chrono::seconds age) const noexcept;
    shared_document usable_locked() const;
    std::shared_ptr<flight> enlist(waiter who); // under the lock
    void send(const boost::asio::any_io_executor& executor, http_request request, std::shared_ptr<flight> of);
    void finish(result<document_source::document> outcome);

    any_transport transport_;
    std::unique_ptr<document_source> source_;
    wall_clock now_;
    ages times_;

    mutable std::mutex mutex_; // everything below
    shared_document value_;
    std::chrono::seconds age_{};
    time_point fetched_at_{};
    std::optional<time_point> failed_at_;
    std::optional<time_point> forced_at_;
    std::uint64_t begun_ = 0;
    bool in_flight_ = false;
    std::vector<waiter> waiters_;
};

/** Wait for a document; as shared_fetch::get(). Cancellation ends the waiting only. */
COAUTH_LAZY boost::asio::awaitable<result<shared_document>>
get_document(std::shared_ptr<shared_fetch<>> from);

/// @copydoc shared_fetch::get_newer()
COAUTH_LAZY boost::asio::awaitable<result<shared_document>>
get_newer_document(std::shared_ptr<shared_fetch<>> from, shared_document than, std::uint64_t begun_before);

#ifdef COAUTH_SEPARATE_COMPILATION
extern template class shared_fetch<>;
#endif

} // namespace coauth::inline COAUTH_MODE::detail

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/detail/shared_fetch.ipp>
#endif

#endif
