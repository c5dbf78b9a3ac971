// The provider: found at the first sign-in, asked by so many people at once as it can take.
#ifndef LOGIN_SERVER_PROVIDER_HPP
#define LOGIN_SERVER_PROVIDER_HPP

#include "flight.hpp"
#include "gate.hpp"
#include "log.hpp"
#include "options.hpp"
#include "sign_in_client.hpp"

#include <coauth.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <memory>
#include <string>

namespace login_server {

/** Holds the client, and makes it when it is first needed.

    With --issuer that takes a request to the provider. However many people come at once, there is one such
    request at a time, and all of them get what comes out of it. After a failure, the next one who comes
    tries again: the provider may be started after this server.

    @par Thread safety To be used from one thread, that of the executor.
*/
class provider : public std::enable_shared_from_this<provider> {
public:
    using client_result = coauth::result<std::shared_ptr<sign_in_client>>;

    /** @throws option_error if there is nothing to discover and the client cannot be made */
    static std::shared_ptr<provider> make(boost::asio::any_io_executor executor, options from,
                                          std::string redirect_uri, coauth::any_transport transport,
                                          event_log log);

    boost::asio::awaitable<client_result> client();

    /// Who it is, for people.
    std::string name() const;

    /// Keeps a crowd from opening a connection each.
    gate& back_channel() noexcept { return back_channel_; }

private:
    provider(boost::asio::any_io_executor executor, options from, std::string redirect_uri,
             coauth::any_transport transport, event_log log);

    static boost::asio::awaitable<void> discover(std::shared_ptr<provider> self,
                                                 std::shared_ptr<flight<client_result>> mine);

    boost::asio::any_io_executor executor_;
    options options_;
    std::string redirect_uri_;
    coauth::any_transport transport_;
    event_log log_;
    gate back_channel_;
    std::shared_ptr<sign_in_client> client_;
    std::shared_ptr<flight<client_result>> flight_;
};

} // namespace login_server

#endif
