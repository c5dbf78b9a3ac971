// The provider: the client of it, and a bound on how many ask it at once.
#ifndef LOGIN_SERVER_PROVIDER_HPP
#define LOGIN_SERVER_PROVIDER_HPP

#include "gate.hpp"
#include "options.hpp"
#include "sign_in_client.hpp"
#include "site.hpp"
#include "stores.hpp"

#include <coauth.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <string>

namespace login_server {

/** @par Thread safety To be used from one thread, that of the executor. */
class provider {
public:
    /** With --issuer nothing is asked yet: the client discovers the provider at the first sign-in, so it may be
        started after this server.
        @throws option_error if the client cannot be made
    */
    provider(boost::asio::any_io_executor executor, const options& from, const site& here,
             coauth::any_transport transport, const stores& kept);

    sign_in_client& client() noexcept { return client_; }

    /// Who it is, for people.
    const std::string& name() const noexcept { return name_; }

    /// Keeps a crowd from opening a connection each.
    gate& back_channel() noexcept { return back_channel_; }

private:
    sign_in_client client_;
    std::string name_;
    gate back_channel_;
};

} // namespace login_server

#endif
