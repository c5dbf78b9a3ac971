#include <coauth/protocol/client_assertion.hpp>

#include "../expect.hpp"
#include "json_text.hpp"

#include <coauth/detail/base64url.hpp>
#include <coauth/jose/jws.hpp>
#include <coauth/protocol/form.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>

#include <openssl/evp.h>

#include <map>
#include <set>

namespace {

using namespace coauth;
using namespace coauth::test;
using coauth::detail::client_credentials;
using coauth::detail::secure_bytes;
using coauth_test::text_in;

constexpr std::chrono::system_clock::time_point now{std::chrono::seconds(1'700'000'000)};
constexpr std::string_view server_name = "https://as.example/realms/a";

/// Bytes that count up, from call to call.
result<void> counted(std::span<unsigned char> out)
{
    static unsigned char next = 0;
    for (unsigned char& byte : out)
        byte = next;
    ++next;
    return {};
}
result<void> refused(std::span<unsigned char>) { return errc::random_source_failed; }

template <class Method>
client_credentials credentials_of(const Method& method, std::string client_id = "client &1")
{
    client_credentials out(std::move(client_id), method);
    out.set_random_source(counted);
    return out;
}

/// The form that one request carries.
std::map<std::string, std::string> form_of(const client_credentials& credentials,
                                           std::string_view server = server_name,
                                           std::chrono::system_clock::time_point at = now)
{
    const auto one = credentials.for_request(server, at);
    BOOST_TEST_REQUIRE(outcome_name(one) == "ok");
    BOOST_TEST(one->authorization_field().empty());
    secure_bytes body;
    one->append_to(body);
    std::map<std::string, std::string> out;
    const auto fields = detail::parse_form({body.data(), body.size()}, limits());
    BOOST_TEST_REQUIRE(outcome_name(fields) == "ok");
    for (const auto& field : *fields)
        BOOST_TEST(out.emplace(field.name, field.value.expose()).second);
    return out;
}

boost::json::object header_of(std::string_view compact)
{
    const std::string_view text = compact.substr(0, compact.find('.'));
    std::string out(detail::base64url_decoded_size(text.size()), '\0');
    BOOST_TEST_REQUIRE(detail::base64url_decode(text, reinterpret_cast<unsigned char*>(out.data())));
    return boost::json::parse(out).as_object();
}

/// The claims, after the server has verified the signature with the public part of the key.
boost::json::object verified(const std::string& compact, const signing_key& key)
{
    boost::json::object document;
    document["keys"] = boost::json::array{key.public_jwk()};
    const auto keys = jwk_set::parse(boost::json::serialize(document));
    BOOST_TEST_REQUIRE(outcome_name(keys) == "ok");
    detail::jws_keys trusted;
    trusted.algorithms = key.algorithm();
    trusted.published = &*keys;
    const auto jws = detail::verify_jws(compact, trusted, limits());
    BOOST_TEST_REQUIRE(outcome_name(jws) == "ok");
    return {jws->payload().object(), boost::json::storage_ptr()}; // not in the memory of the document
}
boost::json::object verified(const std::string& compact, const hmac_key& key)
{
    detail::jws_keys trusted;
    trusted.secret = &key;
    const auto jws = detail::verify_jws(compact, trusted, limits());
    BOOST_TEST_REQUIRE(outcome_name(jws) == "ok");
    return {jws->payload().object(), boost::json::storage_ptr()}; // not in the memory of the document
}

const signing_key& ec_key()
{
    static const signing_key key = signing_key::generate(signing_algorithm::es256);
    return key;
}
hmac_key shared_secret(hmac_algorithm algorithm = hmac_algorithm::hs256)
{
    return {algorithm, secret(std::string(64, 's'))};
}
secret nameless_pem() { return ec_key().to_pem(); }

bool invalid_configuration(const exception& e) { return e.reason() == errc::invalid_configuration; }

} // namespace

BOOST_AUTO_TEST_SUITE(protocol_client_assertion)

BOOST_AUTO_TEST_CASE(TE27_TE28_what_a_private_key_assertion_says)
{
    const auto form = form_of(credentials_of(private_key_jwt(ec_key())));
    BOOST_TEST(form.size() == 3u);
    BOOST_TEST(form.at("client_id") == "client &1");
    BOOST_TEST(form.at("client_assertion_type") == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
    const std::string assertion = form.at("client_assertion");

    const boost::json::object expected_header{{"alg", "ES256"}, {"typ", "JWT"}, {"kid", ec_key().key_id()}};
    BOOST_TEST(header_of(assertion) == expected_header);

    boost::json::object claims = verified(assertion, ec_key());
    BOOST_TEST(claims.at("jti").as_string().size() == 43u);
    claims.erase("jti");
    // One audience, a string and no array; no nbf; nothing of the client's that the server does not need.
    const boost::json::object expected{{"iss", "client &1"},
                                       {"sub", "client &1"},
                                       {"aud", server_name},
                                       {"iat", 1'700'000'000},
                                       {"exp", 1'700'000'060}};
    BOOST_TEST(claims == expected);
}

BOOST_AUTO_TEST_CASE(TE27_another_audience_only_as_it_was_written_down)
{
    private_key_jwt method(ec_key());
    method.set_audience("https://as.example/token").set_type("client-authentication+jwt");
    for (const std::string_view server :
         {server_name, std::string_view("https://evil.example"), std::string_view()}) {
        const std::string assertion = form_of(credentials_of(method), server).at("client_assertion");
        BOOST_TEST(text_in(verified(assertion, ec_key()), "aud") == "https://as.example/token");
        BOOST_TEST(text_in(header_of(assertion), "typ") == "client-authentication+jwt");
    }
    BOOST_TEST(!credentials_of(method).needs_issuer());
    method.set_type("");
    BOOST_TEST(!header_of(form_of(credentials_of(method)).at("client_assertion")).contains("typ"));
}

BOOST_AUTO_TEST_CASE(TE27_no_audience_no_assertion)
{
    const client_credentials credentials = credentials_of(private_key_jwt(ec_key()));
    BOOST_TEST(credentials.needs_issuer());
    BOOST_TEST(failure(credentials.for_request("", now)) == errc::invalid_configuration);
}

BOOST_AUTO_TEST_CASE(TE28_a_new_one_for_each_request)
{
    const client_credentials credentials = credentials_of(private_key_jwt(ec_key()));
    std::set<std::string> identifiers;
    for (int i = 0; i < 20; ++i) {
        const auto at = now + std::chrono::milliseconds(700) * i;
        const auto claims = verified(form_of(credentials, server_name, at).at("client_assertion"), ec_key());
        BOOST_TEST(identifiers.emplace(claims.at("jti").as_string()).second);
        BOOST_TEST(claims.at("iat").as_int64() == 1'700'000'000 + 7 * i / 10);
        BOOST_TEST(claims.at("exp").as_int64() == claims.at("iat").as_int64() + 60);
    }
}

BOOST_AUTO_TEST_CASE(TE28_unpredictable_or_not_at_all)
{
    client_credentials credentials("client", private_key_jwt(ec_key()));
    BOOST_TEST(failure(credentials.for_request(server_name, now)) == errc::random_source_failed);
    credentials.set_random_source(refused);
    BOOST_TEST(failure(credentials.for_request(server_name, now)) == errc::random_source_failed);
}

BOOST_AUTO_TEST_CASE(what_openssl_cannot_sign_is_an_error)
{
    const client_credentials by_key = credentials_of(private_key_jwt(ec_key()));
    const client_credentials by_secret = credentials_of(client_secret_jwt(shared_secret()));
    BOOST_REQUIRE(EVP_default_properties_enable_fips(nullptr, 1) == 1); // and there are no FIPS modules
    const auto with_key = by_key.for_request(server_name, now);
    const auto with_secret = by_secret.for_request(server_name, now);
    const bool back = EVP_default_properties_enable_fips(nullptr, 0) == 1;
    BOOST_REQUIRE(back);
    BOOST_TEST(failure(with_key) == errc::invalid_configuration);
    BOOST_TEST(failure(with_secret) == errc::invalid_configuration);
}

BOOST_AUTO_TEST_CASE(every_algorithm)
{
    for (const auto algorithm : {signing_algorithm::rs256, signing_algorithm::ps256, signing_algorithm::es384,
                                 signing_algorithm::es512, signing_algorithm::eddsa}) {
        const signing_key key = signing_key::generate(algorithm);
        const std::string assertion = form_of(credentials_of(private_key_jwt(key))).at("client_assertion");
        BOOST_TEST(text_in(header_of(assertion), "alg") == name(algorithm));
        BOOST_TEST(text_in(verified(assertion, key), "aud") == server_name);
    }
    for (const auto algorithm : {hmac_algorithm::hs256, hmac_algorithm::hs384, hmac_algorithm::hs512}) {
        const hmac_key key = shared_secret(algorithm);
        const std::string assertion = form_of(credentials_of(client_secret_jwt(key))).at("client_assertion");
        BOOST_TEST(text_in(header_of(assertion), "alg") == name(algorithm));
        BOOST_TEST(text_in(verified(assertion, key), "sub") == "client &1");
    }
}

BOOST_AUTO_TEST_CASE(TE29_the_secret_signs_and_is_not_sent)
{
    const auto form = form_of(credentials_of(client_secret_jwt(shared_secret())));
    BOOST_TEST(form.size() == 3u);
    BOOST_TEST(!form.contains("client_secret"));
    const boost::json::object expected_header{{"alg", "HS256"}, {"typ", "JWT"}};
    BOOST_TEST(header_of(form.at("client_assertion")) == expected_header);
    for (const auto& [name, value] : form)
        BOOST_TEST(!contains(value, "ssss"));
}

BOOST_AUTO_TEST_CASE(TE29_secrets_shorter_than_the_hash)
{
    const auto of_size = [](hmac_algorithm algorithm, std::size_t size) {
        return client_secret_jwt(hmac_key(algorithm, secret(std::string(size, 's'))));
    };
    for (const auto& [algorithm, size] : std::map<hmac_algorithm, std::size_t>{
             {hmac_algorithm::hs256, 32}, {hmac_algorithm::hs384, 48}, {hmac_algorithm::hs512, 64}}) {
        BOOST_CHECK_EXCEPTION(of_size(algorithm, 0), exception, invalid_configuration);
        BOOST_CHECK_EXCEPTION(of_size(algorithm, size - 1), exception, invalid_configuration);
        BOOST_CHECK_NO_THROW(of_size(algorithm, size));
    }
}

BOOST_AUTO_TEST_CASE(a_client_secret_that_is_signed)
{
    const signed_client_secret method(ec_key(), "TEAM123456", "https://appleid.apple.com");
    const client_credentials credentials = credentials_of(method, "com.example.web");
    BOOST_TEST(credentials.method_name() == "client_secret_post");
    BOOST_TEST(!credentials.needs_issuer());
    const auto form = form_of(credentials, "");
    BOOST_TEST(form.size() == 2u);
    BOOST_TEST(form.at("client_id") == "com.example.web");
    const boost::json::object expected_header{{"alg", "ES256"}, {"kid", ec_key().key_id()}};
    BOOST_TEST(header_of(form.at("client_secret")) == expected_header);
    const boost::json::object expected{{"iss", "TEAM123456"},
                                       {"sub", "com.example.web"},
                                       {"aud", "https://appleid.apple.com"},
                                       {"iat", 1'700'000'000},
                                       {"exp", 1'700'000'300}};
    BOOST_TEST(verified(form.at("client_secret"), ec_key()) == expected);

    const auto nameless = signing_key::from_pem(signing_algorithm::es256, nameless_pem(), "").value();
    BOOST_CHECK_EXCEPTION(signed_client_secret(nameless, "team", "audience"), exception,
                          invalid_configuration);
    BOOST_CHECK_EXCEPTION(signed_client_secret(ec_key(), "", "audience"), exception, invalid_configuration);
    BOOST_CHECK_EXCEPTION(signed_client_secret(ec_key(), "team", ""), exception, invalid_configuration);
}

BOOST_AUTO_TEST_CASE(a_key_without_a_name)
{
    const auto nameless = signing_key::from_pem(signing_algorithm::es256, nameless_pem(), "").value();
    const std::string assertion = form_of(credentials_of(private_key_jwt(nameless))).at("client_assertion");
    BOOST_TEST(!header_of(assertion).contains("kid"));
    BOOST_TEST(text_in(verified(assertion, nameless), "aud") == server_name);
}

BOOST_AUTO_TEST_CASE(methods_that_sign_nothing_stay_as_they_are)
{
    const client_credentials basic("id", client_secret_basic(secret("secret")));
    const auto one = basic.for_request("", now);
    BOOST_TEST_REQUIRE(one.has_value());
    BOOST_TEST(one->authorization_field().expose() == basic.authorization_field().expose());
    BOOST_TEST(one->method_name() == "client_secret_basic");
    BOOST_TEST(!basic.needs_issuer());
    secure_bytes body;
    client_credentials("id", client_secret_post(secret("secret"))).for_request("", now)->append_to(body);
    BOOST_TEST(std::string(body.begin(), body.end()) == "client_id=id&client_secret=secret");
    // Nobody signed: the identifier alone proves nothing, and the server refuses.
    secure_bytes unsigned_body;
    credentials_of(private_key_jwt(ec_key()), "id").append_to(unsigned_body);
    BOOST_TEST(std::string(unsigned_body.begin(), unsigned_body.end()) == "client_id=id");
}

BOOST_AUTO_TEST_SUITE_END()
