#include "options.hpp"

#include "stores.hpp"

#include <coauth/secret_file.hpp>

#include <boost/system/errc.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <set>

namespace login_server {
namespace {

/// An option as --help shows it and as it is read: a value name means that it takes one.
struct option_description {
    std::string_view name;
    std::string_view value_name;
    std::string_view text; // lines after the first are indented by whoever prints them
    bool repeatable = false;
};

constexpr std::array descriptions{
    option_description{"--listen", "HOST:PORT", "default 127.0.0.1:8080; port 0 picks a free one"},
    option_description{"--issuer", "URL", "discover the provider"},
    option_description{"--authorization-endpoint", "URL", "a provider without discovery: this,"},
    option_description{"--token-endpoint", "URL", "this,"},
    option_description{"--userinfo-endpoint", "URL", "and this if it has one"},
    option_description{"--client-id", "ID", "as the provider registered it"},
    option_description{"--client-secret-file", "PATH",
                       "or the environment variable COAUTH_CLIENT_SECRET, of at\nmost 8 KiB; without a "
                       "secret the client is a public one"},
    option_description{"--client-auth", "METHOD",
                       "client_secret_basic (default with a secret),\nclient_secret_post, "
                       "client_secret_jwt,\nprivate_key_jwt "
                       "(default with a key), or none"},
    option_description{"--client-key", "PEM", "the private key of private_key_jwt, in a file"},
    option_description{"--client-key-id", "KID", "what the provider knows that key by"},
    option_description{"--client-key-alg", "ALG", "default RS256, or what the key is for"},
    option_description{
        "--id-token-alg", "ALG",
        "accept ID tokens with this signature only; repeatable.\nHS256 and the like: signed with "
        "the client secret",
        true},
    option_description{"--redirect-uri", "URL", "default http://HOST:PORT/callback"},
    option_description{"--post-logout-redirect-uri", "URL",
                       "default http://HOST:PORT/signed-out; register it;\nempty: nobody comes back"},
    option_description{"--scope", "\"A B\"",
                       "default \"openid profile email\"; empty for a provider\nwithout discovery"},
    option_description{"--response-mode", "MODE", "query (default) or form_post"},
    option_description{"--authorize-param", "NAME=VALUE",
                       "one more authorization parameter, as prompt=consent;\nrepeatable", true},
    option_description{"--resource", "URL", "a protected API that /resource calls with the access token"},
    option_description{
        "--state-store", "STORE",
        "where pending sign-ins are kept: memory (default),\nsealed (in the browser's cookie) or "
        "redis://HOST:PORT"},
    option_description{
        "--token-store", "STORE",
        "where tokens are kept: memory (default) or\nredis://HOST:PORT, so that people are signed in "
        "at all\nprocesses"},
    option_description{
        "--seal-key-file", "PATH",
        "the keys that seal what is kept elsewhere, one a line,\nthe first for what is new; the same "
        "for all processes.\nDefault: with Redis one made of the client secret, else\na new one"},
    option_description{"--policy", "POLICY", "oauth21 (default) or oauth20_compatible"},
    option_description{"--ca-file", "PEM", "trust these authorities as well as the system's"},
    option_description{"--insecure-loopback", "", "allow http:// to loopback addresses, for development"},
    option_description{"--log", "FORMAT", "text (default) or json: one line an event, on stderr"},
    option_description{"--walkthrough", "",
                       "sign a test user in at the embedded provider, show every\nstep, and exit"},
    option_description{"--help", "", ""},
    option_description{"--version", "", ""},
};

class given_options {
public:
    explicit given_options(std::span<const char* const> arguments)
    {
        for (std::size_t i = 0; i < arguments.size(); ++i) {
            const std::string_view argument = arguments[i];
            const std::string_view name = argument.substr(0, argument.find('='));
            const auto* known = std::find_if(descriptions.begin(), descriptions.end(),
                                             [name](const auto& each) { return each.name == name; });
            if (known == descriptions.end()) {
                // An argument could be a secret in the wrong place; a name is shown only if it looks like one.
                const bool plain =
                    name.starts_with("--") && name.size() < 40 &&
                    std::all_of(
                        name.begin(), name.end(), [](char c) { return c == '-' || (c >= 'a' && c <= 'z'); });
                throw option_error("unknown option" + (plain ? ' ' + std::string(name) : "") +
                                   "; see --help");
            }
            std::string value;
            const bool attached = name.size() < argument.size();
            if (attached && known->value_name.empty())
                throw option_error(std::string(name) + " takes no value");
            if (attached)
                value = argument.substr(name.size() + 1);
            else if (!known->value_name.empty()) {
                if (++i == arguments.size())
                    throw option_error(std::string(name) +
                                       " needs a value: " + std::string(known->value_name));
                value = arguments[i];
            }
            if (!known->repeatable && has(name))
                throw option_error(std::string(name) + " is given twice");
            values_.emplace(known->name, std::move(value));
        }
    }

    bool has(std::string_view name) const { return values_.contains(name); }
    std::string get(std::string_view name, std::string_view otherwise = {}) const
    {
        const auto at = values_.find(name);
        return at == values_.end() ? std::string(otherwise) : at->second;
    }
    std::vector<std::string> all(std::string_view name) const
    {
        std::vector<std::string> out;
        const auto range = values_.equal_range(name);
        for (auto at = range.first; at != range.second; ++at)
            out.push_back(at->second);
        return out;
    }

    /// The place of the value among those allowed.
    template <class Enum, std::size_t N>
    Enum choose(std::string_view name, const std::array<std::string_view, N>& allowed, Enum otherwise) const
    {
        if (!has(name))
            return otherwise;
        const auto at = std::find(allowed.begin(), allowed.end(), get(name));
        if (at != allowed.end())
            return static_cast<Enum>(at - allowed.begin());
        std::string line = std::string(name) + " has to be ";
        for (std::size_t i = 0; i < N; ++i)
            line += (i == 0 ? "" : i + 1 == N ? " or " : ", ") + std::string(allowed[i]);
        throw option_error(line);
    }

private:
    std::multimap<std::string, std::string, std::less<>> values_;
};

void read_listen(const given_options& given, options& out)
{
    out.listen_given = given.has("--listen");
    if (!out.listen_given)
        return;
    const std::string text = given.get("--listen");
    const auto colon = text.rfind(':');
    const char* const end = text.data() + text.size();
    if (colon == text.npos || colon == 0)
        throw option_error("--listen needs HOST:PORT");
    const auto read = std::from_chars(text.data() + colon + 1, end, out.listen_port);
    if (read.ec != std::errc() || read.ptr != end)
        throw option_error("--listen needs a port from 0 to 65535 after the colon");
    out.listen_host = text.substr(0, colon);
    if (out.listen_host.find(':') != text.npos && !out.listen_host.starts_with('['))
        throw option_error("--listen needs brackets around an IPv6 address: [::1]:8080");
}

coauth::secret read_secret(const std::string& path)
{
    // Editors end a file with a newline, which is no part of the secret and does not count.
    constexpr std::string_view newline = "\r\n";
    const std::string_view option = "--client-secret-file";
    const coauth::secret file = read_file(option, path, most_secret_bytes + newline.size());
    std::string_view text = file.expose();
    if (text.ends_with('\n'))
        text.remove_suffix(1);
    if (text.ends_with('\r'))
        text.remove_suffix(1);
    if (text.empty())
        throw option_error(std::string(option) + " is empty");
    if (text.size() > most_secret_bytes)
        throw too_large(option, most_secret_bytes);
    return coauth::secret(text);
}

void read_provider(const given_options& given, options& out)
{
    const bool endpoints = given.has("--authorization-endpoint") || given.has("--token-endpoint") ||
                           given.has("--userinfo-endpoint");
    if (given.has("--issuer") && endpoints)
        throw option_error("--issuer discovers the endpoints: give either --issuer or endpoints");
    if (given.has("--issuer")) {
        out.provider = provider_kind::discovered;
        const std::string text = given.get("--issuer");
        const auto parsed = out.insecure_loopback
                                ? coauth::issuer::parse(text, coauth::insecure::http_to_loopback)
                                : coauth::issuer::parse(text);
        if (!parsed && parsed.error() == coauth::errc::insecure_url)
            throw option_error(
                "--issuer has to be an https URL (http to a loopback address with --insecure-loopback)");
        if (!parsed)
            throw option_error("--issuer is not the URL of an issuer");
        out.issuer = *parsed;
    } else if (endpoints) {
        out.provider = provider_kind::endpoints;
        if (!given.has("--authorization-endpoint") || !given.has("--token-endpoint"))
            throw option_error(
                "a provider without discovery needs --authorization-endpoint and --token-endpoint");
        const auto endpoint = [&](std::string_view name) {
            return given.has(name) ? parse_endpoint(name, given.get(name), out.insecure_loopback)
                                   : coauth::endpoint_url();
        };
        out.authorization_endpoint = endpoint("--authorization-endpoint");
        out.token_endpoint = endpoint("--token-endpoint");
        out.userinfo_endpoint = endpoint("--userinfo-endpoint");
    } else {
        for (const std::string_view name : {"--client-id", "--client-secret-file", "--client-auth",
                                            "--client-key", "--client-key-id", "--client-key-alg"})
            if (given.has(name))
                throw option_error(std::string(name) + " needs a provider: --issuer, or its endpoints");
        // Its pages have to open in a browser, so it has no certificate.
        out.insecure_loopback = true;
    }
    if (out.provider != provider_kind::endpoints)
        out.scope = "openid profile email";
}

/// No value: the text is something else.
std::optional<coauth::redis_settings> read_redis(std::string_view option, const std::string& text)
{
    if (!text.starts_with("redis://"))
        return std::nullopt;
    const std::string name(option);
    auto settings = coauth::redis_settings::parse(text);
    // A password has no place among arguments, which everybody on the machine can read.
    if (!settings || text.find('@') != text.npos)
        throw option_error(name + " needs redis://HOST:PORT");
    if (!redis_is_built_in())
        throw option_error(name +
                           " redis:// is not in this program: it was built without Boost.Redis, which comes "
                           "with Boost 1.84");
    return std::move(*settings);
}

void read_stores(const given_options& given, options& out)
{
    const std::string state = given.get("--state-store", "memory");
    out.state_redis = read_redis("--state-store", state);
    if (out.state_redis)
        out.state_store = state_store_kind::redis;
    else if (state == "sealed")
        out.state_store = state_store_kind::sealed;
    else if (state != "memory")
        throw option_error("--state-store has to be memory, sealed or redis://HOST:PORT");

    const std::string tokens = given.get("--token-store", "memory");
    out.token_redis = read_redis("--token-store", tokens);
    if (!out.token_redis && tokens != "memory")
        throw option_error("--token-store has to be memory or redis://HOST:PORT");

    out.seal_key_file = given.get("--seal-key-file");
    if (given.has("--seal-key-file") && out.seal_key_file.empty())
        throw option_error("--seal-key-file is empty");
}

/// Comma-separated, for error messages.
std::string names_of_signing_algorithms()
{
    std::string out;
    for (unsigned char i = 0; i <= static_cast<unsigned char>(coauth::signing_algorithm::eddsa); ++i)
        out += (out.empty() ? "" : ", ") + std::string(coauth::name(coauth::signing_algorithm(i)));
    return out;
}

coauth::signing_key read_client_key(const given_options& given)
{
    std::vector<coauth::signing_algorithm> candidates{
        coauth::signing_algorithm::rs256, coauth::signing_algorithm::es256, coauth::signing_algorithm::es384,
        coauth::signing_algorithm::es512, coauth::signing_algorithm::eddsa};
    if (given.has("--client-key-alg")) {
        const auto chosen = coauth::signing_algorithm_from(given.get("--client-key-alg"));
        if (!chosen)
            throw option_error("--client-key-alg has to be one of " + names_of_signing_algorithms());
        candidates = {*chosen};
    }
    const coauth::secret pem = read_file("--client-key", given.get("--client-key"), most_file_bytes);
    for (const coauth::signing_algorithm each : candidates)
        if (auto key = coauth::signing_key::from_pem(each, pem, given.get("--client-key-id")))
            return std::move(*key);
    throw option_error(
        given.has("--client-key-alg")
            ? "--client-key is not a private key that fits --client-key-alg " +
                  std::string(coauth::name(candidates.front()))
            : "--client-key holds no private key, or one that is encrypted, too small or of a kind "
              "that is not known");
}

void read_id_token_algorithms(const given_options& given, options& out)
{
    coauth::signing_algorithms accepted;
    for (const std::string& each : given.all("--id-token-alg")) {
        const auto published = coauth::signing_algorithm_from(each);
        const auto secret = coauth::hmac_algorithm_from(each);
        if (!published && !secret)
            throw option_error("--id-token-alg has to be one of " + names_of_signing_algorithms() +
                               ", HS256, HS384, HS512");
        if (published)
            accepted.insert(*published);
        if (out.id_token_hmac)
            throw option_error(
                "--id-token-alg: only one algorithm with a secret can be accepted, and no other");
        out.id_token_hmac = secret;
        out.id_token_algorithms = accepted;
    }
    if (out.id_token_hmac && !accepted.empty())
        throw option_error("--id-token-alg: only one algorithm with a secret can be accepted, and no other");
    if (out.id_token_algorithms && out.provider == provider_kind::endpoints)
        throw option_error("--id-token-alg needs --issuer: without one there are no ID tokens");
    if (out.id_token_hmac && out.provider != provider_kind::embedded)
        out.id_token_secret = secret_for_signing(
            out, *out.id_token_hmac, "--id-token-alg " + std::string(coauth::name(*out.id_token_hmac)));
}

void read_client(const given_options& given, const char* environment_secret, options& out)
{
    if (out.provider == provider_kind::embedded) {
        read_id_token_algorithms(given, out);
        return;
    }
    out.client_id = given.get("--client-id");
    if (out.client_id.empty())
        throw option_error("--client-id is missing");
    if (given.has("--client-secret-file"))
        out.client_secret = read_secret(given.get("--client-secret-file"));
    else if (environment_secret) {
        const std::string_view text = environment_secret;
        if (text.size() > most_secret_bytes)
            throw too_large("COAUTH_CLIENT_SECRET", most_secret_bytes);
        out.client_secret = coauth::secret(text);
    }
    const bool has_key = given.has("--client-key");
    out.authentication =
        given.choose("--client-auth",
                     std::array<std::string_view, 5>{"none", "client_secret_basic", "client_secret_post",
                                                     "client_secret_jwt", "private_key_jwt"},
                     has_key                     ? authentication_method::private_key_jwt
                     : out.client_secret.empty() ? authentication_method::none
                                                 : authentication_method::client_secret_basic);
    const std::string method = "--client-auth " + given.get("--client-auth");
    const bool with_key = out.authentication == authentication_method::private_key_jwt;
    const bool without_secret = with_key || out.authentication == authentication_method::none;
    if (with_key && !has_key)
        throw option_error(method + " needs --client-key");
    for (const std::string_view name : {"--client-key", "--client-key-id", "--client-key-alg"})
        if (given.has(name) && !with_key)
            throw option_error(given.has("--client-auth") ? method + " has no use for " + std::string(name)
                                                          : std::string(name) + " needs --client-key");
    if (with_key)
        out.client_key = read_client_key(given);
    read_id_token_algorithms(given, out);
    if (without_secret && given.has("--client-secret-file") && !out.id_token_secret)
        throw option_error((given.has("--client-auth") ? method : "--client-key") +
                           " has no use for --client-secret-file");
    if (!without_secret && out.client_secret.empty())
        throw option_error(method + " needs --client-secret-file or COAUTH_CLIENT_SECRET");
    if (out.authentication == authentication_method::client_secret_jwt)
        out.client_assertion_secret = secret_for_signing(out, coauth::hmac_algorithm::hs256, method);
}

void read_authorize_parameters(const given_options& given, options& out)
{
    for (const std::string& each : given.all("--authorize-param")) {
        const auto equals = each.find('=');
        if (equals == each.npos || equals == 0)
            throw option_error("--authorize-param needs NAME=VALUE");
        out.authorize_parameters.emplace_back(each.substr(0, equals), each.substr(equals + 1));
    }
}

} // namespace

option_error too_large(std::string_view option, std::size_t most_bytes)
{
    constexpr std::size_t kibibyte = 1024;
    const bool mebibytes = most_bytes % (kibibyte * kibibyte) == 0;
    return option_error(std::string(option) + " has more than " +
                        std::to_string(most_bytes / (mebibytes ? kibibyte * kibibyte : kibibyte)) +
                        (mebibytes ? " MiB" : " KiB"));
}

coauth::secret read_file(std::string_view option, const std::string& path, std::size_t most_bytes)
{
    auto read = coauth::read_secret_file(path, most_bytes);
    if (read)
        return std::move(*read);
    if (read.error().code() == boost::system::errc::file_too_large)
        throw too_large(option, most_bytes);
    throw option_error(std::string(option) + " cannot be read");
}

coauth::endpoint_url parse_endpoint(std::string_view option, std::string_view text, bool insecure_loopback)
{
    const auto parsed = insecure_loopback
                            ? coauth::endpoint_url::parse(text, coauth::insecure::http_to_loopback)
                            : coauth::endpoint_url::parse(text);
    if (parsed)
        return *parsed;
    if (parsed.error() == coauth::errc::insecure_url)
        throw option_error(std::string(option) +
                           " has to be an https URL (http to a loopback address with --insecure-loopback)");
    throw option_error(std::string(option) + " is not a usable URL");
}

coauth::hmac_key secret_for_signing(const options& from, coauth::hmac_algorithm algorithm,
                                    std::string_view for_what)
{
    const std::string who(for_what);
    if (from.client_secret.empty())
        throw option_error(who + " needs --client-secret-file or COAUTH_CLIENT_SECRET");
    try {
        return {algorithm, from.client_secret};
    } catch (const coauth::exception&) {
        constexpr std::array<int, 3> bytes{32, 48, 64}; // RFC 7518 3.2
        throw option_error(who + " needs a client secret of at least " +
                           std::to_string(bytes[static_cast<std::size_t>(algorithm)]) + " bytes");
    }
}

options parse_options(std::span<const char* const> arguments, const char* environment_secret)
{
    options out;
    const given_options given(arguments);
    if (given.has("--help") || given.has("--version")) {
        out.command = given.has("--help") ? command::help : command::version;
        return out;
    }
    out.insecure_loopback = given.has("--insecure-loopback");
    out.log_format = given.choose("--log", std::array<std::string_view, 2>{"text", "json"},
                                  login_server::log_format::text);
    out.policy = given.choose("--policy", std::array<std::string_view, 2>{"oauth21", "oauth20_compatible"},
                              security_policy::oauth21);
    out.response_mode = given.choose("--response-mode", std::array<std::string_view, 2>{"query", "form_post"},
                                     coauth::response_mode::query);
    read_stores(given, out);
    read_listen(given, out);
    read_provider(given, out);
    read_client(given, environment_secret, out);
    if (given.has("--walkthrough")) {
        if (out.provider != provider_kind::embedded)
            throw option_error(
                "--walkthrough is for the embedded provider: it knows a user's password there");
        out.command = command::walkthrough;
        if (!given.has("--log")) // its lines would stand between those of the story
            out.log_format = login_server::log_format::none;
    }
    out.redirect_uri = given.get("--redirect-uri");
    if (given.has("--redirect-uri") && out.redirect_uri.empty())
        throw option_error("--redirect-uri is empty");
    if (given.has("--post-logout-redirect-uri"))
        out.post_logout_redirect_uri = given.get("--post-logout-redirect-uri");
    if (given.has("--scope"))
        out.scope = given.get("--scope");
    const auto scope = coauth::scope::parse(out.scope);
    if (out.provider == provider_kind::endpoints && scope && scope->contains("openid"))
        throw option_error(
            "--scope openid needs --issuer: an ID token is worth nothing if nobody knows whose it is");
    if (given.has("--resource"))
        out.resource = parse_endpoint("--resource", given.get("--resource"), out.insecure_loopback);
    out.authorities_file = given.get("--ca-file");
    if (given.has("--ca-file") && out.authorities_file.empty())
        throw option_error("--ca-file is empty");
    read_authorize_parameters(given, out);
    return out;
}

std::string help_text()
{
    std::string out = "Signs people in with any OAuth 2.0 or OpenID Connect provider.\n\n"
                      "usage: login_server [options]\n\n"
                      "Without a provider, one is started in the same process and used.\n\n";
    constexpr std::size_t column = 37;
    for (const auto& each : descriptions) {
        std::string line = "  " + std::string(each.name);
        if (!each.value_name.empty())
            line += ' ' + std::string(each.value_name);
        if (!each.text.empty())
            line.resize(std::max(column, line.size() + 1), ' ');
        for (const char c : each.text)
            line += c == '\n' ? '\n' + std::string(column, ' ') : std::string(1, c);
        out += line + '\n';
    }
    return out;
}

} // namespace login_server
