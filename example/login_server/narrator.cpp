#include "narrator.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>
#include <cstdio>

namespace login_server {
namespace {

constexpr std::size_t longest_value = 160; // keys, and lists of what a provider can do

void print(const std::string& line)
{
    std::printf("%s\n", line.c_str());
    std::fflush(stdout);
}

} // namespace

std::string abbreviated(std::string_view value)
{
    // Of a short one, nothing.
    const std::size_t shown = value.size() >= 16 ? 4 : 0;
    return std::string(value.substr(0, shown)) + "\u2026 (" + std::to_string(value.size()) + " characters)";
}

bool is_secret(std::string_view name)
{
    constexpr std::array<std::string_view, 16> names{
        "state",       "nonce",    "code",          "code_verifier", "code_challenge",   "access_token",
        "id_token",    "token",    "refresh_token", "client_secret", "client_assertion", "csrf_token",
        "interaction", "password", "authorization", "id_token_hint"};
    return std::find(names.begin(), names.end(), name) != names.end();
}

void narrator::step(std::string_view what)
{
    ++steps_;
    print((steps_ < 10 ? "\n " : "\n") + std::to_string(steps_) + ". " + std::string(what));
}

void narrator::line(std::string_view from_to, std::string_view what)
{
    std::string who(from_to);
    who.resize(std::max<std::size_t>(22, who.size()), ' ');
    print("    " + who + ' ' + std::string(what));
}

void narrator::note(std::string_view what) { print("    " + std::string(what)); }

void narrator::values(const name_values& of)
{
    std::size_t column = 0;
    for (const auto& [name, value] : of)
        column = std::max(column, name.size());
    for (const auto& [name, value] : of) {
        std::string padded = name;
        padded.resize(column, ' ');
        std::string shown = is_secret(name) ? abbreviated(value) : value;
        if (shown.size() > longest_value)
            shown.replace(longest_value, std::string::npos, "\u2026");
        print("        " + padded + "  " + shown);
    }
}

void narrator::cookie(std::string_view value)
{
    const auto equals = value.find('=');
    const auto semicolon = std::min(value.find(';'), value.size());
    const std::string_view content = value.substr(equals + 1, semicolon - equals - 1);
    print("        cookie " + std::string(value.substr(0, equals)) + ": " +
          (content.empty() ? "deleted" : abbreviated(content)) + std::string(value.substr(semicolon)));
}

void narrator::exchange(const coauth::testing::server_request& request,
                        const coauth::testing::server_answer& answer)
{
    line("site -> provider", request.method() + ' ' + std::string(request.path()));
    name_values sent;
    if (const std::string_view field = request.field_value("Authorization"); !field.empty()) {
        const auto space = field.find(' ');
        sent.emplace_back("Authorization",
                          std::string(field.substr(0, space)) + ' ' +
                              abbreviated(field.substr(std::min(space, field.size() - 1) + 1)));
    }
    for (auto& each : parse_form(request.body()))
        sent.push_back(std::move(each));
    values(sent);
    line("provider -> site", std::to_string(answer.status()));
    boost::system::error_code not_json;
    const auto body = boost::json::parse(answer.body(), not_json);
    name_values got;
    if (!not_json && body.is_object())
        for (const auto& [name, value] : body.get_object())
            got.emplace_back(std::string(name), value.is_string() ? std::string(value.get_string())
                                                                  : boost::json::serialize(value));
    values(got);
}

} // namespace login_server
