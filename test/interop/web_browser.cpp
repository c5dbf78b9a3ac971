#include "web_browser.hpp"

#include <boost/algorithm/string/case_conv.hpp>
#include <boost/algorithm/string/predicate.hpp>
#include <boost/algorithm/string/replace.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/url/encode.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/parse_query.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>
#include <boost/url/url.hpp>

#include <optional>
#include <stdexcept>

namespace coauth_test {

namespace asio = boost::asio;
namespace http = boost::beast::http;
namespace urls = boost::urls;
using asio::ip::tcp;

namespace {

urls::url parse(const std::string& text) { return urls::url(urls::parse_uri(text).value()); }

/// The site in the sense of SameSite, for hosts that are addresses: scheme and host.
std::string site_of(const std::string& url)
{
    const urls::url parsed = parse(url);
    return std::string(parsed.scheme()) + "://" + parsed.host();
}

std::string absolute(const std::string& base, std::string_view reference)
{
    urls::url out;
    if (!urls::resolve(parse(base), urls::parse_uri_reference(reference).value(), out))
        throw std::runtime_error("a reference that leads nowhere");
    return std::string(out.buffer());
}

std::string trim(std::string_view text)
{
    const auto first = text.find_first_not_of(' ');
    return first == text.npos ? std::string()
                              : std::string(text.substr(first, text.find_last_not_of(' ') - first + 1));
}

std::string unescape_html(std::string text)
{
    for (const auto& [entity, character] :
         std::map<std::string, std::string>{{"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&#39;", "'"}})
        boost::algorithm::replace_all(text, entity, character);
    boost::algorithm::replace_all(text, "&amp;", "&");
    return text;
}

/// The value of an attribute in a tag as these servers write it: in double quotes.
std::string attribute(std::string_view tag, std::string_view name)
{
    const std::string start = ' ' + std::string(name) + "=\"";
    const auto at = tag.find(start);
    if (at == tag.npos)
        return {};
    const auto value = at + start.size();
    return unescape_html(std::string(tag.substr(value, tag.find('"', value) - value)));
}

/// From the next `<name ` on to the end of that tag; advances the text.
std::optional<std::string_view> next_tag(std::string_view& text, std::string_view name)
{
    const auto at = text.find('<' + std::string(name) + ' ');
    if (at == text.npos)
        return std::nullopt;
    const auto end = text.find('>', at);
    const std::string_view out = text.substr(at, end - at);
    text.remove_prefix(std::min(text.size(), end));
    return out;
}

void append(std::string& form, std::string_view name, std::string_view value)
{
    if (!form.empty())
        form += '&';
    form += urls::encode(name, urls::unreserved_chars);
    form += '=';
    form += urls::encode(value, urls::unreserved_chars);
}

template <class Stream>
http::response<http::string_body> round_trip(Stream& stream, const http::request<http::string_body>& request)
{
    http::write(stream, request);
    boost::beast::flat_buffer buffer;
    http::response<http::string_body> response;
    http::read(stream, buffer, response);
    return response;
}

} // namespace

std::string web_page::parameters() const
{
    if (method == "POST")
        return request_body;
    return std::string(parse(url).encoded_query());
}

std::string parameter_of(std::string_view encoded, std::string_view name)
{
    const auto query = urls::parse_query(encoded).value();
    for (const auto each : query)
        if (each.key.decode() == name)
            return each.value.decode();
    return {};
}

std::string with_parameter(std::string_view encoded, std::string_view name, std::string_view value)
{
    std::string out;
    const auto query = urls::parse_query(encoded).value();
    for (const auto each : query)
        append(out, each.key.decode(), each.key.decode() == name ? std::string(value) : each.value.decode());
    return out;
}

std::string without_parameter(std::string_view encoded, std::string_view name)
{
    const auto start = encoded.find('?') == encoded.npos ? 0 : encoded.find('?') + 1;
    std::string out;
    const auto query = urls::parse_query(encoded.substr(start)).value();
    for (const auto each : query)
        if (each.key.decode() != name)
            append(out, each.key.decode(), each.value.decode());
    return std::string(encoded.substr(0, start)) + out;
}

web_browser::web_browser(const std::string& authorities_pem) : tls_(asio::ssl::context::tls_client)
{
    tls_.set_verify_mode(asio::ssl::verify_peer);
    tls_.add_certificate_authority(asio::buffer(authorities_pem));
}

web_page web_browser::get(const std::string& url, const std::string& from)
{
    web_page asked;
    asked.url = url;
    asked.method = "GET";
    return request(asked, from);
}

web_page web_browser::post(const std::string& url, const std::string& body, const std::string& from)
{
    web_page asked;
    asked.url = url;
    asked.method = "POST";
    asked.request_body = body;
    return request(asked, from);
}

web_page web_browser::walk(const std::string& url, std::string_view stop_at, decision decided)
{
    web_page first;
    first.url = url;
    first.method = "GET";
    return walk_on(std::move(first), {}, stop_at, decided);
}

web_page web_browser::walk_from_form(const std::string& page, const std::string& action,
                                     const std::string& body, std::string_view stop_at)
{
    web_page first;
    first.url = action;
    first.method = "POST";
    first.request_body = body;
    return walk_on(std::move(first), page, stop_at, decision::agree);
}

web_page web_browser::walk_on(web_page next, std::string from, std::string_view stop_at, decision decided)
{
    for (int step = 0; step < 20; ++step) {
        if (next.url.starts_with(stop_at))
            return next;
        const web_page page = request(next, from);
        from = page.url;
        next = next_of(page, decided);
        if (next.url.empty())
            return page;
    }
    throw std::runtime_error("the browser goes round in circles");
}

/// What a person does with a page; an empty page if there is nothing to do.
web_page web_browser::next_of(const web_page& page, decision decided) const
{
    web_page next;
    next.method = "GET";
    if (!page.location.empty()) {
        next.url = page.location;
        return next;
    }
    if (!page.content_type.starts_with("text/html"))
        return {};
    std::string_view text = page.body;
    if (decided == decision::cancel) {
        while (const auto link = next_tag(text, "a"))
            if (attribute(*link, "href").ends_with("/abort")) {
                next.url = absolute(page.url, attribute(*link, "href"));
                return next;
            }
        text = page.body;
    }
    const auto form = next_tag(text, "form");
    if (!form)
        return {};
    next.method = "POST";
    next.url = absolute(page.url, attribute(*form, "action"));
    std::string_view rest = page.body;
    text = text.substr(0, text.find("</form>"));
    while (const auto input = next_tag(text, "input")) {
        const std::string type = attribute(*input, "type");
        const std::string typed = type == "text" ? user_name : type == "password" ? "anything" : "";
        append(next.request_body, attribute(*input, "name"),
               type == "hidden" ? attribute(*input, "value") : typed);
    }
    // Who agrees presses the first button that says so to the server, wherever on the page it stands.
    while (decided == decision::agree) {
        const auto button = next_tag(rest, "button");
        if (!button)
            break;
        if (attribute(*button, "name").empty() || attribute(*button, "form") != attribute(*form, "id"))
            continue;
        append(next.request_body, attribute(*button, "name"), attribute(*button, "value"));
        break;
    }
    return next;
}

web_page web_browser::request(web_page asked, const std::string& from)
{
    const urls::url url = parse(asked.url);
    http::request<http::string_body> request(asked.method == "POST" ? http::verb::post : http::verb::get,
                                             std::string(url.encoded_target()), 11);
    request.set(http::field::host, std::string(url.encoded_host_and_port()));
    request.set(http::field::connection, "close");
    request.set(http::field::accept, accept_);
    const std::string cookies = cookies_for(asked, from);
    if (!cookies.empty())
        request.set(http::field::cookie, cookies);
    if (asked.method == "POST") {
        if (!from.empty())
            request.set(http::field::origin, std::string(parse(from).encoded_origin()));
        request.set(http::field::content_type, "application/x-www-form-urlencoded");
        request.body() = asked.request_body;
    }
    request.prepare_payload();

    const bool https = url.scheme() == "https";
    asio::io_context context;
    asio::ssl::stream<tcp::socket> stream(context, tls_);
    stream.next_layer().connect({asio::ip::make_address(url.host()), url.port_number()});
    http::response<http::string_body> response;
    if (https) {
        stream.set_verify_callback(asio::ssl::host_name_verification(url.host()));
        stream.handshake(asio::ssl::stream_base::client);
        response = round_trip(stream, request);
    } else {
        response = round_trip(stream.next_layer(), request);
    }

    const auto set = response.equal_range(http::field::set_cookie);
    for (auto each = set.first; each != set.second; ++each)
        keep_cookie(each->value(), url.host(), https);
    asked.status = response.result_int();
    asked.content_type = std::string(response[http::field::content_type]);
    asked.body = response.body();
    if (asked.status / 100 == 3)
        asked.location = absolute(asked.url, response[http::field::location]);
    return asked;
}

void web_browser::keep_cookie(std::string_view text, const std::string& host, bool https)
{
    std::string name;
    cookie made;
    made.path = "/";
    bool gone = false;
    for (bool first = true; !text.empty(); first = false) {
        const std::string_view part = text.substr(0, text.find(';'));
        text.remove_prefix(std::min(text.size(), part.size() + 1));
        const auto equals = std::min(part.find('='), part.size());
        const std::string key = trim(part.substr(0, equals));
        const std::string value = equals < part.size() ? trim(part.substr(equals + 1)) : std::string();
        if (first) {
            name = key;
            made.value = value;
        } else if (boost::algorithm::iequals(key, "path")) {
            made.path = value;
        } else if (boost::algorithm::iequals(key, "secure")) {
            made.secure = true;
        } else if (boost::algorithm::iequals(key, "samesite")) {
            made.same_site = boost::algorithm::to_lower_copy(value);
        } else if (boost::algorithm::iequals(key, "max-age")) {
            gone = gone || std::stol(value) <= 0;
        } else if (boost::algorithm::iequals(key, "expires")) {
            gone = gone || value.find(" 1970 ") != value.npos;
        } else if (boost::algorithm::iequals(key, "domain")) {
            return; // none of these servers has a reason to
        }
    }
    // As browsers have it (RFC 6265bis 5.7).
    if ((made.secure && !https) || (made.same_site == "none" && !made.secure) ||
        (name.starts_with("__Host-") && !(made.secure && made.path == "/")))
        return;
    cookies_.erase({host, name});
    if (!gone)
        cookies_.emplace(std::make_pair(host, name), made);
}

std::string web_browser::cookies_for(const web_page& asked, const std::string& from) const
{
    const urls::url url = parse(asked.url);
    const std::string path(url.encoded_path());
    const bool cross_site = !from.empty() && site_of(from) != site_of(asked.url);
    std::string out;
    for (const auto& [key, each] : cookies_) {
        const bool below =
            path == each.path || path.starts_with(each.path.ends_with('/') ? each.path : each.path + '/');
        const bool withheld =
            cross_site && (each.same_site == "strict" || (each.same_site == "lax" && asked.method == "POST"));
        if (key.first != url.host() || !below || withheld || (each.secure && url.scheme() != "https"))
            continue;
        out += (out.empty() ? "" : "; ") + key.second + '=' + each.value;
    }
    return out;
}

std::string web_browser::cookies() const
{
    std::string out;
    for (const auto& [key, each] : cookies_)
        out += key.second + '=' + each.value + '\n';
    return out;
}

} // namespace coauth_test
