#ifndef COAUTH_IMPL_DETAIL_KNOWN_SERVER_IPP
#define COAUTH_IMPL_DETAIL_KNOWN_SERVER_IPP

#include <coauth/detail/http_messages.hpp>
#include <coauth/detail/known_server.hpp>
#include <coauth/jose/jwk_set.hpp>
#include <coauth/protocol/discovery.hpp>

#include <algorithm>
#include <charconv>

namespace coauth::inline COAUTH_MODE::detail {

COAUTH_LAZY_DECL result<std::shared_ptr<const known_server>> known_server::make(server_metadata metadata,
                                                                                const client_settings& client)
{
    if (metadata.authorization_endpoint().empty() || metadata.token_endpoint().empty() ||
        client.credentials.client_id().empty() || client.redirect.empty())
        return errc::invalid_configuration;
    if (client.openid.issuer_in_response_required())
        metadata.set_sends_issuer_in_response(true);
    // RFC 9207 2.4: an `iss` that is demanded has to be compared with something. RFC 7523 3: an assertion needs an
    // audience.
    if ((metadata.sends_issuer_in_response() || client.credentials.needs_issuer()) &&
        metadata.issuer().empty())
        return errc::invalid_configuration;
    if (!metadata.supports_token_endpoint_authentication(client.credentials.method_name()))
        return errc::client_authentication_unsupported;
    auto prefix = authorization_url_prefix::make(metadata.authorization_endpoint(),
                                                 client.credentials.client_id(), client.redirect.string());
    if (!prefix)
        return prefix.error();
    const std::shared_ptr<known_server> out(new known_server);
    out->url_prefix = std::move(*prefix);
    out->id_token_algorithms = client.openid.id_token_algorithms().value_or(default_signing_algorithms);
    if (const auto announced = metadata.id_token_algorithms())
        out->id_token_algorithms = out->id_token_algorithms & *announced;
    out->metadata = std::move(metadata);
    return std::shared_ptr<const known_server>(out);
}

template <class Void>
class metadata_source final : public document_source {
public:
    metadata_source(issuer name, std::shared_ptr<const client_settings> client)
        : issuer_(std::move(name)), client_(std::move(client))
    {
    }

    http_request request() const override
    {
        return document_request(openid_configuration_url(issuer_), "application/json", client_->bounds);
    }
    std::optional<http_request> request_instead() const override
    {
        return document_request(oauth_metadata_url(issuer_), "application/json", client_->bounds);
    }
    result<document> read(const http_response& answer) const override
    {
        const auto& tenants = client_->openid.multi_tenant_issuer();
        auto metadata =
            parse_server_metadata(answer_of(answer), issuer_, tenants ? &*tenants : nullptr, client_->bounds);
        if (!metadata)
            return metadata.error();
        auto known = known_server::make(std::move(*metadata), *client_);
        if (!known)
            return known.error();
        return document(std::move(*known), client_->bounds.metadata_age);
    }

private:
    issuer issuer_;
    std::shared_ptr<const client_settings> client_;
};

template <class Void>
server_directory<Void>::server_directory(any_transport transport, issuer name,
                                         std::shared_ptr<const client_settings> client)
{
    // Endpoints seldom change, and a server whose metadata cannot be fetched may work all the same.
    const shared_fetch<>::ages times{
        std::chrono::hours(24 * 365), client->bounds.metadata_retry_interval, {}};
    const auto now = client->now;
    discovery_ = std::make_shared<shared_fetch<>>(
        std::move(transport), std::make_unique<metadata_source<Void>>(std::move(name), std::move(client)),
        now, times);
}

template <class Void>
std::shared_ptr<const known_server> server_directory<Void>::usable() const
{
    return fixed_ ? fixed_ : std::static_pointer_cast<const known_server>(discovery_->usable());
}

template <class Void>
std::shared_ptr<const known_server> server_directory<Void>::latest() const
{
    return fixed_ ? fixed_ : std::static_pointer_cast<const known_server>(discovery_->latest());
}

/// RFC 9111 5.2.2: what `max-age` says, or the shortest age if it must not be kept.
inline std::chrono::seconds key_set_age(std::string_view cache_control, const limits& bounds)
{
    constexpr std::string_view name = "max-age=";
    if (cache_control.find("no-store") != std::string_view::npos ||
        cache_control.find("no-cache") != std::string_view::npos)
        return bounds.key_set_shortest_age;
    const auto at = cache_control.find(name);
    if (at == std::string_view::npos)
        return bounds.key_set_age;
    std::uint32_t seconds = UINT32_MAX; // stays so if there are more digits than fit
    const char* const begin = cache_control.data() + at + name.size();
    const auto [end, failure] = std::from_chars(begin, cache_control.data() + cache_control.size(), seconds);
    if (failure == std::errc::invalid_argument)
        return bounds.key_set_age;
    return std::clamp(std::chrono::seconds(seconds), bounds.key_set_shortest_age,
                      std::max(bounds.key_set_shortest_age, bounds.key_set_longest_age));
}

template <class Void>
class key_set_source final : public document_source {
public:
    key_set_source(std::shared_ptr<const server_directory<>> server, const coauth::limits& bounds)
        : server_(std::move(server)), bounds_(bounds)
    {
    }

    http_request request() const override
    {
        const auto known = server_->latest();
        return document_request(known->metadata.jwks_uri(), "application/jwk-set+json, application/json",
                                bounds_);
    }
    std::optional<http_request> request_instead() const override { return std::nullopt; }
    result<document> read(const http_response& answer) const override
    {
        const detail::answer from = answer_of(answer);
        if (from.status != 200)
            return document_error(from, bounds_);
        if (!is_media_type(from.content_type, "application/json") &&
            !is_media_type(from.content_type, "application/jwk-set+json"))
            return error(errc::unexpected_content_type).set_http_status(from.status);
        auto keys = jwk_set::parse(from.body, bounds_);
        if (!keys)
            return keys.error().set_http_status(from.status);
        return document(std::make_shared<const jwk_set>(std::move(*keys)),
                        key_set_age(answer.field_value("Cache-Control"), bounds_));
    }

private:
    std::shared_ptr<const server_directory<>> server_;
    coauth::limits bounds_;
};

COAUTH_LAZY_DECL std::shared_ptr<shared_fetch<>>
make_key_fetch(any_transport transport, std::shared_ptr<const server_directory<>> server,
               const client_settings& client)
{
    const coauth::limits& bounds = client.bounds;
    const shared_fetch<>::ages times{bounds.key_set_stale_if_error, bounds.key_set_forced_interval,
                                     bounds.key_set_forced_interval};
    return std::make_shared<shared_fetch<>>(std::move(transport),
                                            std::make_unique<key_set_source<void>>(std::move(server), bounds),
                                            client.now, times);
}

} // namespace coauth::inline COAUTH_MODE::detail

#endif
