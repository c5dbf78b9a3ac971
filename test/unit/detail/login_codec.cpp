#include <coauth/detail/login_codec.hpp>

#include "../policy/logins.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

namespace {

using namespace coauth;
using namespace coauth::test;

/// What is sealed must be opened before it is read.
result<pending_login> read(std::string_view bytes)
{
    static const seal_key_ring ring = seal_key_ring::generate().value();
    const detail::seal_binding binding("a test");
    const auto sealed = detail::seal(ring, bytes, binding).value();
    const auto opened = detail::open_seal(ring, {sealed.data(), sealed.size()}, binding);
    return detail::decode_login(opened.value());
}

std::string written(const pending_login& login)
{
    const auto bytes = detail::encode_login(login);
    return {bytes.begin(), bytes.end()};
}

BOOST_AUTO_TEST_SUITE(detail_login_codec)

BOOST_AUTO_TEST_CASE(everything_comes_back)
{
    for (const auto mode : {response_mode::query, response_mode::form_post})
        for (const std::optional<std::chrono::seconds> age :
             {std::optional<std::chrono::seconds>(), std::optional(std::chrono::seconds(0)),
              std::optional(std::chrono::seconds(86'400))}) {
            const pending_login login(numbered(1), numbered(2), numbered(3), numbered(4), 0xfedcba9876543210u,
                                      mode, "openid email", std::string_view("data\0of any kind", 16), age,
                                      "gold silver");
            const auto found = read(written(login));
            BOOST_REQUIRE(found);
            BOOST_TEST(found->state().equals(login.state()));
            BOOST_TEST(found->browser_binding().equals(login.browser_binding()));
            BOOST_TEST(found->nonce().equals(login.nonce()));
            BOOST_TEST(found->code_verifier().equals(login.code_verifier()));
            BOOST_TEST(found->client_tag() == login.client_tag());
            BOOST_TEST((found->response_mode() == mode));
            BOOST_TEST(found->scope() == "openid email");
            BOOST_TEST(found->application_data() == std::string_view("data\0of any kind", 16));
            BOOST_TEST((found->max_age() == age));
            BOOST_TEST(found->required_acr_values() == "gold silver");
        }
}

BOOST_AUTO_TEST_CASE(cut_off_anywhere_or_with_more_behind)
{
    const std::string whole = written(numbered_login(1, 2, "some data"));
    BOOST_REQUIRE(read(whole));
    for (std::size_t size = 0; size < whole.size(); ++size)
        BOOST_TEST((read(whole.substr(0, size)).error() == errc::seal_broken));
    BOOST_TEST((read(whole + 'x').error() == errc::seal_broken));
}

BOOST_AUTO_TEST_CASE(other_versions_and_values_out_of_range)
{
    const std::string whole = written(numbered_login(1, 2));
    for (const char version : {'\0', '\2', '\xff'}) {
        std::string other = whole;
        other[0] = version;
        BOOST_TEST((read(other).error() == errc::seal_broken));
    }
    constexpr std::size_t mode_at = 1 + 4 * random_value::size_bytes + 8;
    std::string other = whole;
    other[mode_at] = '\2';
    BOOST_TEST((read(other).error() == errc::seal_broken));
    other = whole;
    other[mode_at + 1] = '\x80'; // an age of more than 2^63 seconds
    BOOST_TEST((read(other).error() == errc::seal_broken));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
