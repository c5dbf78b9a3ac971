// Floor 4.
#ifndef COAUTH_PROVIDER_REGISTRY_HPP
#define COAUTH_PROVIDER_REGISTRY_HPP

#include <coauth/client.hpp>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

COAUTH_COROUTINES_BEGIN

namespace coauth::inline COAUTH_MODE {

/** What a callback turned out to be: a code, and of which provider. */
template <security_policy Policy = oauth21>
class basic_provider_code {
public:
    /// Of no provider. For Asio, which hands one over beside an exception.
    basic_provider_code() = default;
    basic_provider_code(std::string name, basic_client<Policy> of, authorization_code value)
        : provider_(std::move(name)), client_(std::move(of)), code_(std::move(value))
    {
    }

    /// The name that the provider was added by.
    const std::string& provider() const noexcept { return provider_; }
    /// Exchanges the code. Precondition: this is of a provider.
    basic_client<Policy>& client() noexcept { return *client_; }
    authorization_code& code() noexcept { return code_; }

private:
    std::string provider_;
    std::optional<basic_client<Policy>> client_;
    authorization_code code_;
};

using provider_code = basic_provider_code<>;

/** Several providers, whose answers come to one place.

    With more than one authorization server a client can be made to take the answer of one for that of
    another, and to send the code of an honest server to a hostile one. Two providers can be told apart by the
    issuer in their answers, or by the redirect URI that the answers come to. A registry in which two cannot be told
    apart does not come into being.

    @tparam Policy see security_policy
    @par Thread safety Distinct objects: safe. Shared objects: all functions but add() are safe; add() comes first.
    @par Specification RFC 9700 4.4 (mix-up), RFC 9207
*/
template <security_policy Policy = oauth21>
class basic_provider_registry {
public:
    using client_type = basic_client<Policy>;
    using state_store = typename Policy::state_store;

    /// With a state store for all providers of its own.
    explicit basic_provider_registry(const limits& bounds = {})
        requires std::constructible_from<state_store, const limits&>
        : basic_provider_registry(std::make_shared<state_store>(bounds), bounds)
    {
    }
    explicit basic_provider_registry(std::shared_ptr<state_store> store, const limits& bounds = {})
        : bounds_(bounds), store_(std::move(store)), clients_(std::make_shared<client_map>())
    {
    }

    /** Add a provider; the arguments are those of a client.

        Precondition: no operation has begun.

        @param name how the application calls it, as in the path of its sign-in button
        @throws coauth::exception
        - errc::invalid_configuration: the name is empty or taken; the same registration at the same server is there
          already; or it has the redirect URI of another provider, and one of the two does not name its issuer in its
          answers. To be discovered, a provider has to be said to do so:
          openid_registration::set_issuer_in_response_required().
        - those of the constructor of basic_client
    */
    template <client_authentication_method Authentication>
    basic_provider_registry& add(std::string name, server_or_issuer server,
                                 client_registration<Authentication> registration, any_transport transport)
    {
        client_type added(std::move(server), std::move(registration), std::move(transport), store_, bounds_);
        const detail::client_interface& core = *added.self_->core;
        bool clear = !name.empty();
        for (const auto& [other_name, other] : *clients_) {
            const detail::client_interface& there = *other.self_->core;
            if (there.redirect_uri().string() != core.redirect_uri().string())
                several_redirect_uris_ = true;
            else if (!there.names_issuer_in_response() || !core.names_issuer_in_response())
                clear = false;
            clear = clear && there.tag() != core.tag();
        }
        if (!clear || !clients_->try_emplace(std::move(name), std::move(added)).second)
            throw exception(errc::invalid_configuration);
        return *this;
    }

    /// The client of a provider; null if there is none of that name, as when a stranger made the name up.
    client_type* find(std::string_view name) noexcept
    {
        const auto found = clients_->find(name);
        return found == clients_->end() ? nullptr : &found->second;
    }

    /** Check the answer of whichever provider a browser brought.

        As basic_client::accept_callback(), with these errors besides:
        - errc::invalid_parameter: providers have redirect URIs of their own, and
          callback_parameters::redirect_uri does not say to which one it came
        - errc::issuer_mismatch: the sign-in was begun with a provider that is not in this registry
    */
    [[nodiscard]] boost::asio::awaitable<result<basic_provider_code<Policy>>>
    accept_callback(const callback_parameters& callback)
    {
        if (several_redirect_uris_ && callback.redirect_uri.empty())
            return detail::failed<basic_provider_code<Policy>>(errc::invalid_parameter);
        if (clients_->empty())
            return detail::failed<basic_provider_code<Policy>>(errc::unknown_transaction);
        const detail::client_interface& any = *clients_->begin()->second.self_->core;
        by_tag route(clients_);
        auto checking = detail::check_callback<Policy>(store_, any, callback, std::move(route));
        return find_provider(clients_, std::move(checking));
    }

    /// As basic_client::cookie_suffix().
    std::string cookie_suffix(std::string_view parameters) const
    {
        return clients_->empty() ? std::string() : clients_->begin()->second.cookie_suffix(parameters);
    }

private:
    using client_map = std::map<std::string, client_type, std::less<>>;

    struct by_tag {
        std::shared_ptr<detail::client_interface> operator()(std::uint64_t tag) const
        {
            for (const auto& [name, one] : *clients)
                if (one.self_->core->tag() == tag)
                    return one.self_->core;
            return nullptr;
        }
        std::shared_ptr<client_map> clients;
    };

    static boost::asio::awaitable<result<basic_provider_code<Policy>>>
    find_provider(std::shared_ptr<client_map> clients,
                  boost::asio::awaitable<result<authorization_code>> checking)
    {
        result<authorization_code> code = co_await std::move(checking);
        if (!code)
            co_return code.error();
        for (const auto& [name, one] : *clients)
            if (one.self_->core->made(*code))
                co_return basic_provider_code<Policy>(name, one, std::move(*code));
        co_return errc::issuer_mismatch; // made by none: it cannot come to this
    }

    limits bounds_;
    std::shared_ptr<state_store> store_;
    std::shared_ptr<client_map> clients_;
    bool several_redirect_uris_ = false;
};

using provider_registry = basic_provider_registry<>;

} // namespace coauth::inline COAUTH_MODE

COAUTH_COROUTINES_END

#endif
