//! oauth2: https://github.com/ramosbugs/oauth2-rs. It leaves the callback to the application.
use crate::{Job, Outcome, CLIENT_ID, CLIENT_SECRET, REDIRECT_URI, SCOPES};
use oauth2::basic::BasicClient;
use oauth2::{
    AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointNotSet, EndpointSet, PkceCodeChallenge,
    PkceCodeVerifier, RedirectUrl, Scope, TokenResponse, TokenUrl,
};
use std::hint::black_box;

type Client = BasicClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointSet>;

fn client_of(issuer: &str) -> Outcome<Client> {
    Ok(BasicClient::new(ClientId::new(CLIENT_ID.to_string()))
        .set_client_secret(ClientSecret::new(CLIENT_SECRET.to_string()))
        .set_auth_uri(AuthUrl::new(format!("{issuer}/authorize"))?)
        .set_token_uri(TokenUrl::new(format!("{issuer}/token"))?)
        .set_redirect_uri(RedirectUrl::new(REDIRECT_URI.to_string())?))
}

fn begin(client: &Client) -> (String, CsrfToken, CsrfToken, PkceCodeVerifier) {
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let nonce = CsrfToken::new_random_len(32); // OpenID Connect is beyond it
    let (url, state) = client
        .authorize_url(|| CsrfToken::new_random_len(32))
        .add_scope(Scope::new("openid".to_string()))
        .add_scopes(SCOPES.map(|scope| Scope::new(scope.to_string())))
        .add_extra_param("nonce", nonce.secret())
        .add_extra_param("prompt", "consent")
        .set_pkce_challenge(challenge)
        .url();
    (url.into(), state, nonce, verifier)
}

async fn exchange(job: &Job, in_flight: usize) -> Outcome<f64> {
    let client = client_of(&job.issuer)?;
    let http = job.http_client()?;
    let (_, verifier) = PkceCodeChallenge::new_random_sha256();
    job.cost_in_flight(in_flight, async || {
        let tokens = client
            .exchange_code(AuthorizationCode::new("SplxlOBeZQQYbYS6WxSbIA".to_string()))
            .set_pkce_verifier(PkceCodeVerifier::new(verifier.secret().clone()))
            .request_async(&http)
            .await?;
        black_box(tokens.access_token());
        Ok(())
    })
    .await
}

pub async fn measure(name: &str, job: &Job) -> Outcome<Option<(f64, &'static str)>> {
    Ok(match name {
        "begin_authorization" => {
            let client = client_of("https://provider.example")?;
            let value = 1000.0
                * job.cost(|| {
                    drop(black_box(begin(&client)));
                    Ok(())
                })?;
            Some((value, "ns"))
        }
        "exchange_sequential_cpu" => Some((exchange(job, 1).await?, "us")),
        "exchange_64_cpu" => Some((exchange(job, 64).await?, "us")),
        _ => None,
    })
}
