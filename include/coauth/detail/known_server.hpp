// Floor 4. What a client knows of its server, and how it comes to know it.
#ifndef COAUTH_DETAIL_KNOWN_SERVER_HPP
#define COAUTH_DETAIL_KNOWN_SERVER_HPP

#include <coauth/core/server_metadata.hpp>
#include <coauth/detail/client_settings.hpp>
#include <coauth/detail/shared_fetch.hpp>
#include <coauth/protocol/authorization_request.hpp>

#include <memory>
#include <utility>

namespace coauth::inline COAUTH_MODE::detail {

/// A server's metadata with what follows from it for this client. Never changes.
class known_server {
public:
    /** @par Errors errc::invalid_configuration, errc::client_authentication_unsupported: see basic_client */
    COAUTH_LAZY static result<std::shared_ptr<const known_server>> make(server_metadata metadata,
                                                                        const client_settings& client);

    server_metadata metadata;
    authorization_url_prefix url_prefix;
    signing_algorithms id_token_algorithms;

private:
    known_server() = default;
};

/** The server of a client: written down, or discovered when it is needed first. Safe from all threads.

    A template for the reason given in detail/config.hpp.
*/
template <class = void>
class server_directory {
public:
    explicit server_directory(std::shared_ptr<const known_server> known) : fixed_(std::move(known)) {}
    server_directory(any_transport transport, issuer name, std::shared_ptr<const client_settings> client);

    /// What is known without asking; null: discovery comes first.
    std::shared_ptr<const known_server> usable() const;
    /// Whether there is such a thing.
    bool is_usable() const { return fixed_ || discovery_->usable(); }
    /// What was known last, however old. Precondition: usable() once was not null.
    std::shared_ptr<const known_server> latest() const;
    /// Null only if the server was written down.
    const std::shared_ptr<shared_fetch<>>& discovery() const noexcept { return discovery_; }

private:
    std::shared_ptr<const known_server> fixed_;
    std::shared_ptr<shared_fetch<>> discovery_;
};

/// A fetch of the keys of a server, wherever its metadata says that they are.
COAUTH_LAZY std::shared_ptr<shared_fetch<>> make_key_fetch(any_transport transport,
                                                           std::shared_ptr<const server_directory<>> server,
                                                           const client_settings& client);

#ifdef COAUTH_SEPARATE_COMPILATION
extern template class server_directory<>;
#endif

} // namespace coauth::inline COAUTH_MODE::detail

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/detail/known_server.ipp>
#endif

#endif
