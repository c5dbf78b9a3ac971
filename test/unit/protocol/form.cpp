#include <coauth/protocol/form.hpp>

#include "../expect.hpp"
#include "../memory.hpp"

#include <boost/test/unit_test.hpp>

namespace {

using namespace coauth;
using namespace coauth::test;
using namespace coauth::detail;

std::string encoded(std::string_view value)
{
    secure_bytes out;
    append_form_encoded(out, value);
    return {out.begin(), out.end()};
}

/// `name=value;name=value;`, or the error.
std::string parsed(std::string_view text, const limits& bounds = {})
{
    const auto fields = parse_form(text, bounds);
    if (!fields)
        return fields.error().qualified_name();
    std::string out;
    for (const form_field& one : *fields)
        out += one.name + '=' + std::string(one.value.expose()) + ';';
    return out;
}

constexpr std::string_view malformed = "coauth.client:malformed_callback";
constexpr std::string_view too_large = "coauth.client:callback_too_large";

} // namespace

BOOST_AUTO_TEST_SUITE(protocol_form)

BOOST_AUTO_TEST_CASE(AR8_each_byte_is_encoded_or_left)
{
    constexpr std::string_view left = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._*";
    constexpr char digits[] = "0123456789ABCDEF";
    for (unsigned i = 0; i < 256; ++i) {
        const char c = static_cast<char>(i);
        const std::string expected =
            left.find(c) != left.npos ? std::string(1, c) : std::string{'%', digits[i / 16], digits[i % 16]};
        BOOST_TEST(encoded(std::string_view(&c, 1)) == expected, i);
    }
}

BOOST_AUTO_TEST_CASE(TE24_the_example_of_RFC_6749_appendix_b)
{
    // A space as %20, where the RFC has +; who decodes forms understands both.
    BOOST_TEST(encoded(" %&+\xc2\xa3\xe2\x82\xac") == "%20%25%26%2B%C2%A3%E2%82%AC");
    BOOST_TEST(encoded("") == "");
}

BOOST_AUTO_TEST_CASE(parameters_are_appended)
{
    const auto after = [](std::string text) {
        append_form_parameter(text, "a b", "c&d=e");
        return text;
    };
    BOOST_TEST(after("") == "a%20b=c%26d%3De");
    BOOST_TEST(after("x=1") == "x=1&a%20b=c%26d%3De");
    BOOST_TEST(after("x=1&") == "x=1&a%20b=c%26d%3De");
    BOOST_TEST(after("https://as.example/?") == "https://as.example/?a%20b=c%26d%3De");
    secure_bytes bytes;
    append_form_parameter(bytes, "code", "x");
    append_form_parameter(bytes, "", "");
    BOOST_TEST(std::string_view(bytes.data(), bytes.size()) == "code=x&=");
}

BOOST_AUTO_TEST_CASE(what_is_written_is_read_again)
{
    const std::string all = all_bytes();
    std::string text;
    append_form_parameter(text, all, all);
    append_form_parameter(text, "b", "");
    BOOST_TEST(parsed(text) == all + '=' + all + ";b=;");
}

BOOST_AUTO_TEST_CASE(a_form_is_read)
{
    BOOST_TEST(parsed("a=b") == "a=b;");
    BOOST_TEST(parsed("a=b&c=d&a=e") == "a=b;c=d;a=e;");
    BOOST_TEST(parsed("a=b+c%20d%2Be") == "a=b c d+e;");
    BOOST_TEST(parsed("a+b=c") == "a b=c;");
    BOOST_TEST(parsed("a=b=c==") == "a=b=c==;");
    BOOST_TEST(parsed("a") == "a=;");
    BOOST_TEST(parsed("a=") == "a=;");
    BOOST_TEST(parsed("=a") == "=a;");
    BOOST_TEST(parsed("%61=%62") == "a=b;");
    BOOST_TEST(parsed("a=%e4%C3%a4") == "a=\xe4\xc3\xa4;");
    BOOST_TEST(parsed("a=%00b") == bytes("a=\0b;"));
    BOOST_TEST(parsed("a=b?c/d:e@f") == "a=b?c/d:e@f;");
    BOOST_TEST(parsed("a=b&&c=d") == "a=b;=;c=d;");
    // A lone & or nothing is nothing of interest, not an error.
    for (const std::string_view text : {"", "&", "&&"})
        BOOST_TEST(parsed(text).find_first_not_of("=;") == std::string::npos, text);
}

BOOST_AUTO_TEST_CASE(DO12_nothing_beyond_the_text_is_read)
{
    constexpr std::string_view text = "a=bcd&e=f HTTP/1.1";
    BOOST_TEST(parsed(text.substr(0, 3)) == "a=b;");
    BOOST_TEST(parsed(text.substr(0, 7)) == "a=bcd;e=;");
    BOOST_TEST(parsed(text.substr(0, 9)) == "a=bcd;e=f;");
    BOOST_TEST(parsed(text.substr(0, 0)) == "");
    // Nor does a sanitizer see that it is.
    const std::string whole(text.substr(0, 9));
    for (std::size_t size = 0; size <= whole.size(); ++size) {
        const std::vector<char> exact(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
        BOOST_TEST(parsed({exact.data(), exact.size()}) == parsed(whole.substr(0, size)));
    }
}

BOOST_AUTO_TEST_CASE(CB19_what_is_no_form_is_refused)
{
    for (const std::string_view text :
         {"a=%", "a=%4", "a=%zz", "a=%4g", "%", "a%=b", "a=b c", "a=\xff", "a=\xc3\xa4", "a=b#c", "a=\"b\"",
          "a=<b>", "a=b\r\nc", "a=\t", "a=\x7f", "a=\\"})
        BOOST_TEST(parsed(text) == malformed, text);
    BOOST_TEST(parsed(bytes("a=b\0")) == malformed);
}

BOOST_AUTO_TEST_CASE(CB19_a_form_beyond_the_limits_is_refused)
{
    const limits bounds;
    BOOST_TEST(parsed("a=" + std::string(bounds.callback_bytes - 2, 'x')).size() ==
               bounds.callback_bytes + 1);
    BOOST_TEST(parsed("a=" + std::string(bounds.callback_bytes - 1, 'x')) == too_large);
    BOOST_TEST(parsed("a=" + std::string(10'000'000, 'x')) == too_large);
    BOOST_TEST(parsed(repeated("a=b&", 63) + "a=b") == repeated("a=b;", 64));
    BOOST_TEST(parsed(repeated("a=b&", 64) + "a=b") == too_large);
    BOOST_TEST(parsed(repeated("a=b&", 64)) == too_large);
    BOOST_TEST(parsed(repeated("&", 64)) == too_large);
    BOOST_TEST(parsed(repeated("a=b&", 100'000)) == too_large);
    limits small;
    small.callback_parameters = 1;
    BOOST_TEST(parsed("a=b", small) == "a=b;");
    BOOST_TEST(parsed("a=b&c=d", small) == too_large);
    small.callback_bytes = 2;
    BOOST_TEST(parsed("a=b", small) == too_large);
    // The size is looked at first: nothing is decoded, and nothing is allocated.
    const std::string hostile = repeated("%41&", 1'000'000);
    const std::size_t before = allocations();
    const auto refused = parse_form(hostile, bounds);
    BOOST_TEST(allocations() == before);
    BOOST_TEST(!refused);
}

BOOST_AUTO_TEST_CASE(LG5_decoded_values_are_wiped)
{
    const std::string value = "SplxlOBeZQQYbYS6WxSbIA-canary-0123456789";
    const std::string text = "code=%53" + value.substr(1) + "&state=" + value;
    const freed_memory_watch watch(value);
    {
        const auto fields = parse_form(text, {});
        BOOST_TEST((*fields)[0].value.expose() == value);
    }
    BOOST_TEST(watch.blocks() > 2u);
    BOOST_TEST(watch.leaks() == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
