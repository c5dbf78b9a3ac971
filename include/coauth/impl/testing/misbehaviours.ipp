#ifndef COAUTH_IMPL_TESTING_MISBEHAVIOURS_IPP
#define COAUTH_IMPL_TESTING_MISBEHAVIOURS_IPP

#include <coauth/impl/testing/detail/misbehaviours_claims.ipp>
#include <coauth/impl/testing/detail/misbehaviours_discovery.ipp>
#include <coauth/impl/testing/detail/misbehaviours_keys.ipp>
#include <coauth/impl/testing/detail/misbehaviours_logout.ipp>
#include <coauth/impl/testing/detail/misbehaviours_signature.ipp>
#include <coauth/impl/testing/detail/misbehaviours_suite.ipp>
#include <coauth/impl/testing/detail/misbehaviours_userinfo.ipp>
#include <coauth/testing/authorization_server.hpp>
#include <coauth/testing/misbehaviours.hpp>

#include <algorithm>
#include <initializer_list>
#include <span>
#include <stdexcept>
#include <string>

namespace coauth::inline COAUTH_MODE::testing {

COAUTH_DECL const std::vector<misbehaviour>& misbehaviours()
{
    static const std::vector<misbehaviour> all = [] {
        std::vector<misbehaviour> out;
        for (const std::span<const misbehaviour> group : std::initializer_list<std::span<const misbehaviour>>{
                 detail::suite_misbehaviours, detail::suite_logout_misbehaviours,
                 detail::discovery_misbehaviours, detail::key_misbehaviours, detail::signature_misbehaviours,
                 detail::claim_misbehaviours, detail::refresh_misbehaviours, detail::userinfo_misbehaviours,
                 detail::logout_misbehaviours})
            out.insert(out.end(), group.begin(), group.end());
        return out;
    }();
    return all;
}

COAUTH_DECL const misbehaviour* find_misbehaviour(std::string_view name)
{
    const auto& all = misbehaviours();
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const misbehaviour& each) { return each.name == name; });
    return found == all.end() ? nullptr : &*found;
}

COAUTH_DECL void authorization_server::misbehave(std::string_view name)
{
    const misbehaviour* const found = find_misbehaviour(name);
    if (found == nullptr)
        throw std::invalid_argument("authorization_server: no misbehaviour is called " + std::string(name));
    behave();
    found->install(*this);
}

} // namespace coauth::inline COAUTH_MODE::testing

#endif
