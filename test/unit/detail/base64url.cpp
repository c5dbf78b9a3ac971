#include <coauth/detail/base64url.hpp>

#include "../expect.hpp"

#include <boost/test/unit_test.hpp>

#include <optional>

namespace {

using namespace coauth::detail;
using coauth::test::bytes;

std::string encode(std::string_view text)
{
    std::string out(base64url_encoded_size(text.size()), '#');
    base64url_encode({reinterpret_cast<const unsigned char*>(text.data()), text.size()}, out.data());
    return out;
}

std::optional<std::string> decode(std::string_view text)
{
    std::string out(base64url_decoded_size(text.size()) + 1, '#');
    const bool good = base64url_decode(text, reinterpret_cast<unsigned char*>(out.data()));
    BOOST_TEST(out.back() == '#'); // never a byte too many
    out.pop_back();
    return good ? std::optional(out) : std::nullopt;
}

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

} // namespace

BOOST_AUTO_TEST_SUITE(detail_base64url)

static_assert(base64url_encoded_size(0) == 0 && base64url_encoded_size(1) == 2 &&
              base64url_encoded_size(2) == 3 && base64url_encoded_size(3) == 4 &&
              base64url_encoded_size(32) == 43);
static_assert(base64url_decoded_size(0) == 0 && base64url_decoded_size(2) == 1 &&
              base64url_decoded_size(3) == 2 && base64url_decoded_size(4) == 3 &&
              base64url_decoded_size(43) == 32);

BOOST_AUTO_TEST_CASE(the_vectors_of_RFC_4648_section_10_without_padding)
{
    const std::pair<std::string_view, std::string_view> vectors[] = {
        {"", ""},           {"f", "Zg"},          {"fo", "Zm8"},         {"foo", "Zm9v"},
        {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}};
    for (const auto& [plain, encoded] : vectors) {
        BOOST_TEST(encode(plain) == encoded);
        BOOST_TEST((decode(encoded) == plain), encoded);
    }
}

BOOST_AUTO_TEST_CASE(the_alphabet_is_that_of_RFC_4648_section_5)
{
    // RFC 7515 Appendix C
    const std::string octets{3, static_cast<char>(236), static_cast<char>(255), static_cast<char>(224),
                             static_cast<char>(193)};
    BOOST_TEST(encode(octets) == "A-z_4ME");
    BOOST_TEST((decode("A-z_4ME") == octets));
    BOOST_TEST(encode("\xfb\xff\xbf") == "-_-_");
    BOOST_TEST(encode(bytes("\0\0\0")) == "AAAA");
}

BOOST_AUTO_TEST_CASE(every_length_and_byte_survives)
{
    for (std::size_t size = 0; size < 70; ++size) {
        std::string text;
        for (std::size_t i = 0; i < size; ++i)
            text += static_cast<char>(i * 37 + size * 91);
        const std::string encoded = encode(text);
        BOOST_TEST(encoded.find_first_not_of(alphabet) == std::string::npos);
        BOOST_TEST((decode(encoded) == text), size);
    }
    const std::string all = coauth::test::all_bytes();
    BOOST_TEST((decode(encode(all)) == all));
}

BOOST_AUTO_TEST_CASE(CR3_foreign_characters_are_refused_wherever_they_are)
{
    for (unsigned i = 0; i < 256; ++i) {
        const char c = static_cast<char>(i);
        for (std::size_t at = 0; at < 4; ++at) {
            std::string text = "AAAA";
            text[at] = c;
            BOOST_TEST(decode(text).has_value() == (alphabet.find(c) != alphabet.npos),
                       "byte " << i << " at " << at);
        }
    }
    for (const std::string_view text : {"Zg==", "Zg=", "Zm8=", "Zm9v\n", "Zm 9v", "Zm+v", "Zm/v", " ", "="})
        BOOST_TEST(!decode(text).has_value(), text);
}

BOOST_AUTO_TEST_CASE(impossible_lengths_are_refused)
{
    for (const std::size_t size : {1, 5, 9, 41, 45})
        BOOST_TEST(!decode(std::string(size, 'A')).has_value(), size);
}

BOOST_AUTO_TEST_CASE(two_texts_never_mean_the_same_bytes)
{
    // Two characters carry a byte and four bits too many, three carry two bytes and two bits.
    int pairs = 0;
    int triples = 0;
    for (const char c : alphabet) {
        pairs += decode(std::string("A") + c).has_value();
        triples += decode(std::string("AA") + c).has_value();
    }
    BOOST_TEST(pairs == 4);
    BOOST_TEST(triples == 16);
    BOOST_TEST(!decode("Zh").has_value());
    BOOST_TEST(!decode("Zm9").has_value());
}

BOOST_AUTO_TEST_SUITE_END()
