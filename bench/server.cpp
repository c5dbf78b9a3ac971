/* The provider that every end-to-end measure talks to, whatever language the client is written in.

   server [--port PORT] [--ca FILE]

   Listens on 127.0.0.1, on a free port if none is given, with TLS and keep-alive, in one thread. It writes the
   certificate of its authority to FILE (default: bench-ca.pem in the current folder; nothing else is to be trusted) and
   then prints one line:

       listening on https://localhost:PORT ca FILE

   That URL is its issuer. It checks no client and no code: it is there to cost the same for everybody. SIGINT and
   SIGTERM end it.

   GET  /.well-known/openid-configuration   metadata; also at /.well-known/oauth-authorization-server
   GET  /jwks                 one key each for RS256, ES256 and EdDSA, with kid, use and alg
   POST /token                an access token (Bearer, 3600 s) and a refresh token: always the same 900 bytes of JSON.
                              With a form parameter nonce=NONCE, or a code of the form code=ALG.NONCE, as code=RS256.NONCE,
                              also an ID token that is signed for this answer, with that nonce. RS256 if only the nonce is
                              given. Clients that make the nonce themselves find it in their authorization URL and have
                              their callback bring the code ALG.NONCE.
   GET  /userinfo             the claims of the person
   GET  /bench/id_token[?alg=ALG][&nonce=NONCE]   such an ID token alone, as text: RS256 (default), ES256 or EdDSA

   ID tokens are of about 900 bytes and name the issuer above, the audience bench-client, the subject
   10769150350006150715113082367, azp, iat, exp (an hour), e-mail, names and picture; those of /token have at_hash, too. */
#include <coauth/jose/signing_key.hpp>
#include <coauth/testing/certificate_authority.hpp>

#include <coauth/detail/base64url.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/parse_query.hpp>
#include <boost/url/url_view.hpp>

#include <openssl/evp.h>

#include <chrono>
#include <cstdint>
#include <fstream>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
namespace json = boost::json;
using boost::system::error_code;
using coauth::signing_algorithm;
using coauth::signing_key;

std::string answer_text(std::string_view status, std::string_view type, std::string_view body)
{
    std::string out;
    out.append("HTTP/1.1 ").append(status).append("\r\nContent-Type: ").append(type);
    out.append("\r\nCache-Control: no-store\r\nContent-Length: ").append(std::to_string(body.size()));
    out.append("\r\n\r\n").append(body);
    return out;
}

/// A parameter of a query or form; empty if it is not there.
std::string parameter(std::string_view encoded, std::string_view name)
{
    const auto parsed = boost::urls::parse_query(encoded);
    if (parsed.has_error())
        return {};
    for (const auto one : *parsed)
        if (std::string_view(one.key.data(), one.key.size()) == name && one.has_value)
            return one.value.decode();
    return {};
}

std::string left_half_of_hash(std::string_view text)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    if (EVP_Digest(text.data(), text.size(), digest, nullptr, EVP_sha256(), nullptr) != 1)
        throw std::runtime_error("SHA-256");
    std::string out(coauth::detail::base64url_encoded_size(16), '\0');
    coauth::detail::base64url_encode({digest, 16}, out.data());
    return out;
}

class provider {
public:
    explicit provider(std::string issuer) : issuer_(std::move(issuer))
    {
        metadata_ = json::serialize(metadata());
        json::array keys;
        for (const signing_key* key : {&rs256_, &es256_, &eddsa_})
            keys.push_back(key->public_jwk());
        json::object key_set;
        key_set["keys"] = std::move(keys);
        keys_ = json::serialize(key_set);

        for (int i = 0; i < 19; ++i)
            access_token_ += "eyJhbGciOiJSUzI1NiIsImtpZCI6IjE2MzQ1Njc4";
        access_token_hash_ = left_half_of_hash(access_token_);
        fixed_answer_ = answer_text("200 OK", json_type, json::serialize(tokens()));
    }

    std::string answer(const http::request<http::string_body>& request) const
    {
        const auto target =
            boost::urls::parse_origin_form({request.target().data(), request.target().size()});
        if (target.has_error())
            return answer_text("400 Bad Request", text_type, "");
        const std::string path = target->path();
        const std::string_view query(target->encoded_query().data(), target->encoded_query().size());
        if (path == "/token")
            return token_answer(request.body());
        if (path == "/jwks")
            return answer_text("200 OK", json_type, keys_);
        if (path == "/.well-known/openid-configuration" || path == "/.well-known/oauth-authorization-server")
            return answer_text("200 OK", json_type, metadata_);
        if (path == "/userinfo")
            return answer_text("200 OK", json_type, json::serialize(person()));
        if (path == "/bench/id_token") {
            const std::string algorithm = parameter(query, "alg");
            const signing_key* key = key_for(algorithm.empty() ? "RS256" : algorithm);
            if (key == nullptr)
                return answer_text("400 Bad Request", text_type, "alg is RS256, ES256 or EdDSA");
            return answer_text("200 OK", text_type, id_token(*key, parameter(query, "nonce"), ""));
        }
        return answer_text("404 Not Found", text_type, "");
    }

private:
    static constexpr std::string_view json_type = "application/json";
    static constexpr std::string_view text_type = "text/plain";

    json::object metadata() const
    {
        json::array algorithms;
        for (const char* algorithm : {"RS256", "ES256", "EdDSA"})
            algorithms.emplace_back(algorithm);
        json::array methods;
        for (const char* method : {"client_secret_basic", "client_secret_post", "none"})
            methods.emplace_back(method);
        json::object out;
        out["issuer"] = issuer_;
        out["authorization_endpoint"] = issuer_ + "/authorize";
        out["token_endpoint"] = issuer_ + "/token";
        out["userinfo_endpoint"] = issuer_ + "/userinfo";
        out["jwks_uri"] = issuer_ + "/jwks";
        out["response_types_supported"] = json::array(1, json::value("code"));
        out["subject_types_supported"] = json::array(1, json::value("public"));
        out["code_challenge_methods_supported"] = json::array(1, json::value("S256"));
        out["id_token_signing_alg_values_supported"] = std::move(algorithms);
        out["token_endpoint_auth_methods_supported"] = std::move(methods);
        out["authorization_response_iss_parameter_supported"] = true;
        return out;
    }

    static json::object person()
    {
        json::object out;
        out["sub"] = "10769150350006150715113082367";
        out["email"] = "jane.doe@mail.example";
        out["email_verified"] = true;
        out["name"] = "Jane Doe";
        out["picture"] = "https://images.provider.example/a/ACg8ocKJ3vFN8xQbTzUo=s96-c";
        out["given_name"] = "Jane";
        out["family_name"] = "Doe";
        return out;
    }

    const signing_key* key_for(std::string_view algorithm) const
    {
        if (algorithm == "RS256")
            return &rs256_;
        if (algorithm == "ES256")
            return &es256_;
        return algorithm == "EdDSA" ? &eddsa_ : nullptr;
    }

    std::string id_token(const signing_key& key, const std::string& nonce,
                         std::string_view access_token_hash) const
    {
        const auto now = std::chrono::duration_cast<std::chrono::seconds>(
                             std::chrono::system_clock::now().time_since_epoch())
                             .count();
        json::object header;
        header["alg"] = name(key.algorithm());
        header["kid"] = key.key_id();
        header["typ"] = "JWT";
        json::object claims = person();
        claims["iss"] = issuer_;
        claims["azp"] = "bench-client";
        claims["aud"] = "bench-client";
        claims["iat"] = now;
        claims["exp"] = now + 3600;
        if (!access_token_hash.empty())
            claims["at_hash"] = access_token_hash;
        if (!nonce.empty())
            claims["nonce"] = nonce;
        return key.sign(header, claims);
    }

    json::object tokens() const
    {
        json::object out;
        out["access_token"] = access_token_;
        out["token_type"] = "Bearer";
        out["expires_in"] = 3600;
        out["refresh_token"] = "1//09dGhlIHJlZnJlc2ggdG9rZW4gb2YgYSBiZW5jaA";
        out["scope"] = "openid email profile";
        return out;
    }

    std::string token_answer(std::string_view form) const
    {
        const signing_key* key = &rs256_;
        std::string nonce = parameter(form, "nonce");
        if (nonce.empty()) {
            const std::string code = parameter(form, "code");
            const std::size_t dot = code.find('.');
            key = dot == code.npos ? nullptr : key_for(std::string_view(code).substr(0, dot));
            if (key == nullptr)
                return fixed_answer_;
            nonce = code.substr(dot + 1);
        }
        json::object out = tokens();
        out["id_token"] = id_token(*key, nonce, access_token_hash_);
        return answer_text("200 OK", json_type, json::serialize(out));
    }

    std::string issuer_;
    signing_key rs256_ = signing_key::generate(signing_algorithm::rs256);
    signing_key es256_ = signing_key::generate(signing_algorithm::es256);
    signing_key eddsa_ = signing_key::generate(signing_algorithm::eddsa);
    std::string metadata_;
    std::string keys_;
    std::string access_token_;
    std::string access_token_hash_;
    std::string fixed_answer_;
};

using tls_stream = asio::ssl::stream<asio::ip::tcp::socket>;

asio::awaitable<void> serve(std::shared_ptr<const provider> served, asio::ip::tcp::socket socket,
                            asio::ssl::context& tls)
{
    error_code failure;
    auto token = asio::redirect_error(asio::use_awaitable, failure);
    socket.set_option(asio::ip::tcp::no_delay(true));
    tls_stream stream(std::move(socket), tls);
    co_await stream.async_handshake(asio::ssl::stream_base::server, token);
    boost::beast::flat_buffer buffer;
    while (!failure) {
        http::request<http::string_body> request;
        co_await http::async_read(stream, buffer, request, token);
        if (failure)
            co_return;
        const std::string text = served->answer(request);
        const asio::const_buffer bytes = asio::buffer(text);
        co_await asio::async_write(stream, bytes, token);
        if (!request.keep_alive())
            co_return;
    }
}

asio::awaitable<void> accept(std::shared_ptr<const provider> served, asio::ip::tcp::acceptor& acceptor,
                             asio::ssl::context& tls)
{
    for (;;) {
        error_code failure;
        asio::ip::tcp::socket socket =
            co_await acceptor.async_accept(asio::redirect_error(asio::use_awaitable, failure));
        if (!failure)
            asio::co_spawn(acceptor.get_executor(), serve(served, std::move(socket), tls), asio::detached);
        else if (!acceptor.is_open())
            co_return;
    }
}

} // namespace

int main(int argument_count, char** arguments)
try {
    std::uint16_t port = 0;
    std::string authority_file = "bench-ca.pem";
    for (int i = 1; i < argument_count; i += 2) {
        const std::string_view option = arguments[i];
        if (i + 1 == argument_count || (option != "--port" && option != "--ca"))
            throw std::runtime_error("usage: server [--port PORT] [--ca FILE]");
        if (option == "--port")
            port = static_cast<std::uint16_t>(std::stoul(arguments[i + 1]));
        else
            authority_file = arguments[i + 1];
    }

    const coauth::testing::certificate_authority authority;
    const auto certificate = authority.issue_for_loopback();
    asio::ssl::context tls(asio::ssl::context::tls_server);
    SSL_CTX_set_min_proto_version(tls.native_handle(), TLS1_2_VERSION);
    tls.use_certificate_chain(asio::buffer(certificate.chain_pem));
    tls.use_private_key(asio::buffer(certificate.private_key_pem), asio::ssl::context::pem);

    asio::io_context context(1);
    asio::ip::tcp::acceptor acceptor(context, {asio::ip::address_v4::loopback(), port});
    const std::string issuer = "https://localhost:" + std::to_string(acceptor.local_endpoint().port());
    const auto served = std::make_shared<const provider>(issuer);

    std::ofstream file(authority_file);
    if (!(file << authority.certificate_pem() << std::flush))
        throw std::runtime_error("cannot write " + authority_file);
    std::cout << "listening on " << issuer << " ca " << authority_file << std::endl;

    asio::signal_set signals(context, SIGINT, SIGTERM);
    signals.async_wait([&context](const error_code&, int) { context.stop(); });
    asio::co_spawn(context, accept(served, acceptor, tls), asio::detached);
    context.run();
} catch (const std::exception& failure) {
    std::cerr << "server: " << failure.what() << '\n';
    return 1;
}
