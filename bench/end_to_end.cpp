/* exchange_sequential_cpu, exchange_64_cpu, login_complete_cpu: what the client's process spends, user and system time, on
   exchanges over keep-alive TLS with bench/server, in one thread; reconnect_cpu: over a new connection each, which
   resumes the TLS session of the one before.

   end_to_end MEASURE URL CA_FILE COUNT

   COUNT exchanges each by coauth and by its floor, in ten turns that alternate; prints one line of JSON, medians in
   microseconds: {"coauth": N, "floor": N, "unit": "us"}. exchange_N_cpu has N flows at once, exchange_sequential_cpu one. */
#include "floor/authorization_url.hpp"
#include "floor/callback.hpp"
#include "floor/exchange.hpp"
#include "floor/id_token.hpp"
#include "floor/rsa_key.hpp"

#include <coauth.hpp>
#include <coauth/https_transport.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace bench;
namespace asio = boost::asio;

constexpr std::string_view redirect_uri = "https://shop.example/callback";
constexpr std::string_view openid_scope = "openid email profile";
constexpr std::string_view plain_scope = "email profile";
constexpr std::string_view code_on_paper =
    "4/0AX4XfWhCkuGcX2bpF1i6m3nVqTsYzR8aLdUoEwBvJ9KhNfQpMgSxZtIyDcOrPlA";
constexpr std::string_view verifier_on_paper = "NAHlp8yGF9tEEjWTUEnB_9wAU-nRsjW9WKFK3T3FoFc";
constexpr int turns = 10;

void require(bool success, const char* what)
{
    if (!success)
        throw std::runtime_error(what);
}

double processor_microseconds()
{
    rusage used{};
    getrusage(RUSAGE_SELF, &used);
    const auto microseconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_usec);
    };
    return microseconds(used.ru_utime) + microseconds(used.ru_stime);
}

std::string_view value_of(std::string_view url, std::string_view name)
{
    const std::size_t begin = url.find(name) + name.size();
    return url.substr(begin, 43);
}

/// What the server would send the browser back with; the code makes the token endpoint sign an ID token.
std::string callback_to(std::string_view url, std::string_view encoded_issuer, bool openid)
{
    std::string out;
    out.reserve(256);
    out.append("code=");
    if (openid)
        out.append("RS256.").append(value_of(url, "&nonce="));
    else
        out.append("4%2F0AX4XfWhCkuGcX2bpF1i6m3nVqTsYzR8aLdUoEwBvJ9KhNfQpMgSxZtIyDcOrPlA");
    out.append("&state=").append(value_of(url, "&state=")).append("&iss=").append(encoded_issuer);
    return out;
}

/// Runs flows at once; each takes what it does next from a common number.
class flows {
public:
    explicit flows(asio::io_context& context) : context_(context) {}

    void run(int count, const std::function<asio::awaitable<void>()>& flow)
    {
        running_ = count;
        for (int i = 0; i < count; ++i)
            asio::co_spawn(context_, flow(), [this](std::exception_ptr failure) {
                if (failure)
                    std::rethrow_exception(failure);
                if (--running_ == 0) // idle connections may go on
                    context_.stop();
            });
        context_.restart();
        context_.run();
    }

private:
    asio::io_context& context_;
    int running_ = 0;
};

class side {
public:
    virtual ~side() = default;
    virtual void prepare(int count) = 0;
    virtual asio::awaitable<void> exchanges() = 0;
    virtual asio::awaitable<void> logins() = 0;
    virtual asio::awaitable<void> reconnections() = 0;

    int left = 0;
};

class coauth_side : public side {
public:
    coauth_side(asio::io_context& context, const std::string& url, const std::string& authority,
                int connections)
        : context_(context),
          client_(coauth::issuer::parse(url).value(),
                  coauth::client_registration("bench-client",
                                              coauth::client_secret_basic(coauth::secret("bench-secret")),
                                              coauth::redirect_uri::parse(redirect_uri).value()),
                  transport(authority, connections))
    {
        floor::append_encoded(issuer_, url);
    }

    void prepare(int count) override
    {
        left = count;
        codes_.clear();
        flows(context_).run(1, [this] { return accept_codes(); });
    }

    asio::awaitable<void> exchanges() override
    {
        while (!codes_.empty()) {
            coauth::authorization_code code = std::move(codes_.back());
            codes_.pop_back();
            auto tokens = co_await client_.exchange(std::move(code));
            require(tokens.has_value(), "exchange");
        }
    }

    asio::awaitable<void> logins() override
    {
        const coauth::authorization_parameters parameters{.scope = openid_scope};
        while (left-- > 0) {
            auto request = co_await client_.begin_authorization(parameters);
            require(request.has_value(), "begin_authorization");
            const std::string query = callback_to(request->url(), issuer_, true);
            const coauth::callback_parameters arrived{.parameters = query,
                                                      .browser_binding = request->browser_binding()};
            auto code = co_await client_.accept_callback(arrived);
            require(code.has_value(), "accept_callback");
            auto tokens = co_await client_.exchange(std::move(*code));
            require(tokens.has_value() && tokens->has_id_token(), "exchange");
        }
    }

    /// Nothing else: the transport keeps no connection then.
    asio::awaitable<void> reconnections() override { return exchanges(); }

private:
    static coauth::https_transport transport(const std::string& authority, int connections)
    {
        coauth::https_transport_settings settings;
        const auto kept = static_cast<std::size_t>(connections == 0 ? 0 : std::max(connections, 8));
        settings.trust_only_added_authorities().add_authorities_file(authority).set_idle_connections(kept,
                                                                                                     kept);
        return coauth::https_transport::create(std::move(settings)).value();
    }

    asio::awaitable<void> accept_codes()
    {
        const coauth::authorization_parameters parameters{.scope = plain_scope};
        for (int i = 0; i < left; ++i) {
            auto request = co_await client_.begin_authorization(parameters);
            require(request.has_value(), "begin_authorization");
            const std::string query = callback_to(request->url(), issuer_, false);
            const coauth::callback_parameters arrived{.parameters = query,
                                                      .browser_binding = request->browser_binding()};
            auto code = co_await client_.accept_callback(arrived);
            require(code.has_value(), "accept_callback");
            codes_.push_back(std::move(*code));
        }
    }

    asio::io_context& context_;
    coauth::client client_;
    std::string issuer_;
    std::vector<coauth::authorization_code> codes_;
};

class floor_side : public side {
public:
    floor_side(asio::io_context& context, const std::string& url, const std::string& authority,
               int connections)
        : context_(context),
          tls_(asio::ssl::context::tls_client),
          port_(static_cast<std::uint16_t>(std::stoul(url.substr(url.rfind(':') + 1)))),
          issuer_(url),
          store_(10'000, 7, std::chrono::seconds(300)),
          begin_(url + "/authorize", "bench-client", redirect_uri)
    {
        tls_.load_verify_file(authority);
        SSL_CTX_set_min_proto_version(tls_.native_handle(), TLS1_2_VERSION);
        floor::append_encoded(encoded_issuer_, url);
        for (int i = 0; i < std::max(connections, 1); ++i) {
            connections_.push_back(std::make_unique<floor::token_connection>(context, tls_, port_));
            idle_.push_back(connections_.back().get());
        }
        flows(context_).run(1, [this] { return connect(); });
    }

    void prepare(int count) override { left = count; }

    asio::awaitable<void> exchanges() override
    {
        floor::token_connection* const connection = borrow();
        while (left-- > 0) {
            floor::tokens tokens;
            co_await connection->exchange(code_on_paper, verifier_on_paper, tokens);
        }
        idle_.push_back(connection);
    }

    asio::awaitable<void> logins() override
    {
        floor::token_connection* const connection = borrow();
        while (left-- > 0) {
            floor::authorization_request request;
            require(begin_.begin(store_, openid_scope, {}, request), "floor of begin_authorization");
            const std::string query = callback_to(request.url, encoded_issuer_, true);
            const std::string_view binding(request.browser_binding.data(), request.browser_binding.size());
            floor::accepted_code accepted;
            require(floor::accept(store_, query, binding, issuer_, accepted), "floor of accept_callback");
            char verifier[floor::encoded_32];
            char nonce[floor::encoded_32];
            floor::encode_32(accepted.values.verifier, verifier);
            floor::encode_32(accepted.values.nonce, nonce);
            floor::tokens tokens;
            co_await connection->exchange(accepted.code, std::string_view(verifier, sizeof verifier), tokens);
            const auto now = std::chrono::duration_cast<std::chrono::seconds>(
                std::chrono::system_clock::now().time_since_epoch());
            const floor::id_token_expectations expected{"RS256",        issuer_,
                                                        "bench-client", std::string_view(nonce, sizeof nonce),
                                                        now.count(),    tokens.access_token};
            std::string subject;
            require(verifier_->verify(tokens.id_token, expected, subject), "floor of the ID token");
        }
        idle_.push_back(connection);
    }

    asio::awaitable<void> reconnections() override
    {
        asio::ip::tcp::resolver resolver(context_);
        while (left-- > 0) {
            floor::token_connection connection(context_, tls_, port_);
            co_await connection.reconnect(resolver, session_.get());
            require(!session_ || connection.resumed(), "resumption by the floor");
            floor::tokens tokens;
            co_await connection.exchange(code_on_paper, verifier_on_paper, tokens);
            session_ = connection.session();
        }
    }

private:
    floor::token_connection* borrow()
    {
        floor::token_connection* const out = idle_.back();
        idle_.pop_back();
        return out;
    }

    asio::awaitable<void> connect()
    {
        for (floor::token_connection* connection : idle_)
            co_await connection->connect();
        std::string keys;
        co_await idle_.front()->get("/jwks", keys);
        key_ = floor::read_rsa_key(keys);
        verifier_ = std::make_unique<floor::id_token_verifier>(key_.key_id, key_.key.get(), "SHA256",
                                                               floor::signature_form::as_it_is);
    }

    asio::io_context& context_;
    asio::ssl::context tls_;
    std::uint16_t port_;
    floor::tls_session session_;
    std::string issuer_;
    std::string encoded_issuer_;
    floor::pending_slab store_;
    floor::authorization_url begin_;
    floor::rsa_key key_;
    std::unique_ptr<floor::id_token_verifier> verifier_;
    std::vector<std::unique_ptr<floor::token_connection>> connections_;
    std::vector<floor::token_connection*> idle_;
};

double median(std::vector<double> values)
{
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

} // namespace

int main(int argument_count, char** arguments)
try {
    if (argument_count != 5)
        throw std::runtime_error("usage: end_to_end MEASURE URL CA_FILE COUNT");
    const std::string_view measure = arguments[1];
    const std::string url = arguments[2];
    const std::string authority = arguments[3];
    const bool whole = measure == "login_complete_cpu";
    const bool anew = measure == "reconnect_cpu";
    const int at_once = whole || anew || measure == "exchange_sequential_cpu"
                            ? 1
                            : std::stoi(std::string(measure.substr(std::string_view("exchange_").size())));
    const int turn = std::max(std::stoi(arguments[4]) / turns, at_once);

    asio::io_context context(1);
    const int kept = anew ? 0 : at_once;
    coauth_side by_coauth(context, url, authority, kept);
    floor_side by_hand(context, url, authority, kept);
    side* const sides[] = {&by_coauth, &by_hand};
    std::vector<double> taken[2];
    for (int i = -1; i < turns; ++i) { // the first is for warming up
        for (int j = 0; j < 2; ++j) {
            const int which = (i + j) & 1; // neither is always first
            side& one = *sides[which];
            one.prepare(turn);
            const double before = processor_microseconds();
            flows(context).run(at_once, [&] {
                return whole ? one.logins() : anew ? one.reconnections() : one.exchanges();
            });
            if (i >= 0)
                taken[which].push_back((processor_microseconds() - before) / turn);
        }
    }
    std::cout << "{\"coauth\": " << median(taken[0]) << ", \"floor\": " << median(taken[1])
              << ", \"unit\": \"us\"}" << std::endl;
} catch (const std::exception& failure) {
    std::cerr << "end_to_end: " << failure.what() << '\n';
    return 1;
}
