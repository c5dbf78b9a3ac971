#ifndef COAUTH_IMPL_PROTOCOL_FORM_IPP
#define COAUTH_IMPL_PROTOCOL_FORM_IPP

#include <coauth/protocol/form.hpp>

#include <boost/url/encode.hpp>
#include <boost/url/grammar/alnum_chars.hpp>
#include <boost/url/grammar/lut_chars.hpp>
#include <boost/url/grammar/string_token.hpp>
#include <boost/url/parse_query.hpp>
#include <boost/url/pct_string_view.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace coauth::inline COAUTH_MODE::detail {

// What the form-encoding of the URL standard leaves alone. Some servers do not decode credentials, so nothing
// is escaped without need.
inline constexpr boost::urls::grammar::lut_chars form_chars =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._*";

inline constexpr std::array<bool, 256> is_form_char = [] {
    std::array<bool, 256> out{};
    for (std::size_t i = 0; i < out.size(); ++i)
        out[i] = form_chars(static_cast<unsigned char>(i));
    return out;
}();

template <class Container>
void append_encoded_to(Container& out, std::string_view value)
{
    const auto is_plain = [](char c) { return is_form_char[static_cast<unsigned char>(c)]; };
    const char* const end = value.data() + value.size();
    for (const char* done = value.data(); done != end;) {
        const std::size_t before = out.size();
        const char* const plain = done; // most are as they stand
        done = std::find_if_not(plain, end, is_plain);
        const auto copied = static_cast<std::size_t>(done - plain);
        const char* const escaped = done;
        done = std::find_if(escaped, end, is_plain);
        const auto size = static_cast<std::size_t>(done - escaped);
        out.resize(before + copied + size * 3);
        std::copy(plain, escaped, out.data() + before);
        if (size != 0)
            boost::urls::encode(out.data() + before + copied, size * 3, {escaped, size}, form_chars);
    }
}

template <class Container>
void append_parameter_to(Container& out, std::string_view name, std::string_view value)
{
    if (!out.empty() && out.back() != '&' && out.back() != '?')
        out.push_back('&');
    append_encoded_to(out, name);
    out.push_back('=');
    append_encoded_to(out, value);
}

COAUTH_DECL void append_form_parameter(std::string& out, std::string_view name, std::string_view value)
{
    append_parameter_to(out, name, value);
}

COAUTH_DECL void append_form_parameter(secure_bytes& out, std::string_view name, std::string_view value)
{
    append_parameter_to(out, name, value);
}

COAUTH_DECL void append_form_encoded(std::string& out, std::string_view value)
{
    append_encoded_to(out, value);
}

COAUTH_DECL void append_form_encoded(secure_bytes& out, std::string_view value)
{
    append_encoded_to(out, value);
}

/// Where Boost.URL decodes to: what it offers itself makes a string, which is not wiped.
class decoding_target final : public boost::urls::string_token::arg {
public:
    using result_type = void;

    explicit decoding_target(char* out) noexcept : out_(out) {}
    char* prepare(std::size_t) override { return out_; }
    void result() noexcept {}

private:
    char* out_;
};

/// @tparam Container a vector or string
template <class Container>
Container decoded(boost::urls::pct_string_view text)
{
    Container out;
    out.resize(text.decoded_size());
    if (out.size() == text.size() && text.find('+') == text.npos) { // nothing is escaped
        std::copy(text.begin(), text.end(), out.begin());
        return out;
    }
    boost::urls::encoding_opts options;
    options.space_as_plus = true;
    text.decode(options, decoding_target(out.data()));
    return out;
}

COAUTH_LAZY_DECL result<std::vector<form_field>> parse_form(std::string_view text, const limits& bounds,
                                                            std::span<const std::string_view> only)
{
    if (text.size() > bounds.callback_bytes)
        return errc::callback_too_large;
    std::size_t parameters = 1;
    for (auto at = text.find('&'); at != text.npos; at = text.find('&', at + 1))
        ++parameters;
    if (parameters > bounds.callback_parameters)
        return errc::callback_too_large;
    // What Boost.URL 1.81 returns ends at the next NUL or `&`, wherever the text ends.
    secure_bytes terminated;
    terminated.reserve(text.size() + 1);
    append_text(terminated, text);
    terminated.push_back('\0');
    const auto query = boost::urls::parse_query({terminated.data(), text.size()});
    if (query.has_error())
        return errc::malformed_callback;
    std::vector<form_field> out;
    out.reserve(only.empty() ? query->size() : std::min(query->size(), only.size()));
    for (const auto& param : *query) {
        auto name = decoded<std::string>(param.key);
        if (only.empty() || std::find(only.begin(), only.end(), name) != only.end())
            out.push_back({std::move(name), secret(decoded<secure_bytes>(param.value))});
    }
    return out;
}

} // namespace coauth::inline COAUTH_MODE::detail

#endif
