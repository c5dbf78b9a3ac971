// The cookies: who is signed in, which browser began a sign-in, and which one went to sign out.
#ifndef LOGIN_SERVER_COOKIES_HPP
#define LOGIN_SERVER_COOKIES_HPP

#include <coauth.hpp>

#include <chrono>
#include <string>
#include <string_view>

namespace login_server {

/** How this site's cookies are named and set.

    Over https, the prefix `__Host-` lets no other host and no plain http set them. Over http to a loopback
    address, which is for development, browsers would refuse prefix and Secure.

    The binding cookie has to come back with the callback. By a redirect (response mode `query`) that is a
    top-level GET, for which SameSite=Lax is enough. A form that the provider's page posts (`form_post`) is a
    cross-site POST: over https that needs SameSite=None. Over http browsers take None only with Secure, so there
    the attribute is left out: browsers then send the cookie from ports of the same address, and, as long as it is
    new, also from other sites.
*/
class cookie_rules {
public:
    cookie_rules(bool https, coauth::response_mode mode) : https_(https), mode_(mode) {}

    std::string session_name() const { return https_ ? "__Host-login_session" : "login_session"; }
    /// @param suffix of the sign-in, where each has a cookie of its own
    std::string binding_name(std::string_view suffix = {}) const
    {
        return (https_ ? "__Host-coauth" : "coauth") + std::string(suffix);
    }

    /// Values of Set-Cookie.
    std::string session(std::string_view id) const
    {
        return session_name() + '=' + std::string(id) + attributes("SameSite=Lax");
    }
    std::string no_session() const { return session_name() + "=; Max-Age=0" + attributes("SameSite=Lax"); }
    /// @param name binding_name()
    std::string binding(std::string_view name, std::string_view value, std::chrono::seconds lifetime) const
    {
        const char* same_site = mode_ == coauth::response_mode::query ? "SameSite=Lax"
                                : https_                              ? "SameSite=None"
                                                                      : "";
        return std::string(name) + '=' + std::string(value) +
               "; Max-Age=" + std::to_string(lifetime.count()) + attributes(same_site);
    }
    std::string no_binding(std::string_view name) const { return binding(name, "", std::chrono::seconds(0)); }
    /** The state of a logout at the provider, until the browser comes back from there: by a top-level GET, for which
        SameSite=Lax is enough.
    */
    std::string logout_name() const { return https_ ? "__Host-coauth_logout" : "coauth_logout"; }
    std::string logout(std::string_view state, std::chrono::seconds lifetime) const
    {
        return logout_name() + '=' + std::string(state) + "; Max-Age=" + std::to_string(lifetime.count()) +
               attributes("SameSite=Lax");
    }
    std::string no_logout() const { return logout_name() + "=; Max-Age=0" + attributes("SameSite=Lax"); }

private:
    std::string attributes(std::string_view same_site) const
    {
        std::string out = "; Path=/; HttpOnly";
        if (https_)
            out += "; Secure";
        if (!same_site.empty())
            out += "; " + std::string(same_site);
        return out;
    }

    bool https_;
    coauth::response_mode mode_;
};

} // namespace login_server

#endif
