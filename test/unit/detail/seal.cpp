#include <coauth/detail/seal.hpp>

#include "../expect.hpp"
#include "../policy/logins.hpp"

#include <openssl/err.h>

#include <boost/test/unit_test.hpp>

#include <set>
#include <vector>

namespace {

using namespace coauth;
using namespace coauth::test;
using detail::open_seal;
using detail::seal;
using detail::seal_binding;

seal_key_ring ring_of(std::initializer_list<std::uint64_t> numbers)
{
    std::vector<random_value> keys;
    for (const std::uint64_t number : numbers)
        keys.push_back(numbered(number));
    return seal_key_ring::make(keys).value();
}

std::string sealed(const seal_key_ring& ring, std::string_view content, const seal_binding& binding)
{
    const auto out = seal(ring, content, binding).value();
    return {out.begin(), out.end()};
}

/// The content, or the error's name.
std::string opened(const seal_key_ring& ring, std::string_view text, const seal_binding& binding)
{
    const auto out = open_seal(ring, text, binding);
    return out ? std::string(out->content()) : out.error().qualified_name();
}

const seal_binding purpose("a test");
constexpr std::string_view broken = "coauth.client:seal_broken";

} // namespace

BOOST_AUTO_TEST_SUITE(detail_seal)

BOOST_AUTO_TEST_CASE(what_was_sealed_is_opened)
{
    const auto ring = ring_of({1});
    for (const std::string& content :
         {std::string(), std::string("x"), all_bytes(), std::string(100'000, 'y')}) {
        const std::string text = sealed(ring, content, purpose);
        BOOST_TEST(text.size() == content.size() + detail::seal_overhead);
        BOOST_TEST(opened(ring, text, purpose) == content);
        BOOST_TEST((content.size() < 2 || !contains(text, content)));
    }
}

BOOST_AUTO_TEST_CASE(every_bit_counts)
{
    const auto ring = ring_of({1, 2});
    const std::string text = sealed(ring, "content", purpose);
    for (std::size_t bit = 0; bit < text.size() * 8; ++bit) {
        std::string changed = text;
        changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ 1 << bit % 8);
        BOOST_TEST(opened(ring, changed, purpose) == broken, bit);
    }
}

BOOST_AUTO_TEST_CASE(every_length_counts)
{
    const auto ring = ring_of({1});
    const std::string text = sealed(ring, "content", purpose);
    for (std::size_t size = 0; size < text.size(); ++size) {
        BOOST_TEST(opened(ring, text.substr(0, size), purpose) == broken, size);
        BOOST_TEST(opened(ring, text.substr(text.size() - size), purpose) == broken, size);
    }
    for (const char c : {'\0', 'x'})
        BOOST_TEST(opened(ring, text + c, purpose) == broken);
    BOOST_TEST(opened(ring, text + text, purpose) == broken);
    BOOST_TEST(opened(ring, std::string(1000, '\1'), purpose) == broken);
}

BOOST_AUTO_TEST_CASE(what_it_is_bound_to_counts)
{
    const auto ring = ring_of({1});
    const auto bound = [](std::string_view label, std::initializer_list<std::string_view> parts) {
        seal_binding out(label);
        for (const std::string_view part : parts)
            out.add(part);
        return out;
    };
    const std::string text = sealed(ring, "content", bound("label", {"issuer", "key"}));
    BOOST_TEST(opened(ring, text, bound("label", {"issuer", "key"})) == "content");
    for (const auto& other :
         {bound("label", {"issuer"}), bound("label", {"issuer", "kez"}), bound("label", {"issue", "rkey"}),
          bound("label", {"issuerkey"}), bound("label", {"issuerkey", ""}), bound("label", {"key", "issuer"}),
          bound("label", {"issuer", "key", ""}), bound("labe", {"lissuer", "key"}), bound("", {}),
          bound("other", {"issuer", "key"})})
        BOOST_TEST(opened(ring, text, other) == broken);
}

BOOST_AUTO_TEST_CASE(rings)
{
    const std::string old_text = sealed(ring_of({1}), "old", purpose);
    const std::string new_text = sealed(ring_of({2, 1}), "new", purpose);
    BOOST_TEST(opened(ring_of({2}), old_text, purpose) == broken);
    BOOST_TEST(opened(ring_of({1}), new_text, purpose) == broken); // the first seals
    for (const auto& ring : {ring_of({1, 2}), ring_of({2, 1}), ring_of({3, 4, 2, 1})}) {
        BOOST_TEST(opened(ring, old_text, purpose) == "old");
        BOOST_TEST(opened(ring, new_text, purpose) == "new");
    }
    // A key's identifier is of no use without the key.
    std::string disguised = old_text;
    const std::string other = sealed(ring_of({2}), "old", purpose);
    disguised.replace(1, 8, other, 1, 8);
    BOOST_TEST(opened(ring_of({1, 2}), disguised, purpose) == broken);
}

BOOST_AUTO_TEST_CASE(CR10_no_nonce_comes_twice)
{
    const auto ring = ring_of({1});
    std::set<std::string> nonces;
    std::set<std::string> texts;
    for (int i = 0; i < 20'000; ++i) {
        const std::string text = sealed(ring, "always the same", purpose);
        nonces.insert(text.substr(9, 12));
        texts.insert(text.substr(21));
    }
    BOOST_TEST(nonces.size() == 20'000u);
    BOOST_TEST(texts.size() == 20'000u);
    // And all of its bits are in use.
    for (std::size_t bit = 0; bit < 96; ++bit) {
        std::size_t set = 0;
        for (const std::string& nonce : nonces)
            set += static_cast<unsigned char>(nonce[bit / 8]) >> bit % 8 & 1u;
        BOOST_TEST((set > 9'000 && set < 11'000), bit << ": " << set);
    }
}

BOOST_AUTO_TEST_CASE(CR4_errors_do_not_stay_in_the_queue)
{
    const auto ring = ring_of({1});
    std::string text = sealed(ring, "content", purpose);
    text.back() = static_cast<char>(text.back() ^ 1);
    BOOST_TEST(opened(ring, text, purpose) == broken);
    BOOST_TEST(ERR_peek_error() == 0u);
    ERR_raise(ERR_LIB_USER, 1); // somebody else's stays
    BOOST_TEST(opened(ring, text, purpose) == broken);
    BOOST_TEST(ERR_peek_error() != 0u);
    ERR_clear_error();
}

BOOST_AUTO_TEST_CASE(more_than_is_sealed_at_once)
{
    const auto ring = ring_of({1});
    BOOST_TEST(outcome_name(seal(ring, std::string(detail::largest_sealed, 'x'), purpose)) == "ok");
    BOOST_TEST(outcome_name(seal(ring, std::string(detail::largest_sealed + 1, 'x'), purpose)) ==
               "coauth.client:sealed_data_too_large");
}

BOOST_AUTO_TEST_SUITE_END()
