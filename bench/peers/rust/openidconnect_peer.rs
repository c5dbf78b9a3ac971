//! openidconnect: https://github.com/ramosbugs/openidconnect-rs, over oauth2. It leaves the callback to the application.
use crate::{Job, Outcome, CLIENT_ID, CLIENT_SECRET, REDIRECT_URI, SCOPES};
use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreIdToken, CoreIdTokenVerifier, CoreJwsSigningAlgorithm, CoreProviderMetadata,
};
use openidconnect::{
    reqwest, AuthorizationCode, ClientId, ClientSecret, CsrfToken, IssuerUrl, Nonce, OAuth2TokenResponse,
    PkceCodeChallenge, RedirectUrl, Scope, TokenResponse,
};
use std::hint::black_box;
use std::str::FromStr;

async fn discover(job: &Job, http: &reqwest::Client) -> Outcome<CoreProviderMetadata> {
    Ok(CoreProviderMetadata::discover_async(IssuerUrl::new(job.issuer.clone())?, http).await?)
}

async fn login(job: &Job) -> Outcome<f64> {
    let http = job.http_client()?;
    let client = CoreClient::from_provider_metadata(
        discover(job, &http).await?,
        ClientId::new(CLIENT_ID.to_string()),
        Some(ClientSecret::new(CLIENT_SECRET.to_string())),
    )
    .set_redirect_uri(RedirectUrl::new(REDIRECT_URI.to_string())?);

    job.cost_in_flight(1, async || {
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let (url, state, nonce) = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                || CsrfToken::new_random_len(32),
                || Nonce::new_random_len(32),
            )
            .add_scopes(SCOPES.map(|scope| Scope::new(scope.to_string())))
            .add_extra_param("prompt", "consent")
            .set_pkce_challenge(challenge)
            .url();
        black_box(url);

        let callback =
            format!("{REDIRECT_URI}?code=RS256.{}&state={}&iss={}", nonce.secret(), state.secret(), job.issuer);
        let code = accept(&callback, state.secret(), &job.issuer)?;
        let tokens = client
            .exchange_code(AuthorizationCode::new(code))?
            .set_pkce_verifier(verifier)
            .request_async(&http)
            .await?;
        let id_token = tokens.id_token().ok_or("no ID token")?;
        let verifier = client.id_token_verifier();
        black_box((id_token.claims(&verifier, &nonce)?.subject(), tokens.access_token()));
        Ok(())
    })
    .await
}

/// What it leaves to the application: what came with the callback.
fn accept(callback: &str, state: &str, issuer: &str) -> Outcome<String> {
    let callback = reqwest::Url::parse(callback)?;
    let parameter = |name: &str| callback.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value);
    if parameter("state").as_deref() != Some(state) {
        return Err("another state".into());
    }
    if parameter("iss").as_deref() != Some(issuer) {
        return Err("another issuer".into());
    }
    Ok(parameter("code").ok_or("no code")?.into_owned())
}

async fn id_token(job: &Job, name: &str, algorithm: CoreJwsSigningAlgorithm) -> Outcome<f64> {
    let http = job.http_client()?;
    let metadata = discover(job, &http).await?;
    let verifier = CoreIdTokenVerifier::new_confidential_client(
        ClientId::new(CLIENT_ID.to_string()),
        ClientSecret::new(CLIENT_SECRET.to_string()),
        metadata.issuer().clone(),
        metadata.jwks().clone(),
    )
    .set_allowed_algs([algorithm]);
    let nonce = Nonce::new("n-0S6_WzA2Mj".to_string());
    let address = format!("{}/bench/id_token?alg={name}&nonce={}", job.issuer, nonce.secret());
    let text = http.get(address).send().await?.error_for_status()?.text().await?;
    job.cost(|| {
        let token = CoreIdToken::from_str(&text)?;
        black_box(token.claims(&verifier, &nonce)?.subject());
        Ok(())
    })
}

pub async fn measure(name: &str, job: &Job) -> Outcome<Option<(f64, &'static str)>> {
    let value = match name {
        "login_complete_cpu" => login(job).await?,
        "id_token_rs256" => id_token(job, "RS256", CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256).await?,
        "id_token_es256" => id_token(job, "ES256", CoreJwsSigningAlgorithm::EcdsaP256Sha256).await?,
        "id_token_eddsa" => id_token(job, "EdDSA", CoreJwsSigningAlgorithm::EdDsa).await?,
        _ => return Ok(None),
    };
    Ok(Some((value, "us")))
}
