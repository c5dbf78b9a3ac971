// Floor 5. For tests.
#ifndef COAUTH_TESTING_IN_PROCESS_TRANSPORT_HPP
#define COAUTH_TESTING_IN_PROCESS_TRANSPORT_HPP

#include <coauth/policy/transport.hpp>

#include <memory>
#include <utility>

namespace coauth::inline COAUTH_MODE::testing {

namespace detail {
class server_core;
}

/** Carries a client's requests to a testing::authorization_server in the same process, without a socket.

    It keeps what the concept coauth::transport asks for. The server handles a request as soon as it is
    committed; deadline and cancellation count while its answer is delayed. What reaches the client went
    through HTTP's bytes and Beast's parser, so that spoiled answers look as they do over a socket.
    Another origin than the server's, and a server that was stopped, are errc::connection_failed.

    @par Lifetimes May outlive the server.
    @par Thread safety Distinct and shared objects: safe.
*/
class in_process_transport {
public:
    explicit in_process_transport(std::shared_ptr<detail::server_core> core) noexcept : core_(std::move(core))
    {
    }

    COAUTH_DECL boost::asio::awaitable<result<http_response>> send(http_request request);

private:
    std::shared_ptr<detail::server_core> core_;
};

} // namespace coauth::inline COAUTH_MODE::testing

#ifndef COAUTH_SEPARATE_COMPILATION // who has a transport makes clients
#include <coauth/client_implementation.hpp>
#endif

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/testing/in_process_transport.ipp>
#endif

#endif
