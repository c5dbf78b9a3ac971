// Floor 4. For tests. Requests in, answers out; how they travel is somebody else's business.
#ifndef COAUTH_TESTING_DETAIL_SERVER_CORE_HPP
#define COAUTH_TESTING_DETAIL_SERVER_CORE_HPP

#include <coauth/testing/authorization_server_configuration.hpp>
#include <coauth/testing/detail/form_values.hpp>
#include <coauth/testing/detail/grants.hpp>
#include <coauth/testing/detail/key_ring.hpp>
#include <coauth/testing/detail/request_record.hpp>
#include <coauth/testing/detail/sessions.hpp>
#include <coauth/testing/registered_client.hpp>
#include <coauth/testing/server_exchange.hpp>
#include <coauth/testing/user.hpp>

#include <boost/json/fwd.hpp>

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace coauth::inline COAUTH_MODE::testing::detail {

/// A client that proved who it is, or the refusal.
class authenticated_client {
public:
    explicit authenticated_client(std::shared_ptr<const registered_client> value) : client(std::move(value))
    {
    }
    explicit authenticated_client(server_answer value) : refusal(std::move(value)) {}

    std::shared_ptr<const registered_client> client;
    server_answer refusal;
};

/// An ID token that was issued: enough to know it again as `id_token_hint`, also long after it expired.
class issued_id_token {
public:
    std::string client_id;
    std::string user_name;
    std::string session_id;
};

/// Whom to tell of a logout.
class logout_notice {
public:
    std::shared_ptr<const registered_client> client;
    std::string subject;
    std::string session_id;
};

/// What a request to the end_session_endpoint asks for.
class logout_question {
public:
    std::shared_ptr<const registered_client> client; // null: not said, or not to be believed
    std::shared_ptr<browser_session> session;        // null: nobody is signed in
    std::string return_to;                           // empty: nowhere
    bool confirmed = false;                          // by a hint, or by the person
};

/** The authorization server itself. Safe from all threads. */
class server_core {
public:
    using request_hook = std::function<std::optional<server_answer>(const server_request&)>;
    using answer_hook = std::function<void(const server_request&, server_answer&)>;
    using backchannel_hook = std::function<void(const std::string& uri, const std::string& body)>;
    template <class Function>
    using jwt_hooks = hook_table<Function, server_jwt, 3>;

    COAUTH_DECL explicit server_core(authorization_server_configuration configuration);

    /** Record, hook, handle. */
    COAUTH_DECL server_answer handle(server_request request);

    const authorization_server_configuration& configuration() const noexcept { return configuration_; }
    time_point now() const { return configuration_.clock()(); }

    COAUTH_DECL std::string origin() const;
    COAUTH_DECL void set_origin(std::string value);
    std::string issuer() const { return origin() + configuration_.issuer_path(); }
    COAUTH_DECL std::string path_of(endpoint at) const;
    bool stopped() const noexcept { return stopped_; }
    void stop() noexcept { stopped_ = true; }

    COAUTH_DECL void add_user(user value);
    COAUTH_DECL void add_client(registered_client value);
    COAUTH_DECL void revoke_everything();

    key_ring& keys() noexcept { return keys_; }
    /// With which published key the server signs for those who asked for nothing else.
    COAUTH_DECL signing_key current_key();
    /// @throws std::invalid_argument if there is no such client
    COAUTH_DECL std::string logout_token(std::string_view client_id, std::string_view subject,
                                         std::string_view session_id);

    request_record& record() noexcept { return record_; }
    hook_table<request_hook>& request_hooks() noexcept { return request_hooks_; }
    hook_table<answer_hook>& answer_hooks() noexcept { return answer_hooks_; }
    jwt_hooks<claims_hook>& claims_hooks() noexcept { return claims_hooks_; }
    jwt_hooks<signing_hook>& signing_hooks() noexcept { return signing_hooks_; }
    COAUTH_DECL void set_backchannel_hook(backchannel_hook hook);

private:
    using session_pointer = std::shared_ptr<browser_session>;

    endpoint endpoint_of(std::string_view path) const;
    server_answer dispatch(const server_request& request);

    // Each in the file of its name.
    server_answer metadata(const server_request& request) const;
    boost::json::array algorithm_names() const;
    server_answer jwks();
    server_answer authorize(const server_request& request);
    server_answer login(const server_request& request);
    server_answer consent(const server_request& request);
    server_answer token(const server_request& request);
    server_answer userinfo(const server_request& request);
    server_answer revoke(const server_request& request);
    server_answer end_session(const server_request& request);
    server_answer api(const server_request& request);

    // Under mutex_, all of them.
    std::string_view read_question(const form_values& values, authorization_question& question,
                                   std::string& problem) const;
    bool recognised(const authorization_question& question, const session_pointer& session) const;
    bool consent_needed(const interaction& at) const;
    interaction* find_interaction(const server_request& request, const form_values& values);
    server_answer proceed(const std::string& id, interaction& at);
    server_answer give_code(const std::string& id, interaction& at);
    server_answer show_login(const std::string& id, const interaction& at, std::string_view typed_name,
                             std::string_view problem) const;
    server_answer show_consent(const std::string& id, const interaction& at) const;
    session_pointer session_of(const server_request& request);
    std::shared_ptr<const registered_client> find_client(std::string_view id) const;
    std::shared_ptr<const user> find_user(std::string_view name) const;
    authenticated_client authenticate(const server_request& request, const form_values& values) const;

    server_answer answer_client(const authorization_question& question, std::string parameters) const;
    server_answer refuse_client(const authorization_question& question, std::string_view code,
                                std::string_view description) const;
    server_answer error_page(unsigned status, std::string_view title, std::string_view explanation) const;
    std::string cookie(const browser_session& session) const;
    std::string cookie_name() const;
    std::optional<logout_question> read_logout(const server_request& request, const form_values& values,
                                               server_answer& refusal);
    server_answer show_logout(const form_values& values, const logout_question& question) const;
    server_answer logged_out(const logout_question& question,
                             const std::vector<logout_notice>& notices) const;
    std::vector<logout_notice> end(const std::shared_ptr<browser_session>& session);

    // Not under mutex_: signing takes a millisecond.
    token_algorithm id_token_algorithm(const registered_client& of) const;
    std::string sign(server_jwt kind, const token_algorithm& algorithm, const registered_client& receiver,
                     boost::json::object claims);
    std::string logout_token(const logout_notice& notice);
    std::string id_token(const issued_tokens& issued, const user& of, const registered_client& to,
                         std::string_view code);
    server_answer token_answer(const issued_tokens& issued, const user& of, const registered_client& to,
                               std::string_view code);

    const authorization_server_configuration configuration_;
    std::atomic<bool> stopped_{false};
    request_record record_;
    hook_table<request_hook> request_hooks_;
    hook_table<answer_hook> answer_hooks_;
    jwt_hooks<claims_hook> claims_hooks_;
    jwt_hooks<signing_hook> signing_hooks_;
    key_ring keys_;

    mutable std::mutex origin_mutex_;
    std::string origin_;

    std::shared_ptr<const backchannel_hook> backchannel_hook_; // under origin_mutex_

    mutable std::mutex mutex_; // everything below
    std::map<std::string, std::shared_ptr<const user>, std::less<>> users_;
    std::map<std::string, std::shared_ptr<const registered_client>, std::less<>> clients_;
    std::map<std::pair<std::string, std::string>, std::set<std::string>> consents_; // by user and client
    grant_table grants_;
    session_table sessions_;
    bounded_table<issued_id_token> id_tokens_; // by fingerprint
};

/// An OAuth error in JSON: RFC 6749 5.2.
COAUTH_DECL server_answer json_error(unsigned status, std::string_view code, std::string_view description);
/// Only `application/x-www-form-urlencoded`, with or without parameters.
COAUTH_DECL bool is_form(const server_request& request);

} // namespace coauth::inline COAUTH_MODE::testing::detail

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/testing/detail/server_core.ipp>
#endif

#endif
