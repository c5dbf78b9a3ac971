#include "walkthrough_browser.hpp"

#include <coauth/core/url.hpp>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url.hpp>
#include <boost/url/url_view.hpp>

#include <algorithm>

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;

namespace login_server {
namespace {

std::string resolve(const std::string& base, const std::string& reference)
{
    const auto from = boost::urls::parse_uri(base);
    const auto to = boost::urls::parse_uri_reference(reference);
    boost::urls::url out;
    if (from.has_error() || to.has_error() || !boost::urls::resolve(*from, *to, out))
        return {};
    return {out.data(), out.size()};
}

/// The entities that html_escape() writes.
std::string unescaped(std::string text)
{
    constexpr std::pair<std::string_view, std::string_view> entities[] = {
        {"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&#39;", "'"}, {"&amp;", "&"}};
    for (const auto& [entity, character] : entities)
        for (auto at = text.find(entity); at != text.npos; at = text.find(entity, at + 1))
            text.replace(at, entity.size(), character);
    return text;
}

/// As this server and the provider for tests write it: the walkthrough reads no other pages.
constexpr std::string_view hidden_input = "<input type=\"hidden\" name=\"";

/// What stands between two marks, and goes on after the second one. Empty, with nothing left, if they are not there.
std::string take_between(std::string_view& text, std::string_view begin, std::string_view end)
{
    const auto at = text.find(begin);
    const auto from = at == text.npos ? text.size() : at + begin.size();
    const auto to = std::min(text.size(), text.find(end, from));
    std::string out(text.substr(from, to - from));
    text.remove_prefix(to);
    return out;
}

} // namespace

name_values parse_form(std::string_view encoded)
{
    name_values out;
    const std::string reference = '?' + std::string(encoded);
    const auto parsed = boost::urls::parse_relative_ref(reference);
    if (!parsed.has_error() && !encoded.empty())
        for (const auto& each : parsed->params())
            out.emplace_back(each.key, each.value);
    return out;
}

std::string encode_form(const name_values& values)
{
    boost::urls::url out;
    for (const auto& [name, value] : values)
        out.params().append({name, value});
    const auto encoded = out.encoded_query();
    return {encoded.data(), encoded.size()};
}

browser_page::browser_page(unsigned status, std::string url, std::string location, std::string body,
                           std::vector<std::string> cookies_set)
    : status_(status),
      url_(std::move(url)),
      location_(std::move(location)),
      body_(std::move(body)),
      cookies_set_(std::move(cookies_set))
{
}

std::optional<browser_page::form> browser_page::first_form() const
{
    const std::string_view page = body_;
    std::string_view markup = page.substr(std::min(page.size(), page.find("<main")));
    markup.remove_prefix(std::min(markup.size(), markup.find("<form ")));
    markup = markup.substr(0, markup.find("</form>"));
    if (markup.empty())
        return std::nullopt;
    std::string action = resolve(url_, unescaped(take_between(markup, "action=\"", "\"")));
    name_values fields;
    while (markup.find(hidden_input) != markup.npos) {
        std::string name = unescaped(take_between(markup, hidden_input, "\""));
        fields.emplace_back(std::move(name), unescaped(take_between(markup, "value=\"", "\"")));
    }
    return form(std::move(action), std::move(fields));
}

asio::awaitable<browser_page> walkthrough_browser::get(std::string url, std::string accept)
{
    return send("GET", std::move(url), {}, std::move(accept));
}

asio::awaitable<browser_page> walkthrough_browser::post(std::string url, name_values fields,
                                                        std::string accept)
{
    return send("POST", std::move(url), encode_form(fields), std::move(accept));
}

std::string walkthrough_browser::cookie(std::string_view name) const
{
    const auto at = cookies_.find(std::string(name));
    return at == cookies_.end() ? std::string() : at->second;
}

asio::awaitable<browser_page> walkthrough_browser::send(std::string method, std::string url, std::string body,
                                                        std::string accept)
{
    const coauth::endpoint_url parsed =
        coauth::endpoint_url::parse(url, coauth::insecure::http_to_loopback).value();
    http::request<http::string_body> request;
    request.method_string(method);
    request.target(std::string(parsed.target()));
    request.version(11);
    request.set(http::field::host, parsed.host_header());
    request.set(http::field::accept, accept);
    request.set(http::field::connection, "close");
    std::string cookies;
    for (const auto& [name, value] : cookies_)
        cookies += (cookies.empty() ? "" : "; ") + name + '=' + value;
    if (!cookies.empty())
        request.set(http::field::cookie, cookies);
    if (method == "POST") {
        request.set(http::field::content_type, "application/x-www-form-urlencoded");
        request.set(http::field::origin, "null"); // as pages do that want no referrer sent
        request.set("Sec-Fetch-Site", "same-origin");
        request.body() = std::move(body);
    }
    request.prepare_payload();

    const asio::ip::tcp::endpoint at(
        asio::ip::make_address(parsed.host() == "localhost" ? "127.0.0.1" : parsed.host()), parsed.port());
    beast::tcp_stream stream(executor_);
    stream.expires_after(std::chrono::seconds(20));
    co_await stream.async_connect(at, asio::use_awaitable);
    co_await http::async_write(stream, request, asio::use_awaitable);
    beast::flat_buffer buffer;
    http::response<http::string_body> answer;
    co_await http::async_read(stream, buffer, answer, asio::use_awaitable);

    std::vector<std::string> cookies_set;
    const auto range = answer.equal_range(http::field::set_cookie);
    for (auto each = range.first; each != range.second; ++each) {
        const std::string text(each->value().data(), each->value().size());
        cookies_set.push_back(text);
        const auto equals = text.find('=');
        const std::string value = text.substr(equals + 1, text.find(';') - equals - 1);
        if (value.empty())
            cookies_.erase(text.substr(0, equals));
        else
            cookies_[text.substr(0, equals)] = value;
    }
    const auto location = answer[http::field::location];
    std::string to =
        location.empty() ? std::string() : resolve(url, std::string(location.data(), location.size()));
    co_return browser_page(answer.result_int(), std::move(url), std::move(to), std::move(answer.body()),
                           std::move(cookies_set));
}

} // namespace login_server
