#ifndef COAUTH_IMPL_TESTING_BROWSER_IPP
#define COAUTH_IMPL_TESTING_BROWSER_IPP

#include <coauth/protocol/form.hpp>
#include <coauth/testing/browser.hpp>
#include <coauth/testing/detail/form_values.hpp>
#include <coauth/testing/detail/server_core.hpp>

#include <algorithm>

namespace coauth::inline COAUTH_MODE::testing {
namespace detail {

/// Undo html_escape().
inline std::string html_unescape(std::string_view text)
{
    static constexpr std::pair<std::string_view, char> references[] = {
        {"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&#39;", '\''}};
    std::string out;
    while (!text.empty()) {
        std::size_t size = 1;
        char meant = text.front();
        for (const auto& [reference, character] : references)
            if (text.starts_with(reference)) {
                size = reference.size();
                meant = character;
            }
        out += meant;
        text.remove_prefix(size);
    }
    return out;
}

/// What stands between two texts, and the rest after the second; both empty if they are not there.
inline std::pair<std::string_view, std::string_view> between(std::string_view text, std::string_view before,
                                                             std::string_view after)
{
    const auto start = text.find(before);
    if (start == std::string_view::npos)
        return {};
    text.remove_prefix(start + before.size());
    const auto end = text.find(after);
    if (end == std::string_view::npos)
        return {};
    return {text.substr(0, end), text.substr(end + after.size())};
}

/** The first form on one of the server's own pages: it writes its markup in one way only. */
class page_form {
public:
    explicit page_form(std::string_view page)
    {
        const auto form = between(page, "<form method=\"post\" ", "</form>").first;
        action = html_unescape(between(form, "action=\"", "\"").first);
        for (std::string_view rest = form;;) {
            const auto name = between(rest, "<input type=\"hidden\" name=\"", "\"");
            const auto value = between(name.second, "value=\"", "\"");
            if (name.second.empty())
                break;
            coauth::detail::append_form_parameter(hidden, html_unescape(name.first),
                                                  html_unescape(value.first));
            rest = value.second;
        }
    }

    std::string action; // empty: there is no form
    std::string hidden;
};

} // namespace detail

COAUTH_DECL std::string browser_result::parameter(std::string_view name) const
{
    const auto values = detail::form_values::parse(parameters_);
    return std::string(values ? values->get(name) : std::string_view());
}

/// A redirect to somewhere else.
COAUTH_DECL browser_result browser::left_for(std::string location)
{
    const auto mark = location.find('?');
    std::string query = mark == std::string::npos ? std::string() : location.substr(mark + 1);
    return browser_result(std::move(location), std::move(query), "GET");
}

COAUTH_DECL browser_result browser::request(std::string method, std::string target, std::string body)
{
    for (int redirects = 0; redirects < 10; ++redirects) {
        server_request sent(method, target);
        if (method == "POST")
            sent.add_field("Content-Type", "application/x-www-form-urlencoded");
        std::string cookie;
        for (const auto& [name, value] : cookies_)
            cookie += (cookie.empty() ? "" : "; ") + name + '=' + value;
        if (!cookie.empty())
            sent.add_field("Cookie", cookie);
        const server_answer answer = core_->handle(std::move(sent.set_body(body)));
        for (const http_field& field : answer.fields())
            if (field.name == "Set-Cookie") {
                const auto equals = field.value.find('=');
                cookies_[field.value.substr(0, equals)] =
                    field.value.substr(equals + 1, field.value.find(';') - equals - 1);
            }
        if (answer.status() < 300 || answer.status() >= 400) {
            const detail::page_form form(answer.body());
            if (form.action.find("://") != std::string::npos)
                return browser_result(form.action, form.hidden, "POST");
            constexpr std::string_view refresh = "; url=";
            const std::string_view next = answer.field_value("Refresh");
            const auto mark = next.find(refresh);
            browser_result out = mark == std::string_view::npos
                                     ? browser_result(answer.status(), answer.body())
                                     : left_for(std::string(next.substr(mark + refresh.size())));
            for (auto frame = detail::between(answer.body(), "<iframe src=\"", "\""); !frame.first.empty();
                 frame = detail::between(frame.second, "<iframe src=\"", "\""))
                out.frames_.push_back(detail::html_unescape(frame.first));
            return out;
        }
        std::string location(answer.field_value("Location"));
        const std::string origin = core_->origin();
        if (location.starts_with(origin + '/'))
            location.erase(0, origin.size());
        if (!location.starts_with('/'))
            return left_for(std::move(location));
        method = "GET";
        target = std::move(location);
        body.clear();
    }
    return browser_result(0, "Too many redirects.");
}

COAUTH_DECL browser_result browser::open(std::string_view url)
{
    const std::string origin = core_->origin();
    if (!url.starts_with(origin) || url.substr(origin.size(), 1) != "/")
        return browser_result(0, "The URL is not one of this server.");
    return request("GET", std::string(url.substr(origin.size())), {});
}

COAUTH_DECL browser_result browser::open(std::string_view url, std::string_view fields)
{
    const std::string origin = core_->origin();
    if (!url.starts_with(origin) || url.substr(origin.size(), 1) != "/")
        return browser_result(0, "The URL is not one of this server.");
    return request("POST", std::string(url.substr(origin.size())), std::string(fields));
}

COAUTH_DECL browser_result browser::sign_out(std::string_view url)
{
    browser_result at = open(url);
    if (detail::page_form(at.page()).action == core_->path_of(endpoint::end_session))
        at = submit(at, "decision=allow");
    return at;
}

COAUTH_DECL browser_result browser::submit(const browser_result& on, std::string_view fields)
{
    const detail::page_form form(on.page());
    if (form.action.empty())
        return browser_result(0, "There is no form on the page.");
    std::string body = form.hidden;
    body += '&';
    body += fields;
    return request("POST", form.action, std::move(body));
}

COAUTH_DECL browser_result browser::walk(std::string_view url, std::string_view user_name,
                                         std::string_view password, std::string_view decision)
{
    browser_result at = open(url);
    if (detail::page_form(at.page()).action == core_->path_of(endpoint::login)) {
        std::string typed = "decision=allow";
        coauth::detail::append_form_parameter(typed, "username", user_name);
        coauth::detail::append_form_parameter(typed, "password", password);
        at = submit(at, typed);
    }
    if (detail::page_form(at.page()).action == core_->path_of(endpoint::consent))
        at = submit(at, "decision=" + std::string(decision));
    return at;
}

COAUTH_DECL browser_result browser::sign_in(std::string_view url, std::string_view user_name,
                                            std::string_view password)
{
    return walk(url, user_name, password, "allow");
}

COAUTH_DECL browser_result browser::deny(std::string_view url, std::string_view user_name,
                                         std::string_view password)
{
    // One who agreed before is not asked again, unless the client wants it.
    const auto asked = detail::form_values::parse(url.substr(std::min(url.find('?'), url.size() - 1) + 1));
    std::string with_consent(url);
    if (asked && asked->find("prompt") == nullptr)
        coauth::detail::append_form_parameter(with_consent, "prompt", "consent");
    return walk(with_consent, user_name, password, "deny");
}

} // namespace coauth::inline COAUTH_MODE::testing

#endif
