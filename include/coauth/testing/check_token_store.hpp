// Floor 4.
#ifndef COAUTH_TESTING_CHECK_TOKEN_STORE_HPP
#define COAUTH_TESTING_CHECK_TOKEN_STORE_HPP

#include <coauth/detail/config.hpp>
#include <coauth/policy/token_store.hpp>
#include <coauth/testing/store_check_settings.hpp>

#include <boost/asio/awaitable.hpp>

#include <string>
#include <vector>

namespace coauth::inline COAUTH_MODE::testing {

/** Check a token store of your own against the rules of the concept token_store.

    It uses keys that nobody else has and erases them afterwards, so a store that is in use can be checked, too. Some
    operations are begun side by side: on an executor of several threads they run in parallel.

    Not checked is what the store does when it cannot be reached.

    @par Completion After some hundred operations of the store; with a store on the system's clock, some seconds.
    @return the rules that the store breaks, as sentences for people; empty: none was found broken
*/
COAUTH_DECL boost::asio::awaitable<std::vector<std::string>>
check_token_store(any_token_store store, store_check_settings settings = {});

} // namespace coauth::inline COAUTH_MODE::testing

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/testing/check_token_store.ipp>
#endif

#endif
