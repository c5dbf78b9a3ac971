#ifndef COAUTH_IMPL_TESTING_PAGE_IPP
#define COAUTH_IMPL_TESTING_PAGE_IPP

#include <coauth/detail/sha256.hpp>
#include <coauth/testing/page.hpp>

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include <openssl/evp.h>

#include <array>

namespace coauth::inline COAUTH_MODE::testing {
namespace detail {

// One accent colour, system fonts; in both schemes a contrast of 4.5 for text and 3 for borders of controls.
inline constexpr std::string_view page_stylesheet = R"css(
:root {
  color-scheme: light dark;
  --ground: #f5f4f0; --card: #ffffff; --ink: #1c212b; --quiet: #5b6371; --line: #e2e0d9;
  --control: #848a96; --accent: #2c4bbd; --accent-deep: #213a99; --on-accent: #ffffff; --tint: #eef1fc;
  --good: #17613a; --good-tint: #e8f4ec; --bad: #a3231a; --bad-tint: #fcefed;
  --shadow: 0 1px 2px rgb(28 33 43 / .05), 0 12px 32px -12px rgb(28 33 43 / .14);
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #121419; --card: #1b1e25; --ink: #e8e9ed; --quiet: #a4aab7; --line: #2e323c;
    --control: #737a89; --accent: #9db1ff; --accent-deep: #bccaff; --on-accent: #10163a; --tint: #222943;
    --good: #8fd6ad; --good-tint: #17291f; --bad: #ff9d92; --bad-tint: #341c1a;
    --shadow: 0 0 0 1px #262a33;
  }
}
*, ::before, ::after { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0; min-height: 100vh; min-height: 100dvh; display: grid;
  grid-template: auto 1fr auto / minmax(0, 1fr);
  background: var(--ground); color: var(--ink);
  font: 400 1rem/1.6 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", sans-serif;
  overflow-wrap: break-word;
}
body > header, body > footer { width: 100%; max-width: 62rem; margin: 0 auto; padding: 1.25rem 1.5rem; }
body > header { display: flex; align-items: center; gap: .75rem; min-height: 4.5rem; }
body > header .site { margin: 0; font-weight: 600; letter-spacing: -.01em; display: flex; align-items: center; gap: .6rem; }
body > header .site::before { content: ""; width: .9rem; height: .9rem; border-radius: 50%; border: .28rem solid var(--accent); }
body > header .aside { margin-left: auto; display: flex; align-items: baseline; gap: 1rem; }
body > header .aside > * { margin: 0; }
body > header .aside form { display: flex; }
body > footer { color: var(--quiet); font-size: .875rem; text-align: center; }
main {
  width: calc(100% - 2rem); max-width: 27rem; margin: clamp(0rem, 6vh, 4rem) auto 2rem; align-self: start;
  padding: clamp(1.5rem, 5vw, 2.5rem); background: var(--card); border-radius: 1rem; box-shadow: var(--shadow);
}
main.wide { max-width: 46rem; }
main > :first-child { margin-top: 0; }
main > :last-child { margin-bottom: 0; }
h1 { margin: 0 0 .5rem; font-size: 1.75rem; line-height: 1.2; font-weight: 650; letter-spacing: -.022em; text-wrap: balance; }
h2 { margin: 2rem 0 .5rem; font-size: 1.0625rem; line-height: 1.4; font-weight: 600; }
p { margin: 0 0 1rem; text-wrap: pretty; }
.lead { font-size: 1.0625rem; color: var(--quiet); margin-bottom: 1.5rem; }
.lead strong, .quiet strong { color: var(--ink); font-weight: 600; }
.quiet { color: var(--quiet); font-size: .9375rem; margin-bottom: .5rem; }
.actions + .after, form + form .after { margin-top: 1.75rem; }
a { color: var(--accent); text-underline-offset: .2em; text-decoration-thickness: .07em; }
a:hover { color: var(--accent-deep); text-decoration-thickness: .14em; }
code, pre { font-family: ui-monospace, "SF Mono", "Cascadia Code", Menlo, Consolas, monospace; font-size: .875em; }
pre {
  margin: 0 0 1rem; padding: 1rem; overflow-x: auto; line-height: 1.5; border-radius: .625rem;
  white-space: pre-wrap; overflow-wrap: anywhere; background: var(--ground); border: 1px solid var(--line);
}
.notice { margin: 0 0 1.5rem; padding: .75rem 1rem; border-radius: .625rem; background: var(--tint); font-size: .9375rem; }
.notice p { margin: 0; }
.notice.good { background: var(--good-tint); color: var(--good); }
.notice.bad { background: var(--bad-tint); color: var(--bad); }
form { margin: 0; }
form > :last-child { margin-bottom: 0; }
.field { margin: 0 0 1.25rem; }
.field label { display: block; margin-bottom: .375rem; font-weight: 550; font-size: .9375rem; }
.field input {
  width: 100%; min-height: 2.875rem; padding: .5rem .75rem; font: inherit; color: inherit;
  background: var(--card); border: 1px solid var(--control); border-radius: .625rem;
}
.field input[aria-invalid=true] { border-color: var(--bad); box-shadow: inset 0 0 0 1px var(--bad); }
.actions { display: flex; flex-wrap: wrap; gap: .75rem; margin-top: 1.75rem; }
.actions form { flex: 1 1 8rem; display: flex; }
button, .button {
  flex: 1 1 8rem; min-height: 2.875rem; padding: .5rem 1.25rem; font: inherit; font-weight: 600; line-height: 1.4;
  display: inline-flex; align-items: center; justify-content: center; text-align: center; text-decoration: none;
  color: var(--on-accent); background: var(--accent); border: 1px solid transparent; border-radius: .625rem;
  cursor: pointer;
}
button:hover, .button:hover { background: var(--accent-deep); color: var(--on-accent); }
button.secondary, .button.secondary { background: transparent; color: var(--ink); border-color: var(--control); font-weight: 550; }
button.secondary:hover, .button.secondary:hover { background: var(--tint); color: var(--ink); }
button.plain {
  flex: none; min-height: 1.5rem; padding: 0; background: none; border: 0; color: var(--accent); font-weight: inherit;
  font-size: inherit; text-decoration: underline; text-underline-offset: .2em; text-decoration-thickness: .07em;
}
button.plain:hover { color: var(--accent-deep); text-decoration-thickness: .14em; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.scopes { list-style: none; margin: 0 0 1.5rem; padding: 0; border-top: 1px solid var(--line); }
.scopes li { display: flex; gap: .875rem; align-items: baseline; padding: .75rem 0; border-bottom: 1px solid var(--line); }
.scopes li::before {
  content: ""; flex: none; width: .4rem; height: .75rem; margin: 0 .25rem; border: solid var(--accent);
  border-width: 0 .14rem .14rem 0; transform: translateY(-.06rem) rotate(42deg);
}
.scopes code { margin-left: auto; color: var(--quiet); white-space: nowrap; }
.facts { margin: 0 0 1.5rem; display: grid; grid-template-columns: minmax(11.5rem, max-content) 1fr; }
.facts dt, .facts dd { margin: 0; padding: .625rem 0; border-top: 1px solid var(--line); min-width: 0; overflow-wrap: anywhere; }
.facts dt { padding-right: 1.5rem; color: var(--quiet); }
.account { display: flex; flex-wrap: wrap; justify-content: space-between; gap: .25rem 1rem; margin: 0 0 1.5rem; }
.account p { margin: 0; }
@media (max-width: 30rem) {
  body { background: var(--card); }
  body > header, body > footer { padding: 1rem 1.25rem; }
  body > header { min-height: 3.5rem; }
  main { width: 100%; margin: 0; padding: 1rem 1.25rem 2rem; border-radius: 0; box-shadow: none; }
  .facts { grid-template-columns: 1fr; }
  .facts dd { border-top: 0; padding-top: 0; }
  .facts dt { padding-bottom: 0; }
  .scopes li { flex-wrap: wrap; row-gap: 0; }
  .scopes li span { flex: 1; }
  .scopes code { flex-basis: 100%; margin-left: 1.775rem; }
}
@media (prefers-contrast: more) { :root { --quiet: var(--ink); --line: var(--ink); --control: var(--ink); } }
@media (forced-colors: active) { main, button, .button, .notice { border: 1px solid; } }
)css";

/// CSP3 2.3.1: 'sha256-' and the hash in base64, of exactly what stands in the style element.
inline std::string stylesheet_source()
{
    const auto digest = coauth::detail::sha256(page_stylesheet);
    if (!digest)
        return "'none'";
    std::array<unsigned char, 45> text; // 44 characters and a NUL
    const int size = EVP_EncodeBlock(text.data(), digest->data(), static_cast<int>(digest->size()));
    return "'sha256-" +
           std::string(reinterpret_cast<const char*>(text.data()), static_cast<std::size_t>(size)) + "'";
}

/// How a content security policy names where a URL leads, after a space; empty if it cannot.
inline std::string policy_source(std::string_view url)
{
    const auto parsed = boost::urls::parse_uri(url);
    if (!parsed)
        return {};
    const std::string scheme(parsed->scheme());
    const std::string host(parsed->encoded_host().data(), parsed->encoded_host().size());
    // CSP3 2.3.1: a host-source has letters, digits, '-' and '.' only, so an IPv6 address cannot be named,
    // nor can the authority of other schemes.
    constexpr std::string_view host_characters =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.";
    const bool nameable = (scheme == "http" || scheme == "https") && !host.empty() &&
                          host.find_first_not_of(host_characters) == std::string::npos;
    std::string out = ' ' + scheme + ':';
    if (nameable) {
        out += "//" + host;
        if (parsed->has_port())
            out += ':' + std::string(parsed->port().data(), parsed->port().size());
    }
    return out;
}

} // namespace detail

COAUTH_DECL std::string html_escape(std::string_view text)
{
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        switch (c) {
        case '&':
            out += "&amp;";
            break;
        case '<':
            out += "&lt;";
            break;
        case '>':
            out += "&gt;";
            break;
        case '"':
            out += "&quot;";
            break;
        case '\'':
            out += "&#39;";
            break;
        case '\0':
            out += "\xef\xbf\xbd";
            break; // not allowed in HTML, also not as a reference
        default:
            out += c;
        }
    }
    return out;
}

COAUTH_DECL std::string_view page::stylesheet() noexcept { return detail::page_stylesheet; }

COAUTH_DECL page& page::add_form_target(std::string_view url)
{
    form_targets_ += detail::policy_source(url);
    return *this;
}

COAUTH_DECL page& page::add_frame(std::string_view url)
{
    frame_sources_ += detail::policy_source(url);
    return add("<iframe src=\"" + html_escape(url) + "\" hidden></iframe>\n");
}

COAUTH_DECL std::string page::html() const
{
    std::string out = "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>";
    out += html_escape(title_);
    if (!site_name_.empty())
        out += " \xc2\xb7 " + html_escape(site_name_);
    out += "</title>\n<style>";
    out += detail::page_stylesheet;
    out += "</style>\n</head>\n<body>\n<header>\n<p class=\"site\">" + html_escape(site_name_) + "</p>\n";
    if (!aside_.empty())
        out += "<div class=\"aside\">" + aside_ + "</div>\n";
    out += wide_ ? "</header>\n<main class=\"wide\">\n" : "</header>\n<main>\n";
    out += content_;
    out += "</main>\n<footer>\n" + html_escape(footer_) + "\n</footer>\n</body>\n</html>\n";
    return out;
}

COAUTH_DECL std::vector<http_field> page::fields() const
{
    static const std::string style = detail::stylesheet_source();
    const std::string frames = frame_sources_.empty() ? std::string() : "; frame-src" + frame_sources_;
    return {
        {"Content-Type", "text/html; charset=utf-8"},
        {"Content-Security-Policy", "default-src 'none'; style-src " + style + "; form-action 'self'" +
                                        form_targets_ + frames + "; frame-ancestors 'none'; base-uri 'none'"},
        {"Referrer-Policy", "no-referrer"},
        {"X-Content-Type-Options", "nosniff"},
        {"Cache-Control", "no-store"},
    };
}

} // namespace coauth::inline COAUTH_MODE::testing

#endif
