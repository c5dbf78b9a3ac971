// example/login_server as people start it, with oidc-provider as its provider and nothing but HTTP in between.
#include "provider.hpp"
#include "web_browser.hpp"

#include <coauth/jose/signing_key.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <iterator>

namespace {

using namespace coauth_test;
namespace data = boost::unit_test::data;
namespace json = boost::json;

/// A file that only this user can read, while the object lives.
class private_file {
public:
    private_file()
    {
        const int file = mkstemp(path_.data());
        if (file < 0)
            throw std::runtime_error("no temporary file");
        close(file);
    }
    explicit private_file(std::string_view content) : private_file() { std::ofstream(path_) << content; }
    private_file(const private_file&) = delete;
    private_file& operator=(const private_file&) = delete;
    ~private_file() { std::remove(path_.c_str()); }

    const std::string& path() const noexcept { return path_; }
    std::string content() const
    {
        std::ifstream file(path_);
        return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    }

private:
    std::string path_ = "/tmp/coauth-interop-XXXXXX";
};

const std::string all_scopes = "openid profile email offline_access";

/// login_server, for a client of the provider.
class server {
public:
    server(const std::string& issuer, const provider_client& as, const std::vector<std::string>& more = {},
           const std::string& authorities = provider::authority().certificate_pem())
        : authorities_(authorities),
          secret_(as.client_secret + '\n'),
          process_(command(issuer, as, more), {}, log_.path())
    {
        const std::string line = process_.read_line();
        constexpr std::string_view listening = "listening on ";
        BOOST_REQUIRE_MESSAGE(line.starts_with(listening), line);
        origin_ = line.substr(listening.size());
    }

    const std::string& origin() const noexcept { return origin_; }
    std::string url(std::string_view path) const { return origin_ + std::string(path); }

    /// Ends it. @return its log
    std::string end()
    {
        BOOST_TEST(process_.terminate() == 0);
        BOOST_TEST(process_.read_rest() == ""); // one line, and no more
        return log_.content();
    }

private:
    std::vector<std::string> command(const std::string& issuer, const provider_client& as,
                                     const std::vector<std::string>& more) const
    {
        std::vector<std::string> out{LOGIN_SERVER,
                                     "--listen",
                                     "127.0.0.1:0",
                                     "--issuer",
                                     issuer,
                                     "--ca-file",
                                     authorities_.path(),
                                     "--client-id",
                                     as.client_id,
                                     "--client-auth",
                                     as.authentication_method,
                                     "--scope",
                                     all_scopes,
                                     "--authorize-param",
                                     "prompt=consent"};
        if (!as.client_secret.empty()) {
            out.push_back("--client-secret-file");
            out.push_back(secret_.path());
        }
        out.insert(out.end(), more.begin(), more.end());
        return out;
    }

    private_file authorities_;
    private_file secret_;
    private_file log_;
    child_process process_;
    std::string origin_;
};

web_browser make_browser()
{
    web_browser out(provider::authority().certificate_pem());
    out.set_accept("application/json, text/html;q=0.5");
    return out;
}

/// The `code` of a problem document.
std::string problem_in(const web_page& page)
{
    BOOST_TEST(page.content_type == "application/problem+json");
    const json::object problem = json::parse(page.body).as_object();
    BOOST_TEST(problem.at("status").as_int64() == static_cast<std::int64_t>(page.status));
    return problem.at("code").as_string().c_str();
}

void check_profile(const web_page& page, const std::string& issuer)
{
    BOOST_REQUIRE_EQUAL(page.status, 200u);
    BOOST_TEST(page.content_type == "application/json");
    const json::object profile = json::parse(page.body).as_object();
    BOOST_TEST(profile.at("issuer").as_string() == issuer);
    BOOST_TEST(profile.at("subject").as_string() == "ada");
    const json::object& claims = profile.at("claims").as_object();
    BOOST_TEST(claims.at("iss").as_string() == issuer);
    BOOST_TEST(claims.at("sub").as_string() == "ada");
    BOOST_TEST(claims.contains("exp"));
    BOOST_TEST(!claims.contains("nonce"));
    const json::object& userinfo = profile.at("userinfo").as_object();
    BOOST_TEST(userinfo.at("sub").as_string() == "ada");
    BOOST_TEST(userinfo.at("email").as_string() == "ada@example.com");
    const json::object& token = profile.at("token").as_object();
    BOOST_TEST(token.at("type").as_string() == "Bearer");
    BOOST_TEST(token.at("scope").as_array().size() == 4u);
    BOOST_TEST(token.at("refreshable").as_bool());
    BOOST_TEST(token.at("expires_at").is_string());
}

std::uint16_t unused_port()
{
    boost::asio::io_context context;
    const boost::asio::ip::tcp::acceptor acceptor(context, {boost::asio::ip::address_v4::loopback(), 0});
    return acceptor.local_endpoint().port();
}

} // namespace

BOOST_AUTO_TEST_SUITE(interop_login_server)

BOOST_DATA_TEST_CASE(from_the_sign_in_to_the_sign_out,
                     data::make({clients::basic, clients::post, clients::without_secret, clients::odd}) *
                         data::make({"query", "form_post"}),
                     which, mode)
{
    provider& at = provider::shared();
    server site(at.issuer(), which, {"--response-mode", mode, "--resource", at.issuer() + "/me"});
    web_browser browser = make_browser();
    BOOST_TEST(browser.get(site.url("/profile")).status == 401u);

    const web_page arrived = browser.walk(site.url("/login?return_to=/profile"), site.url("/profile"));
    BOOST_REQUIRE_MESSAGE(arrived.url == site.url("/profile"), arrived.body);
    check_profile(browser.get(arrived.url), at.issuer());

    const auto before = at.report();
    check_profile(browser.post(site.url("/refresh"), "", site.url("/profile")), at.issuer());
    BOOST_TEST(at.report().requests("POST /token") == before.requests("POST /token") + 1);

    const web_page resource = browser.get(site.url("/resource"));
    BOOST_REQUIRE_EQUAL(resource.status, 200u);
    BOOST_TEST(json::parse(resource.body).at("status").as_int64() == 200);
    const std::string body(json::parse(resource.body).at("body").as_string());
    BOOST_TEST(json::parse(body).at("sub").as_string() == "ada");

    // Out here first, then at the provider, and back.
    const web_page left = browser.post(site.url("/logout"), "", site.url("/profile"));
    BOOST_TEST(left.status / 100 == 3u);
    BOOST_TEST(left.location.starts_with(at.issuer() + "/session/end?"));
    BOOST_TEST(browser.get(site.url("/profile")).status == 401u);
    const std::string revocation = "POST /token/revocation";
    BOOST_TEST(at.report().requests(revocation) > before.requests(revocation));
    const web_page back = browser.walk(left.location, site.url("/signed-out"));
    BOOST_REQUIRE_MESSAGE(back.status == 0, back.body);
    BOOST_TEST(browser.get(back.url).status == 200u);

    const std::string log = site.end();
    BOOST_TEST(log.find("sign_in.completed") != log.npos);
    if (!which.client_secret.empty())
        BOOST_TEST(log.find(which.client_secret) == log.npos);
    BOOST_TEST(log.find("code=") == log.npos);
    BOOST_TEST(log.find("state=") == log.npos);
    BOOST_TEST(log.find("eyJ") == log.npos); // as all ID tokens begin
}

BOOST_AUTO_TEST_CASE(clients_that_sign)
{
    const auto key = coauth::signing_key::generate(coauth::signing_algorithm::es256);
    provider_client with_key("signs", "", "private_key_jwt");
    json::object keys;
    keys["keys"] = json::array{key.public_jwk()};
    with_key.set("jwks", keys).set("token_endpoint_auth_signing_alg", "ES256");
    with_key.set("id_token_signed_response_alg", "EdDSA");
    provider_client with_secret("knows", "knows-secret-0123456789-0123456789", "client_secret_jwt");
    with_secret.set("token_endpoint_auth_signing_alg", "HS256").set("id_token_signed_response_alg", "HS256");
    provider_settings settings;
    settings.clients = {with_key, with_secret};
    provider at(settings);

    const private_file pem(key.to_pem().expose());
    const std::vector<std::string> of_key{"--client-key",     pem.path(), "--client-key-id", key.key_id(),
                                          "--client-key-alg", "ES256",    "--id-token-alg",  "EdDSA"};
    const std::vector<std::string> of_secret{"--id-token-alg", "HS256"};
    for (const auto* which : {&with_key, &with_secret}) {
        server site(at.issuer(), *which, which == &with_key ? of_key : of_secret);
        web_browser browser = make_browser();
        const web_page arrived = browser.walk(site.url("/login"), site.url("/profile"));
        BOOST_REQUIRE_MESSAGE(arrived.url == site.url("/profile"), arrived.body);
        check_profile(browser.get(arrived.url), at.issuer());
        check_profile(browser.post(site.url("/refresh"), "", site.url("/profile")), at.issuer());
    }

    // The provider signs in another way than was agreed on.
    server site(at.issuer(), with_key,
                {"--client-key", pem.path(), "--client-key-id", key.key_id(), "--client-key-alg", "ES256",
                 "--id-token-alg", "RS256"});
    web_browser browser = make_browser();
    const web_page page = browser.walk(site.url("/login"), site.url("/profile"));
    BOOST_TEST(page.status == 502u);
    BOOST_TEST(problem_in(page) == "coauth.client:algorithm_not_allowed");
    BOOST_TEST(browser.get(site.url("/profile")).status == 401u);
}

BOOST_AUTO_TEST_CASE(a_logout_that_the_provider_tells_of)
{
    // Each has to know the other's address.
    provider_settings settings;
    settings.port = unused_port();
    const std::string issuer = "https://127.0.0.1:" + std::to_string(settings.port);
    provider_client told("told", "told-secret-0123456789", "client_secret_basic");
    server site(issuer, told);
    told.set("backchannel_logout_uri", site.url("/backchannel-logout"));
    told.set("backchannel_logout_session_required", true);
    settings.clients.push_back(told);
    provider at(settings);

    web_browser here = make_browser();
    web_browser there = make_browser();
    for (web_browser* each : {&here, &there})
        check_profile(each->get(each->walk(site.url("/login"), site.url("/profile")).url), issuer);
    const web_page left = here.walk(issuer + "/session/end", site.origin());
    BOOST_TEST(left.url == issuer + "/session/end/success");
    BOOST_TEST(at.report().logout_tokens("accepted") == 1u);
    BOOST_TEST(here.get(site.url("/profile")).status == 401u);
    BOOST_TEST(there.get(site.url("/profile")).status == 200u);
    BOOST_TEST(site.end().find("eyJ") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_wrong_secret)
{
    const provider_client mistaken(clients::basic.client_id, "something-else", "client_secret_basic");
    server site(provider::shared().issuer(), mistaken);
    web_browser browser = make_browser();
    const web_page page = browser.walk(site.url("/login"), site.url("/profile"));
    BOOST_TEST(page.status == 502u);
    BOOST_TEST(problem_in(page) == "coauth.server:invalid_client");
    BOOST_TEST(browser.get(site.url("/profile")).status == 401u);
    BOOST_TEST(site.end().find("something-else") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_person_says_no)
{
    provider& at = provider::shared();
    server site(at.issuer(), clients::basic);
    web_browser browser = make_browser();
    const auto before = at.report();
    const web_page page =
        browser.walk(site.url("/login"), site.url("/profile"), web_browser::decision::cancel);
    BOOST_TEST(page.status == 403u);
    BOOST_TEST(problem_in(page) == "coauth.server:access_denied");
    BOOST_TEST(at.report().requests("POST /token") == before.requests("POST /token"));
}

BOOST_AUTO_TEST_CASE(forged_callbacks)
{
    provider& at = provider::shared();
    server site(at.issuer(), clients::basic);
    const auto forged = [&](const std::string& name, const std::string& value) {
        web_browser browser = make_browser();
        const web_page back = browser.walk(site.url("/login"), site.url("/callback"));
        const auto before = at.report();
        const web_page page =
            browser.get(site.url("/callback?" + with_parameter(back.parameters(), name, value)));
        BOOST_TEST(page.status == 400u);
        BOOST_TEST(at.report().requests("POST /token") == before.requests("POST /token"));
        BOOST_TEST(browser.get(site.url("/profile")).status == 401u);
        return problem_in(page);
    };
    BOOST_TEST(forged("state", std::string(43, 'A')) == "coauth.client:state_mismatch");
    BOOST_TEST(forged("iss", "https://attacker.example") == "coauth.client:issuer_mismatch");

    // The right callback in the wrong browser.
    web_browser mine = make_browser();
    const web_page back = mine.walk(site.url("/login"), site.url("/callback"));
    const web_page page = make_browser().get(back.url);
    BOOST_TEST(page.status == 400u);
    BOOST_TEST(problem_in(page) == "coauth.client:browser_binding_missing");
}

BOOST_AUTO_TEST_CASE(an_authority_that_is_not_trusted)
{
    provider& at = provider::shared();
    const auto before = at.report();
    server site(at.issuer(), clients::basic, {}, coauth::testing::certificate_authority().certificate_pem());
    const web_page page = make_browser().get(site.url("/login"));
    BOOST_TEST(page.status == 502u);
    BOOST_TEST(problem_in(page) == "coauth.client:certificate_rejected");
    const std::string metadata = "GET /.well-known/openid-configuration";
    BOOST_TEST(at.report().requests(metadata) == before.requests(metadata));
}

BOOST_AUTO_TEST_CASE(a_provider_that_comes_later)
{
    provider_settings settings;
    settings.port = unused_port();
    const std::string issuer = "https://127.0.0.1:" + std::to_string(settings.port);
    server site(issuer, clients::post);
    web_browser browser = make_browser();
    BOOST_TEST(browser.get(site.url("/healthz")).status == 200u);
    const web_page page = browser.get(site.url("/login"));
    BOOST_TEST(page.status == 502u);
    BOOST_TEST(problem_in(page) == "coauth.client:connection_failed");

    provider at(settings);
    BOOST_REQUIRE_EQUAL(at.issuer(), issuer);
    const web_page arrived = browser.walk(site.url("/login"), site.url("/profile"));
    check_profile(browser.get(arrived.url), issuer);
}

BOOST_AUTO_TEST_SUITE_END()
