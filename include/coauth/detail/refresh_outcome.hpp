// Floor 3. What can come of a refresh, and what that means for the grant.
#ifndef COAUTH_DETAIL_REFRESH_OUTCOME_HPP
#define COAUTH_DETAIL_REFRESH_OUTCOME_HPP

#include <coauth/core/error.hpp>
#include <coauth/policy/token_store.hpp>

#include <cstdint>

namespace coauth::inline COAUTH_MODE::detail {

/// Whether the server's word for an error ends the grant: only a new sign-in helps.
COAUTH_DECL bool ends_grant(const error& reason) noexcept;

/// What those are told who wait for a refresh whose outcome is not known, and that is asked for again: it is retryable.
COAUTH_DECL error of_doubt(error reason);

/// What came of a refresh.
struct refresh_outcome {
    enum class kind {
        refreshed,
        kept, ///< the refresh token was replaced, and beside it nothing that came is of use; a reason is there
        adopted,
        failed,
        ended,
        abandoned
    };
    kind what = kind::abandoned;
    shared_tokens tokens; ///< if refreshed, kept or adopted
    std::uint64_t generation = 0;
    error reason;           ///< if kept, failed or ended
    bool undecided = false; ///< the refresh token may be spent, and is not to be sent again
    bool in_doubt = false;  ///< it may be spent, and is sent again when the access token is of no more use
    bool pauses = false;    ///< nothing was sent, as nothing is sent to the server for a while
};

/** How often in a row a refresh may fail like this before the refresh token is not sent any more.

    Few times for an error that time does not mend and that may mean the grant; without end for one that says nothing of the
    grant, or that holds for all grants of the client, as invalid_client: somebody mends that.
*/
COAUTH_DECL unsigned most_in_a_row(const refresh_outcome& failure) noexcept;

} // namespace coauth::inline COAUTH_MODE::detail

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/detail/refresh_outcome.ipp>
#endif

#endif
