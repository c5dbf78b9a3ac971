#include "profile.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/nowide/utf/convert.hpp>

#include <ctime>

namespace login_server {

boost::json::object profile_of(const session& of)
{
    boost::json::object token;
    token["type"] = of.tokens->token_type();
    boost::json::array scope;
    for (const std::string& each : of.tokens->scope().tokens())
        scope.emplace_back(each);
    token["scope"] = std::move(scope);
    const auto expires = of.tokens->expires_at();
    token["expires_at"] = expires ? boost::json::value(rfc3339(*expires)) : boost::json::value();
    token["refreshable"] = !of.tokens->refresh_token().empty();

    boost::json::object out;
    out["issuer"] = of.issuer.empty() ? boost::json::value() : boost::json::value(of.issuer);
    if (of.tokens->has_id_token()) {
        out["subject"] = of.tokens->id_token().subject();
        out["claims"] = id_token_claims(of);
    } else {
        out["subject"] = nullptr;
        out["claims"] = nullptr;
    }
    out["userinfo"] = of.userinfo ? boost::json::value(of.userinfo->claims()) : boost::json::value();
    out["token"] = std::move(token);
    return out;
}

boost::json::object id_token_claims(const session& of)
{
    boost::json::object out = of.tokens->id_token().claims();
    out.erase("nonce");
    return out;
}

std::string display_name(const session& of)
{
    for (const std::string_view claim : {"name", "preferred_username", "nickname", "email", "login", "sub"}) {
        if (of.userinfo)
            if (const std::string_view value = of.userinfo->claim(claim); !value.empty())
                return std::string(value);
        if (of.tokens->has_id_token())
            if (const std::string_view value = of.tokens->id_token().claim(claim); !value.empty())
                return std::string(value);
    }
    return "somebody";
}

std::string rfc3339(std::chrono::system_clock::time_point time)
{
    const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    char text[40];
    return {text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

std::string valid_utf8(std::string_view text)
{
    return boost::nowide::utf::convert_string<char>(text.data(), text.data() + text.size());
}

} // namespace login_server
