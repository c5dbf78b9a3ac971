#ifndef COAUTH_IMPL_DETAIL_IDENTITY_CHECK_IPP
#define COAUTH_IMPL_DETAIL_IDENTITY_CHECK_IPP

#include <coauth/detail/identity_check.hpp>

namespace coauth::inline COAUTH_MODE::detail {

COAUTH_DECL bool is_of_somebody_else(const error& reason) noexcept
{
    return reason == errc::id_token_issuer_mismatch || reason == errc::subject_mismatch ||
           reason == errc::audience_mismatch || reason == errc::authorized_party_mismatch ||
           reason == errc::nonce_mismatch || reason == errc::token_hash_mismatch ||
           reason == errc::signature_invalid;
}

COAUTH_DECL void identity_check::run(const boost::asio::any_io_executor& executor, secret id_token,
                                     std::string_view access_token, completion complete)
{
    id_token_ = std::move(id_token);
    access_token_ = secret(access_token);
    complete_ = std::move(complete);
    if (around_.client->openid.id_token_secret()) {
        attempt(executor, nullptr);
        return;
    }
    if (around_.server->metadata.jwks_uri().empty()) {
        complete_(errc::key_set_unavailable);
        return;
    }
    fetches_before_ = around_.keys->begun();
    around_.keys->get(executor, [self = shared_from_this(), executor](result<shared_document> keys) {
        if (keys)
            self->attempt(executor, *keys);
        else
            self->complete_(self->without_keys(keys.error()));
    });
}

/// Whatever stands in their place, as the page of a maintenance: a refresh is verified when the keys are there.
inline error identity_check::without_keys(error reason) const
{
    if (previous_ && reason != condition::retryable && reason != errc::signing_key_unknown)
        return error(errc::key_set_unavailable).set_http_status(reason.http_status());
    return reason;
}

inline void identity_check::attempt(const boost::asio::any_io_executor& executor, const shared_document& keys)
{
    id_token_expectations expected;
    expected.registration = &around_.client->openid;
    expected.issuer = around_.server->metadata.issuer().string();
    expected.client_id = around_.client->credentials.client_id();
    expected.algorithms = around_.server->id_token_algorithms;
    expected.keys = static_cast<const jwk_set*>(keys.get());
    expected.access_token = access_token_.expose();
    expected.previous = previous_.get();
    if (!previous_) {
        expected.nonce = &login_.nonce();
        expected.code = code_.expose();
        expected.max_age = login_.max_age();
        expected.required_acr = login_.required_acr_values();
    }
    expected.now = around_.client->now();
    auto verified = verify_id_token(id_token_.expose(), expected, around_.client->bounds);
    // The keys may have been changed since they were fetched. Twice, as the first time may only join a fetch
    // that began before the change.
    const bool lacks_key =
        !verified && (verified.error() == errc::signing_key_unknown ||
                      // A key of that name may be another one by now; a refresh ends for no less.
                      (previous_ && verified.error() == errc::signature_invalid && attempts_ == 0));
    if (lacks_key && keys && ++attempts_ <= 2) {
        around_.keys->get_newer(executor, keys, fetches_before_,
                                [self = shared_from_this(), executor](result<shared_document> newer) {
                                    if (newer)
                                        self->attempt(executor, *newer);
                                    else
                                        self->complete_(self->without_keys(newer.error()));
                                });
        return;
    }
    // OpenID Connect Core 12.2 wants the time of the sign-in. Servers that copy it from their session have the last one: then
    // the tokens are good, and the person is known by the sign-in.
    if (!verified && previous_ && verified.error() == errc::authentication_changed)
        complete_(previous_);
    else if (!verified && previous_ && !keys && verified.error() == errc::signature_invalid)
        complete_(errc::signing_key_unknown); // the secret may have been changed, for all grants alike
    else if (verified)
        complete_(std::make_shared<const verified_id_token>(std::move(*verified)));
    else
        complete_(verified.error());
}

} // namespace coauth::inline COAUTH_MODE::detail

#endif
