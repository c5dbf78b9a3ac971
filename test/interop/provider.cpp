#include "provider.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_to.hpp>

#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iostream>

namespace json = boost::json;

namespace coauth_test {
namespace {

const std::string folder = INTEROP_FOLDER;

/// The command that runs it; ends the program if that cannot be had.
std::vector<std::string> command()
{
    if (access((folder + "/node").c_str(), X_OK) != 0) {
        std::string why = "SKIP: oidc-provider is not installed; see test/interop/install";
        std::ifstream said(folder + "/why_not");
        std::getline(said, why);
        std::cout << why << std::endl;
        std::_Exit(77);
    }
    return {folder + "/node", folder + "/provider.mjs"};
}

json::object registration(const provider_client& of)
{
    json::object out;
    out["client_id"] = of.client_id;
    if (!of.client_secret.empty())
        out["client_secret"] = of.client_secret;
    out["token_endpoint_auth_method"] = of.authentication_method;
    out["application_type"] =
        "native"; // the only kind that may come back to plain http, on any port of loopback
    out["redirect_uris"] = json::array{web_redirect_uri, native_redirect_uri};
    out["post_logout_redirect_uris"] = json::array{post_logout_redirect_uri, native_post_logout_redirect_uri};
    out["grant_types"] = json::array{"authorization_code", "refresh_token"};
    out["response_types"] = json::array{"code"};
    for (const auto& [name, value] : of.metadata)
        out[name] = value;
    return out;
}

std::string configuration(const provider_settings& settings)
{
    const auto certificate = provider::authority().issue_for_loopback();
    json::object out;
    out["port"] = settings.port;
    out["key"] = certificate.private_key_pem;
    out["certificate"] = certificate.chain_pem;
    out["keep_alive_milliseconds"] = settings.keep_alive.count();
    json::array all;
    for (const provider_client* each :
         {&clients::basic, &clients::post, &clients::without_secret, &clients::web, &clients::odd})
        all.push_back(registration(*each));
    for (const provider_client& each : settings.clients)
        all.push_back(registration(each));
    out["clients"] = std::move(all);
    return json::serialize(out);
}

using counts = std::map<std::string, std::uint64_t>;

std::uint64_t count_in(const counts& all, const std::string& name)
{
    const auto at = all.find(name);
    return at == all.end() ? 0 : at->second;
}

} // namespace

provider_report::provider_report(const json::object& from)
    : connections(json::value_to<std::uint64_t>(from.at("connections"))),
      resumed(json::value_to<std::uint64_t>(from.at("resumed"))),
      requests_(json::value_to<counts>(from.at("requests"))),
      token_errors_(json::value_to<counts>(from.at("token_errors"))),
      logout_tokens_(json::value_to<counts>(from.at("logout_tokens")))
{
}

std::uint64_t provider_report::requests(const std::string& to) const { return count_in(requests_, to); }

std::uint64_t provider_report::token_errors(const std::string& error) const
{
    return count_in(token_errors_, error);
}

std::uint64_t provider_report::logout_tokens(const std::string& how) const
{
    return count_in(logout_tokens_, how);
}

provider::provider(const provider_settings& settings) : process_(command())
{
    process_.write_line(configuration(settings));
    const std::string line = process_.read_line();
    constexpr std::string_view ready = "READY ";
    if (!line.starts_with(ready))
        throw std::runtime_error("the provider says: " + line);
    issuer_ = json::parse(line.substr(ready.size())).at("issuer").as_string().c_str();
}

provider_report provider::report()
{
    process_.write_line("report");
    return provider_report(json::parse(process_.read_line()).as_object());
}

void provider::rotate_keys()
{
    process_.write_line("rotate_keys");
    process_.read_line();
}

provider& provider::shared()
{
    static provider one;
    return one;
}

const coauth::testing::certificate_authority& provider::authority()
{
    static const coauth::testing::certificate_authority one;
    return one;
}

} // namespace coauth_test
