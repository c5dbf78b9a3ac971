#include <coauth/policy/random_source.hpp>

#include "../expect.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <climits>
#include <cstdint>
#include <random>
#include <set>
#include <thread>

#include <sys/wait.h>
#include <unistd.h>

namespace {

using namespace coauth;
using namespace coauth::test;

struct pseudo_random {
    static void fill(std::span<unsigned char> out);
};

std::string sample()
{
    std::array<unsigned char, 32> bytes{};
    openssl_random_source::fill(bytes).value();
    return {bytes.begin(), bytes.end()};
}

} // namespace

BOOST_AUTO_TEST_SUITE(policy_random_source)

// A generator that cannot say that it failed is none.
static_assert(random_source<openssl_random_source> && !random_source<pseudo_random> &&
              !random_source<std::mt19937>);

BOOST_AUTO_TEST_CASE(AR4_AR5_no_two_samples_are_equal)
{
    std::set<std::string> samples;
    std::array<unsigned, 256> counts{};
    for (int i = 0; i < 4000; ++i) {
        const std::string one = sample();
        for (const char c : one)
            ++counts[static_cast<unsigned char>(c)];
        BOOST_TEST(samples.insert(one).second);
    }
    // 500 of each byte are to be expected: 250 is eleven standard deviations away.
    for (const unsigned count : counts)
        BOOST_TEST((count > 250 && count < 750), count);
}

BOOST_AUTO_TEST_CASE(AR4_the_whole_span_is_filled_and_nothing_else)
{
    for (const std::size_t size : {0, 1, 31, 32, 33, 128}) {
        std::set<std::size_t> changed;
        for (int i = 0; i < 16; ++i) { // a byte stays zero by chance in all of them with 2^-128
            std::vector<unsigned char> bytes(size + 8);
            BOOST_TEST(outcome_name(openssl_random_source::fill(std::span(bytes).subspan(4, size))) == "ok");
            for (std::size_t at = 0; at < bytes.size(); ++at)
                if (bytes[at] != 0)
                    changed.insert(at);
        }
        BOOST_TEST(changed.size() == size);
        if (size != 0) {
            BOOST_TEST(*changed.begin() == 4u);
            BOOST_TEST(*changed.rbegin() == size + 3);
        }
    }
}

BOOST_AUTO_TEST_CASE(AR4_DO10_what_cannot_be_filled_is_an_error)
{
    // More than OpenSSL can be asked for at once. The memory is never touched.
    unsigned char one = 0;
    BOOST_TEST(outcome_name(openssl_random_source::fill(std::span(&one, std::size_t(INT_MAX) + 1))) ==
               "coauth.client:random_source_failed");
    const auto beyond = std::size_t(std::min<std::uintmax_t>(std::uintmax_t(UINT_MAX) + 2, SIZE_MAX));
    BOOST_TEST(outcome_name(openssl_random_source::fill(std::span(&one, beyond))) ==
               "coauth.client:random_source_failed");
    BOOST_TEST(one == 0);
}

BOOST_AUTO_TEST_CASE(AR4_CR11_a_forked_process_goes_its_own_way)
{
    sample(); // the generator is seeded before the fork
    int ends[2];
    BOOST_TEST_REQUIRE(pipe(ends) == 0);
    const pid_t child = fork();
    BOOST_TEST_REQUIRE(child >= 0);
    if (child == 0) {
        const std::string text = sample();
        const bool written = write(ends[1], text.data(), text.size()) == static_cast<ssize_t>(text.size());
        _exit(written ? 0 : 1);
    }
    std::string of_child(32, '\0');
    BOOST_TEST(read(ends[0], of_child.data(), of_child.size()) == 32);
    int status = -1;
    waitpid(child, &status, 0);
    close(ends[0]);
    close(ends[1]);
    BOOST_TEST(status == 0);
    BOOST_TEST(of_child != sample());
}

BOOST_AUTO_TEST_CASE(AR5_threads_do_not_share_samples)
{
    std::array<std::vector<std::string>, 4> samples;
    {
        std::vector<std::jthread> threads;
        for (auto& own : samples)
            threads.emplace_back([&own] {
                for (int i = 0; i < 500; ++i)
                    own.push_back(sample());
            });
    }
    std::set<std::string> all;
    for (const auto& own : samples)
        all.insert(own.begin(), own.end());
    BOOST_TEST(all.size() == 2000u);
}

BOOST_AUTO_TEST_SUITE_END()
