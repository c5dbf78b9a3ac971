// An authorization server that does what lines of JSON on its standard input say, one answer a line.
//
// controlled_provider [--port N] [--tls FILE] [--access-token-lifetime SECONDS] [--refresh-tokens rotated|kept|none]
// With --tls it writes the certificate of its authority to the file. It ends with its input.
#include <coauth/https_transport.hpp>
#include <coauth/testing/authorization_server.hpp>
#include <coauth/testing/misbehaviours.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <sys/resource.h>

#include <array>
#include <atomic>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>

namespace {

using namespace coauth::testing;
namespace json = boost::json;

std::string text(const json::object& from, std::string_view name, std::string_view otherwise = {})
{
    const auto* value = from.if_contains(name);
    return std::string(value ? std::string_view(value->as_string()) : otherwise);
}

endpoint endpoint_of(const json::object& command)
{
    static const std::map<std::string, endpoint> names{{"metadata", endpoint::metadata},
                                                       {"authorization", endpoint::authorization},
                                                       {"login", endpoint::login},
                                                       {"consent", endpoint::consent},
                                                       {"token", endpoint::token},
                                                       {"userinfo", endpoint::userinfo},
                                                       {"revocation", endpoint::revocation},
                                                       {"api", endpoint::api},
                                                       {"jwks", endpoint::jwks},
                                                       {"end_session", endpoint::end_session}};
    return names.at(text(command, "endpoint"));
}

token_algorithm algorithm_of(const json::object& command)
{
    const std::string name = text(command, "id_token_algorithm");
    if (const auto published = coauth::signing_algorithm_from(name))
        return *published;
    return coauth::hmac_algorithm_from(name).value();
}

/// Logout tokens go there by HTTP, after the person was answered.
void deliver(const std::string& uri, const std::string& form)
{
    const auto to = coauth::endpoint_url::parse(uri, coauth::insecure::http_to_loopback).value();
    std::thread([to, form] {
        boost::asio::io_context context;
        coauth::http_request request("POST", to);
        request.add_field("Content-Type", coauth::secret("application/x-www-form-urlencoded"))
            .set_body(coauth::secret(std::string_view(form)));
        const auto transport = coauth::https_transport::create().value();
        boost::asio::co_spawn(context, transport.send(std::move(request)), boost::asio::detached);
        context.run();
    }).detach();
}

void add_client(authorization_server& server, const json::object& command)
{
    const std::string method = text(command, "authentication", "client_secret_basic");
    registered_client client(text(command, "id"), text(command, "secret"));
    client.set_authentication(method == "none"                 ? client_authentication::none
                              : method == "client_secret_post" ? client_authentication::client_secret_post
                                                               : client_authentication::client_secret_basic);
    client.add_redirect_uri(text(command, "redirect_uri"));
    if (command.contains("post_logout_redirect_uri"))
        client.add_post_logout_redirect_uri(text(command, "post_logout_redirect_uri"));
    if (command.contains("backchannel_logout_uri"))
        client.set_backchannel_logout_uri(text(command, "backchannel_logout_uri"));
    if (command.contains("id_token_algorithm"))
        client.set_id_token_signed_response_alg(algorithm_of(command));
    if (text(command, "consent", "ask") == "implied")
        client.set_consent(consent::implied);
    server.add_client(std::move(client));
}

void add_user(authorization_server& server, const json::object& command)
{
    user someone(text(command, "name"), text(command, "password"));
    if (const auto* claims = command.if_contains("claims"))
        for (const auto& [name, value] : claims->as_object())
            someone.set_claim(std::string(name), std::string(value.as_string()));
    server.add_user(std::move(someone));
}

/// Change what an endpoint answers from now on, to every request that it handles.
void spoil(authorization_server& server, const json::object& command)
{
    server.on_answer(endpoint_of(command), [command](const server_request&, server_answer& answer) {
        if (const auto* status = command.if_contains("status"))
            answer.set_status(static_cast<unsigned>(status->as_int64()));
        if (command.contains("body"))
            answer.set_body(text(command, "body"));
        if (const auto* fields = command.if_contains("fields"))
            for (const auto& [name, value] : fields->as_object())
                answer.set_field(std::string(name), std::string(value.as_string()));
        if (command.contains("raw"))
            answer.set_raw(text(command, "raw"));
        if (const auto* delay = command.if_contains("delay_ms"))
            answer.set_delay(std::chrono::milliseconds(delay->as_int64()));
        if (const auto* most = command.if_contains("truncation"))
            answer.set_truncation(static_cast<std::size_t>(most->as_int64()));
    });
}

/// Change the claims of ID tokens: `set` some, `remove` others.
void change_id_tokens(authorization_server& server, const json::object& command)
{
    server.on_id_token([command](json::object&, json::object& claims) {
        for (const auto& [name, value] : command.at("set").as_object())
            claims[name] = value;
        for (const auto& name : command.at("remove").as_array())
            claims.erase(name.as_string());
    });
}

/// Answer the next requests as a resource does that takes the token for invalid (RFC 6750 3.1).
void reject(authorization_server& server, const json::object& command)
{
    const auto left = std::make_shared<std::atomic<std::int64_t>>(command.at("times").as_int64());
    server.on_request(endpoint_of(command), [left](const server_request&) -> std::optional<server_answer> {
        if (--*left < 0)
            return std::nullopt;
        return server_answer(401).add_field("WWW-Authenticate", "Bearer error=\"invalid_token\"");
    });
}

/// The same for the access token of the next request, whoever comes with it.
void reject_bearer_of_now(authorization_server& server, const json::object& command)
{
    const auto rejected = std::make_shared<std::pair<std::mutex, std::string>>();
    server.on_request(
        endpoint_of(command), [rejected](const server_request& request) -> std::optional<server_answer> {
            const std::lock_guard lock(rejected->first);
            if (rejected->second.empty())
                rejected->second = request.field_value("Authorization");
            if (request.field_value("Authorization") != rejected->second)
                return std::nullopt;
            return server_answer(401).add_field("WWW-Authenticate", "Bearer error=\"invalid_token\"");
        });
}

/// For clients that sign.
json::value make_key(const json::object& command)
{
    const auto key =
        coauth::signing_key::generate(coauth::signing_algorithm_from(text(command, "algorithm")).value());
    json::object out;
    out["pem"] = key.to_pem().expose();
    out["jwk"] = key.public_jwk();
    return out;
}

json::value requests(const authorization_server& server, const json::object& command)
{
    json::array out;
    for (const server_request& each : server.requests(endpoint_of(command))) {
        json::object fields;
        for (const http_field& field : each.fields())
            fields[field.name] = field.value;
        json::object request;
        request["method"] = each.method();
        request["target"] = each.target();
        request["body"] = each.body();
        request["fields"] = std::move(fields);
        out.push_back(std::move(request));
    }
    return out;
}

json::value obey(authorization_server& server, const json::object& command)
{
    const std::string what = text(command, "do");
    if (what == "client")
        add_client(server, command);
    else if (what == "user")
        add_user(server, command);
    else if (what == "spoil")
        spoil(server, command);
    else if (what == "reject")
        reject(server, command);
    else if (what == "reject_bearer_of_now")
        reject_bearer_of_now(server, command);
    else if (what == "id_token")
        change_id_tokens(server, command);
    else if (what == "sign")
        return json::value(server.sign(command.at("header").as_object(), command.at("claims").as_object()));
    else if (what == "key")
        return json::value(server.signing_key_id());
    else if (what == "make_key")
        return make_key(command);
    else if (what == "rotate")
        server.rotate_signing_key();
    else if (what == "misbehave")
        server.misbehave(text(command, "name"));
    else if (what == "behave")
        server.clear_hooks();
    else if (what == "count")
        return server.count(endpoint_of(command));
    else if (what == "count_all")
        return server.count();
    else if (what == "requests")
        return requests(server, command);
    else if (what == "revoke_everything")
        server.revoke_everything();
    else
        throw std::invalid_argument("unknown command");
    return nullptr;
}

void say(const json::value& value) { std::cout << json::serialize(value) << std::endl; }

} // namespace

int main(int argument_count, char** arguments)
{
    rlimit files{};
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = std::min<rlim_t>(files.rlim_max, 65'536);
        setrlimit(RLIMIT_NOFILE, &files);
    }
    authorization_server_configuration configuration;
    std::string ca_file;
    for (int i = 1; i + 1 < argument_count; i += 2) {
        const std::string name = arguments[i];
        const std::string value = arguments[i + 1];
        if (name == "--port")
            configuration.set_port(static_cast<std::uint16_t>(std::stoul(value)));
        else if (name == "--tls")
            ca_file = value;
        else if (name == "--access-token-lifetime")
            configuration.set_access_token_lifetime(std::chrono::seconds(std::stoul(value)));
        else if (name == "--refresh-tokens")
            configuration.set_refresh_tokens(value == "none"   ? refresh_tokens::none
                                             : value == "kept" ? refresh_tokens::kept
                                                               : refresh_tokens::rotated);
        else
            return 2;
    }
    configuration.set_api_scope("profile");
    authorization_server server(std::move(configuration));
    server.on_backchannel_logout(deliver);
    if (ca_file.empty())
        server.listen(coauth::insecure::http_to_loopback);
    else {
        server.listen();
        std::ofstream(ca_file) << server.ca_pem();
    }
    json::object ready;
    ready["issuer"] = server.issuer();
    ready["authorization"] = server.url(endpoint::authorization);
    ready["token"] = server.url(endpoint::token);
    ready["userinfo"] = server.url(endpoint::userinfo);
    ready["end_session"] = server.url(endpoint::end_session);
    ready["api"] = server.url(endpoint::api);
    say(ready);
    for (std::string line; std::getline(std::cin, line);)
        say(obey(server, json::parse(line).as_object()));
    return 0;
}
