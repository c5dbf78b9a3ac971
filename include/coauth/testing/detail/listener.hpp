// Floor 5. For tests.
#ifndef COAUTH_TESTING_DETAIL_LISTENER_HPP
#define COAUTH_TESTING_DETAIL_LISTENER_HPP

#include <coauth/testing/certificate_authority.hpp>

#include <cstdint>
#include <memory>
#include <optional>

namespace coauth::inline COAUTH_MODE::testing::detail {

class server_core;

/** Serves a server_core on 127.0.0.1, in a thread of its own. */
class listener {
public:
    /** @param certificate to speak TLS with; none for plain HTTP
        @throws boost::system::system_error if the port is taken
    */
    COAUTH_DECL listener(std::shared_ptr<server_core> core, std::uint16_t port,
                         const std::optional<certificate_authority::certificate>& certificate);
    listener(const listener&) = delete;
    listener& operator=(const listener&) = delete;
    /// Closes all connections.
    COAUTH_DECL ~listener();

    COAUTH_DECL std::uint16_t port() const noexcept;
    /// Connections are accepted from now on.
    COAUTH_DECL void start();

private:
    class state;
    std::unique_ptr<state> state_;
};

} // namespace coauth::inline COAUTH_MODE::testing::detail

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/testing/detail/listener.ipp>
#endif

#endif
