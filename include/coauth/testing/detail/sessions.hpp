// Floor 4. For tests.
#ifndef COAUTH_TESTING_DETAIL_SESSIONS_HPP
#define COAUTH_TESTING_DETAIL_SESSIONS_HPP

#include <coauth/core/scope.hpp>
#include <coauth/testing/detail/bounded_table.hpp>

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace coauth::inline COAUTH_MODE::testing::detail {

class grant;

/// An authorization request whose client and redirect URI are right.
class authorization_question {
public:
    std::string client_id;
    std::string redirect_uri;
    std::string state;
    std::string nonce;
    std::string challenge;
    std::string login_hint;
    scope wanted;
    std::vector<std::string> acr_values;
    std::optional<std::chrono::seconds> max_age;
    bool form_post = false;
    bool prompt_none = false;
    bool prompt_login = false; // or select_account
    bool prompt_consent = false;
};

/// A browser that has been here. Its name in the cookie changes when somebody signs in.
class browser_session {
public:
    std::string id;
    std::string user_name;  // empty: nobody is signed in
    std::string session_id; // `sid` in ID tokens: what clients may know of it
    std::string csrf_token;
    std::map<std::string, std::vector<std::weak_ptr<grant>>> grants; // by the client they were given to
    std::chrono::system_clock::time_point authenticated_at{};
    std::chrono::system_clock::time_point expires_at{};
};

/// A person on the way from an authorization request to its answer.
class interaction {
public:
    authorization_question question;
    std::shared_ptr<browser_session> session; // the forms are good in this browser only
    std::string user_name;                    // whom this request is about; empty while that is open
    std::string csrf_token;
    std::chrono::system_clock::time_point expires_at{};
};

class session_table {
public:
    explicit session_table(std::size_t most) : sessions_(most), signed_in_(most), interactions_(most) {}

    /// Null if there is none of that name, or it has expired.
    COAUTH_DECL std::shared_ptr<browser_session> find(std::string_view id,
                                                      std::chrono::system_clock::time_point now);
    COAUTH_DECL std::shared_ptr<browser_session> create(std::chrono::system_clock::time_point expires_at);
    /// Give it a new name, so that one that was planted before signing in is worth nothing after.
    COAUTH_DECL void rename(const std::shared_ptr<browser_session>& session);
    /// Let somebody be signed in, in a session that has a new `sid` unless it was theirs before.
    COAUTH_DECL void sign_in(const std::shared_ptr<browser_session>& session, const std::string& user_name);
    COAUTH_DECL void erase(const std::shared_ptr<browser_session>& session);
    /// By its `sid`. Null if there is none, or it has expired.
    COAUTH_DECL std::shared_ptr<browser_session> find_signed_in(std::string_view session_id,
                                                                std::chrono::system_clock::time_point now);

    bounded_table<interaction>& interactions() noexcept { return interactions_; }
    COAUTH_DECL void clear();

private:
    bounded_table<std::shared_ptr<browser_session>> sessions_;
    bounded_table<std::weak_ptr<browser_session>> signed_in_; // by `sid`
    bounded_table<interaction> interactions_;
};

} // namespace coauth::inline COAUTH_MODE::testing::detail

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/testing/detail/sessions.ipp>
#endif

#endif
