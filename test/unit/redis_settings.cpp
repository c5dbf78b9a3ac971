#include <coauth/redis_settings.hpp>

#include <boost/test/unit_test.hpp>

#include <string>

namespace {

using coauth::errc;
using coauth::redis_settings;

BOOST_AUTO_TEST_SUITE(settings_of_a_redis)

BOOST_AUTO_TEST_CASE(a_url_is_taken_apart)
{
    struct parts {
        std::string_view text, host;
        unsigned port;
        std::string_view user, password;
        unsigned database;
        bool tls;
    };
    for (const parts& each :
         {parts{"redis://127.0.0.1:6380", "127.0.0.1", 6380, "default", "", 0, false},
          parts{"redis://localhost", "localhost", 6379, "default", "", 0, false},
          parts{"redis://localhost/", "localhost", 6379, "default", "", 0, false},
          parts{"rediss://cache.example:6390/3", "cache.example", 6390, "default", "", 3, true},
          parts{"redis://[::1]:65535", "::1", 65535, "default", "", 0, false},
          parts{"redis://:word@localhost", "localhost", 6379, "default", "word", 0, false},
          parts{"redis://coauth:a%2Fb%40c@localhost/15", "localhost", 6379, "coauth", "a/b@c", 15, false}}) {
        const auto settings = redis_settings::parse(each.text);
        BOOST_REQUIRE_MESSAGE(settings, each.text);
        BOOST_TEST(settings->host() == each.host);
        BOOST_TEST(settings->port() == each.port);
        BOOST_TEST(settings->user() == each.user);
        BOOST_TEST(settings->password().expose() == each.password);
        BOOST_TEST(settings->database() == each.database);
        BOOST_TEST(settings->tls() == each.tls);
    }
}

BOOST_AUTO_TEST_CASE(what_is_no_url_of_a_redis)
{
    for (const std::string_view text : {"",
                                        "localhost",
                                        "localhost:6379",
                                        "http://localhost",
                                        "redis:localhost",
                                        "redis://",
                                        "redis://:6379",
                                        "redis://localhost:0",
                                        "redis://localhost:99999",
                                        "redis://localhost:65536",
                                        "redis://localhost:",
                                        "redis://localhost/x",
                                        "redis://localhost/-1",
                                        "redis://localhost/+1",
                                        "redis://localhost/1/",
                                        "redis://localhost/65536",
                                        "redis://localhost/1?a=b",
                                        "redis://localhost#a",
                                        "redis://local host",
                                        "redis://a%00b",
                                        "redis://a%25b",
                                        "redis://[::1%25eth0]",
                                        "redis://[fe80::1%25eth0]:6379/1",
                                        "redis://[fe80::1%eth0]",
                                        "redis://fe80%3A%3A1%25eth0",
                                        "redis://[::ffff:127.0.0.1%251]",
                                        "redis://[::1]12",
                                        "redis://127.0.0.1%25eth0"}) {
        const auto settings = redis_settings::parse(text);
        BOOST_TEST((!settings && settings.error() == errc::invalid_url), text);
    }
}

BOOST_AUTO_TEST_CASE(whoever_says_whom_to_trust_wants_tls)
{
    BOOST_TEST(!redis_settings().tls());
    BOOST_TEST(redis_settings().use_tls().tls());
    BOOST_TEST(redis_settings().add_authorities("pem").tls());
    BOOST_TEST(redis_settings().add_authorities_file("path").tls());
    BOOST_TEST(redis_settings().trust_only_added_authorities().tls());
    BOOST_TEST(redis_settings().set_client_certificate("pem", coauth::secret("pem")).tls());
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
