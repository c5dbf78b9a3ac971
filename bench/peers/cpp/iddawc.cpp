// iddawc: https://github.com/babelouest/iddawc, Debian's libiddawc-dev.
//
// It has no way to trust an authority that the system does not, so here it does not verify the server's certificate; it
// connects anew for each request, and does one at a time in each thread.
#include "measuring.hpp"

#include <iddawc.h>

#include <memory>
#include <string>
#include <vector>

namespace {

using namespace peers;

void require(int outcome, const char* what)
{
    if (outcome != I_OK)
        throw std::runtime_error(std::string(what) + ": " + std::to_string(outcome));
}

/// One sign-in of one person: it cannot be used for another.
class session {
public:
    session()
    {
        require(i_init_session(&session_), "i_init_session");
        require(i_set_parameter_list(&session_, I_OPT_RESPONSE_TYPE, I_RESPONSE_TYPE_CODE, I_OPT_CLIENT_ID,
                                     "bench-client", I_OPT_CLIENT_SECRET,
                                     "a-secret-that-the-server-does-not-check", I_OPT_REDIRECT_URI,
                                     "https://app.example/callback", I_OPT_SCOPE, "openid profile email",
                                     I_OPT_AUTH_METHOD, I_AUTH_METHOD_GET, I_OPT_TOKEN_METHOD,
                                     I_TOKEN_AUTH_METHOD_SECRET_BASIC, I_OPT_PKCE_METHOD, I_PKCE_METHOD_S256,
                                     I_OPT_REMOTE_CERT_FLAG, I_REMOTE_VERIFY_NONE, I_OPT_NONE),
                "i_set_parameter_list");
        require(i_set_additional_parameter(&session_, "prompt", "consent"), "i_set_additional_parameter");
    }
    session(const session&) = delete;
    session& operator=(const session&) = delete;
    ~session() { i_clean_session(&session_); }

    void set_endpoints(const std::string& issuer)
    {
        set(I_OPT_ISSUER, issuer);
        set(I_OPT_AUTH_ENDPOINT, issuer + "/authorize");
        set(I_OPT_TOKEN_ENDPOINT, issuer + "/token");
    }

    /// For an ID token.
    void set_keys(json_t* keys) { require(i_set_server_jwks(&session_, keys), "i_set_server_jwks"); }

    /// Metadata and keys.
    void discover(const std::string& issuer)
    {
        set(I_OPT_OPENID_CONFIG_ENDPOINT, issuer + "/.well-known/openid-configuration");
        require(i_get_openid_config(&session_), "i_get_openid_config");
    }

    json_t* keys() { return i_get_server_jwks(&session_); }

    void begin()
    {
        require(i_set_parameter_list(&session_, I_OPT_STATE_GENERATE, 43, I_OPT_NONCE_GENERATE, 43,
                                     I_OPT_PKCE_CODE_VERIFIER_GENERATE, 43, I_OPT_NONE),
                "generate");
        require(i_build_auth_url_get(&session_), "i_build_auth_url_get");
    }

    std::string callback(const std::string& code) const
    {
        return std::string("https://app.example/callback?code=") + code + "&state=" + get(I_OPT_STATE);
    }

    void accept(const std::string& address)
    {
        set(I_OPT_REDIRECT_TO, address);
        require(i_parse_redirect_to(&session_), "i_parse_redirect_to");
    }

    /// Verifies an ID token if one is in the answer.
    void exchange()
    {
        require(i_run_token_request(&session_), "i_run_token_request");
        if (get(I_OPT_ACCESS_TOKEN) == nullptr)
            throw std::runtime_error("no token");
    }

    void verify_id_token() { require(i_verify_id_token(&session_), "i_verify_id_token"); }

    const char* get(i_option option) const { return i_get_str_parameter(&session_, option); }
    void set(i_option option, const std::string& value)
    {
        require(i_set_str_parameter(&session_, option, value.c_str()), "i_set_str_parameter");
    }

private:
    mutable _i_session session_;
};

result begin_authorization(const job& wanted)
{
    const auto begin = [] {
        session one;
        one.set_endpoints("https://provider.example");
        one.begin();
    };
    return {1000 * cost(wanted, begin), "ns"};
}

result accept_callback(const job& wanted)
{
    session one;
    one.set_endpoints("https://provider.example");
    one.begin();
    const std::string address = one.callback("SplxlOBeZQQYbYS6WxSbIA");
    return {1000 * cost(wanted, [&one, &address] { one.accept(address); }), "ns"};
}

void prepare_exchange(session& one, const job& wanted)
{
    one.set_endpoints(wanted.issuer);
    one.begin();
    one.set(I_OPT_CODE, "SplxlOBeZQQYbYS6WxSbIA");
}

result exchange_sequential(const job& wanted)
{
    session one;
    prepare_exchange(one, wanted);
    return {cost(wanted, [&one] { one.exchange(); }), "us"};
}

result exchange_64(const job& wanted)
{
    std::vector<session> sessions(64);
    std::vector<operation> flows;
    for (session& one : sessions) {
        prepare_exchange(one, wanted);
        flows.emplace_back([&one] { one.exchange(); });
    }
    return {cost(wanted, flows), "us"};
}

result login(const job& wanted)
{
    session configured;
    configured.discover(wanted.issuer);
    const std::unique_ptr<json_t, void (*)(json_t*)> keys(configured.keys(), json_decref);
    const auto sign_in = [&wanted, &keys] {
        session one;
        one.set_endpoints(wanted.issuer);
        one.set_keys(keys.get());
        one.begin();
        one.accept(one.callback(std::string("RS256.") + one.get(I_OPT_NONCE)));
        one.exchange();
        if (one.get(I_OPT_ID_TOKEN) == nullptr)
            throw std::runtime_error("no ID token");
    };
    return {cost(wanted, sign_in), "us"};
}

/// The token of a sign-in with this algorithm, verified again and again.
std::function<result(const job&)> id_token(const std::string& algorithm)
{
    return [algorithm](const job& wanted) -> result {
        session one;
        one.discover(wanted.issuer);
        one.begin();
        one.accept(one.callback(algorithm + "." + one.get(I_OPT_NONCE)));
        one.exchange();
        return {cost(wanted, [&one] { one.verify_id_token(); }), "us"};
    };
}

} // namespace

int main(int argument_count, char** arguments)
{
    i_global_init();
    const int status = report(argument_count, arguments,
                              {{"begin_authorization", begin_authorization},
                               {"accept_callback", accept_callback},
                               {"exchange_sequential_cpu", exchange_sequential},
                               {"exchange_64_cpu", exchange_64},
                               {"login_complete_cpu", login},
                               {"id_token_rs256", id_token("RS256")},
                               {"id_token_es256", id_token("ES256")},
                               {"id_token_eddsa", id_token("EdDSA")}});
    i_global_close();
    return status;
}
