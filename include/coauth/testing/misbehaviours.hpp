// Floor 5. For tests. What a server can do wrong, by name.
#ifndef COAUTH_TESTING_MISBEHAVIOURS_HPP
#define COAUTH_TESTING_MISBEHAVIOURS_HPP

#include <coauth/detail/config.hpp>
#include <coauth/testing/server_exchange.hpp>

#include <string_view>
#include <vector>

namespace coauth::inline COAUTH_MODE::testing {

class authorization_server;

/// What a client has to do about it.
enum class client_duty {
    refuse, ///< The operation fails, nothing of the answer is used, and no later request of the sign-in is sent.
    accept, ///< It looks odd, but is allowed: sign-in completes.
};

/** Something that a server does, and what a client has to do about it.

    Those named `oidcc-client-test...` do what the relying party test of that name does in the conformance suite of
    the OpenID Foundation. The names of the others begin with that of the security case that they are about.
*/
struct misbehaviour {
    std::string_view name;
    client_duty duty;
    /// Where it shows. endpoint::end_session for all about logout.
    testing::endpoint at;
    std::string_view description;
    /// Sets hooks; authorization_server::misbehave() calls it.
    void (*install)(authorization_server&);
};

/// All of them.
COAUTH_DECL const std::vector<misbehaviour>& misbehaviours();
/// By name. Null if there is none of that name.
COAUTH_DECL const misbehaviour* find_misbehaviour(std::string_view name);

} // namespace coauth::inline COAUTH_MODE::testing

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/testing/misbehaviours.ipp>
#endif

#endif
