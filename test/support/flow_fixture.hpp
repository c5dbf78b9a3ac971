// What flow tests have in common: an authorization server on paper, clients of it, and a browser.
#ifndef COAUTH_TEST_FLOW_FIXTURE_HPP
#define COAUTH_TEST_FLOW_FIXTURE_HPP

#include "deterministic_random.hpp"
#include "manual_clock.hpp"
#include "run.hpp"
#include "scripted_transport.hpp"

#include <coauth/client.hpp>
#include <coauth/discover.hpp>
#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/client_implementation.hpp>
#endif

#include <boost/asio/error.hpp>
#include <boost/test/unit_test.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace coauth_test {

using manual_state_store = coauth::basic_memory_state_store<manual_steady_clock>;

/// The default policy with time and chance in the hands of the test.
struct manual_policy : coauth::oauth21 {
    using random_source = deterministic_random;
    using clock = manual_wall_clock;
    using state_store = manual_state_store;
};
struct manual_compatible_policy : coauth::oauth20_compatible {
    using random_source = deterministic_random;
    using clock = manual_wall_clock;
    using state_store = manual_state_store;
};
using manual_client = coauth::basic_client<manual_policy>;

inline const std::string server_issuer = "https://as.example";
inline const std::string authorization_endpoint = "https://as.example/authorize";
inline const std::string token_endpoint = "https://as.example/token";
inline const std::string userinfo_endpoint = "https://as.example/userinfo";
inline const std::string revocation_endpoint = "https://as.example/revoke";
inline const std::string end_session_endpoint = "https://as.example/logout?tenant=1";
inline const std::string jwks_uri = "https://as.example/jwks";
inline const std::string resource_url = "https://api.example/orders?open=1";
inline const std::string callback_url = "https://app.example/callback";

// Values that nothing else contains, to be found wherever they leak to.
inline const std::string canary_code = "canary-code-Qx7";
inline const std::string canary_access_token = "canary-access-token-Zk3";
inline const std::string canary_refresh_token = "canary-refresh-token-Wd9";
inline const std::string canary_new_access_token = "canary-second-access-token-Pm5";
inline const std::string canary_new_refresh_token = "canary-second-refresh-token-Hv2";
inline const std::string canary_id_token = "canary.id-token.Ly8";
inline const std::string canary_client_secret = "canary-client-secret-Jt4";
inline const std::string canary_application_data = "canary-application-data-Rb6";

coauth::endpoint_url endpoint(std::string_view url);
coauth::server_metadata server_on_paper();
coauth::client_registration<coauth::client_secret_basic> registration_on_paper();

/// A token response with everything in it, and an ID token that nobody could verify.
std::string token_response_body(bool with_id_token = true);
std::string refresh_response_body();
std::string userinfo_body();

/// The parameters of an authorization URL.
parameter_map query_of(std::string_view url);
std::string state_of(const coauth::authorization_request& request);

/// The callback that an honest server sends after this request.
std::string callback_query(const coauth::authorization_request& request, std::string_view code = canary_code);

/// Tokens as a caller would have them from a store of its own.
coauth::token_set tokens_on_paper(std::string_view scope = "openid profile");

/// Transport and client of one test. In its end it checks that all requests were expected ones.
template <class Policy>
struct basic_flow {
    using client_type = coauth::basic_client<Policy>;

    explicit basic_flow(coauth::server_metadata metadata = server_on_paper(),
                        const coauth::limits& bounds = {})
        : client_limits(bounds),
          store(std::make_shared<typename Policy::state_store>(bounds)),
          client(std::move(metadata), registration_on_paper(), server, store, bounds)
    {
        client.allow_resource_origin(endpoint("https://api.example"));
    }
    ~basic_flow() { BOOST_CHECK_EQUAL(server.surprises(), 0u); }
    basic_flow(const basic_flow&) = delete;

    coauth::authorization_request begin(std::string_view scope = "profile")
    {
        return begin_with({.scope = scope, .application_data = canary_application_data});
    }
    coauth::authorization_request begin_with(const coauth::authorization_parameters& parameters)
    {
        return run(client.begin_authorization(parameters)).value();
    }
    coauth::result<coauth::authorization_code> accept(std::string_view query, std::string_view binding)
    {
        return run(client.accept_callback({.parameters = query, .browser_binding = binding}));
    }
    /// A code whose callback was checked.
    coauth::authorization_code signed_in(std::string_view scope = "profile")
    {
        const auto request = begin(scope);
        return accept(callback_query(request), request.browser_binding()).value();
    }

    coauth::limits client_limits;
    scripted_transport server;
    std::shared_ptr<typename Policy::state_store> store;
    client_type client;
    /// For tests that need the code some time later.
    std::optional<coauth::authorization_code> code;
};

using flow = basic_flow<manual_policy>;
using compatible_flow = basic_flow<manual_compatible_policy>;

/// What whoever was cancelled is told.
inline const boost::system::error_code aborted = boost::asio::error::operation_aborted;

/// Checks that a result is an error, and which one.
template <class T, class Code>
void check_refused(const coauth::result<T>& outcome, Code code)
{
    BOOST_TEST_REQUIRE(outcome.has_error());
    BOOST_CHECK_MESSAGE(outcome.error() == code, outcome.error().qualified_name()
                                                     << " instead of "
                                                     << coauth::error(code).qualified_name());
}

// What nearly every file uses is compiled once, in flow_fixture.cpp.
extern template class stepped_operation<coauth::result<void>>;
extern template class stepped_operation<coauth::result<coauth::authorization_request>>;
extern template class stepped_operation<coauth::result<coauth::authorization_code>>;
extern template class stepped_operation<coauth::result<coauth::token_set>>;
extern template class stepped_operation<coauth::result<coauth::userinfo>>;
extern template class stepped_operation<coauth::result<coauth::server_metadata>>;

} // namespace coauth_test

extern template class coauth::detail::transport_model<coauth_test::scripted_transport>;
extern template class coauth::basic_client<coauth_test::manual_policy>;
extern template class coauth::basic_client<coauth_test::manual_compatible_policy>;

#endif
