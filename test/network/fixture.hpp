// What network tests share: a transport that trusts the tests' authority, requests, and outcomes to compare.
#ifndef COAUTH_TEST_NETWORK_FIXTURE_HPP
#define COAUTH_TEST_NETWORK_FIXTURE_HPP

#include "loopback_server.hpp"
#include "run.hpp"

#include <coauth/https_transport.hpp>

#include <boost/asio/error.hpp>

#include <algorithm>
#include <chrono>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace coauth_test {

using namespace std::chrono_literals;

/// For exchanges that should end at once: no machine is so busy that they do not end meanwhile.
constexpr std::chrono::seconds long_enough = 30s;

inline coauth::https_transport_settings trusting_settings()
{
    coauth::https_transport_settings settings;
    settings.trust_only_added_authorities().add_authorities(authority().certificate_pem());
    settings.set_connect_timeout(long_enough).set_handshake_timeout(long_enough);
    return settings;
}

/** Try with a short time first, and with longer ones if the machine was too busy for that.

    For tests of times that have to be longer than something else takes: a machine that is idle spends no more time
    than it needs, and one that is busy has enough.
    @param attempt takes the time; returns whether it was enough, that is, whether all is as it should be
*/
template <class Attempt>
bool within_some(std::initializer_list<std::chrono::milliseconds> times, Attempt attempt)
{
    return std::any_of(times.begin(), times.end(), attempt);
}

inline coauth::https_transport make_transport(coauth::https_transport_settings settings = trusting_settings())
{
    return coauth::https_transport::create(std::move(settings)).value();
}

/// Every name is 127.0.0.1, so that certificates for any name can be tried.
inline coauth::https_transport_settings settings_with_names()
{
    auto settings = trusting_settings();
    settings.set_resolver([](std::string) -> asio::awaitable<coauth::result<std::vector<asio::ip::address>>> {
        co_return std::vector<asio::ip::address>(1, asio::ip::address_v4::loopback());
    });
    return settings;
}

inline coauth::http_request get(std::string_view url)
{
    coauth::http_request request(
        "GET", coauth::endpoint_url::parse(url, coauth::insecure::http_to_loopback).value());
    request.set_deadline(long_enough);
    return request;
}

inline coauth::http_request post(std::string_view url, std::string_view body = "grant_type=refresh_token")
{
    coauth::http_request request(
        "POST", coauth::endpoint_url::parse(url, coauth::insecure::http_to_loopback).value());
    request.set_body(coauth::secret(body)).set_deadline(long_enough);
    return request;
}

/// The status, or the error's qualified name.
inline std::string outcome(const coauth::result<coauth::http_response>& answer)
{
    if (answer)
        return std::to_string(answer->status());
    if (answer.error() == coauth::error_code(asio::error::operation_aborted))
        return "operation_aborted";
    return answer.error().qualified_name();
}

inline std::string fetch(const coauth::https_transport& transport, coauth::http_request request)
{
    return outcome(run(transport.send(std::move(request))));
}

/// Counts how often the request was committed, and what became of it.
class attempt {
public:
    attempt(const coauth::https_transport& transport, coauth::http_request request)
    {
        request.set_on_commit([this] {
            ++commits;
            return true;
        });
        result = fetch(transport, std::move(request));
    }

    int commits = 0;
    std::string result;
};

/// Runs several exchanges one after the other in one io_context, as kept connections belong to one.
inline std::vector<std::string> fetch_all(const coauth::https_transport& transport,
                                          std::vector<coauth::http_request> requests)
{
    auto all = [](coauth::https_transport through,
                  std::vector<coauth::http_request> list) -> asio::awaitable<std::vector<std::string>> {
        std::vector<std::string> out;
        for (coauth::http_request& request : list) {
            const coauth::result<coauth::http_response> answer = co_await through.send(std::move(request));
            out.push_back(outcome(answer));
        }
        co_return out;
    };
    return run(all(transport, std::move(requests)));
}

inline std::vector<std::string> fetch_times(const coauth::https_transport& transport, const std::string& url,
                                            std::size_t times)
{
    std::vector<coauth::http_request> requests;
    for (std::size_t i = 0; i < times; ++i)
        requests.push_back(get(url));
    return fetch_all(transport, std::move(requests));
}

inline const std::string certificate_rejected = "coauth.client:certificate_rejected";
inline const std::string tls_handshake_failed = "coauth.client:tls_handshake_failed";
inline const std::string connection_lost = "coauth.client:connection_lost";
inline const std::string malformed_http = "coauth.client:malformed_http";
inline const std::string timed_out = "coauth.client:timed_out";

} // namespace coauth_test

#endif
