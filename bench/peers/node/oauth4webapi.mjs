// oauth4webapi: https://github.com/panva/oauth4webapi
import {
  clientId, clientSecret, fetchText, job, library, metadata, redirectUri, report, scope,
} from './measuring.mjs';

const oauth = await library('oauth4webapi');

const authentication = oauth.ClientSecretBasic(clientSecret);

async function discover() {
  const issuer = new URL(job.issuer);
  return oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer));
}

async function begin(server) {
  const verifier = oauth.generateRandomCodeVerifier();
  const state = oauth.generateRandomState();
  const nonce = oauth.generateRandomNonce();
  const url = new URL(server.authorization_endpoint);
  url.searchParams.set('client_id', clientId);
  url.searchParams.set('response_type', 'code');
  url.searchParams.set('redirect_uri', redirectUri);
  url.searchParams.set('scope', scope);
  url.searchParams.set('state', state);
  url.searchParams.set('nonce', nonce);
  url.searchParams.set('code_challenge', await oauth.calculatePKCECodeChallenge(verifier));
  url.searchParams.set('code_challenge_method', 'S256');
  url.searchParams.set('prompt', 'consent');
  return { href: url.href, verifier, state, nonce };
}

function accept(server, client, code, state) {
  const parameters = new URLSearchParams({ code, state, iss: server.issuer });
  return oauth.validateAuthResponse(server, client, new URL(`${redirectUri}?${parameters}`), state);
}

function exchange(server, client, accepted, verifier) {
  return oauth.authorizationCodeGrantRequest(server, client, authentication, accepted, redirectUri, verifier);
}

async function prepareExchange() {
  const server = await discover();
  const client = { client_id: clientId };
  const verifier = oauth.generateRandomCodeVerifier();
  const accepted = accept(server, client, 'SplxlOBeZQQYbYS6WxSbIA', 'af0ifjsldkj');
  return async () => {
    const response = await exchange(server, client, accepted, verifier);
    const tokens = await oauth.processAuthorizationCodeResponse(server, client, response);
    if (!tokens.access_token) throw new Error('no token');
  };
}

// It takes an ID token only in a token response, whose JSON is parsed each time, too.
async function validate(server, client, response, expectedNonce) {
  const tokens = await oauth.processAuthorizationCodeResponse(server, client, response, {
    expectedNonce,
    requireIdToken: true,
  });
  await oauth.validateApplicationLevelSignature(server, response);
  const claims = oauth.getValidatedIdTokenClaims(tokens);
  if (!claims.sub) throw new Error('no subject');
}

const idToken = (algorithm) => ({
  unit: 'us',
  prepare: async () => {
    const server = await discover();
    const client = { client_id: clientId, id_token_signed_response_alg: algorithm };
    const token = await fetchText(`/bench/id_token?alg=${algorithm}&nonce=n-0S6_WzA2Mj`);
    const body = JSON.stringify({ access_token: 'SlAV32hkKG', token_type: 'Bearer', id_token: token });
    const init = { headers: { 'Content-Type': 'application/json' } };
    return () => validate(server, client, new Response(body, init), 'n-0S6_WzA2Mj');
  },
});

await report({
  begin_authorization: { unit: 'ns', prepare: () => () => begin(metadata) },
  accept_callback: {
    unit: 'ns',
    synchronous: true,
    prepare: () => {
      const client = { client_id: clientId };
      const state = oauth.generateRandomState();
      const parameters = new URLSearchParams({ code: 'SplxlOBeZQQYbYS6WxSbIA', state, iss: metadata.issuer });
      const query = parameters.toString();
      return () => oauth.validateAuthResponse(metadata, client, new URLSearchParams(query), state);
    },
  },
  exchange_sequential_cpu: { unit: 'us', prepare: prepareExchange },
  exchange_64_cpu: { unit: 'us', inFlight: 64, prepare: prepareExchange },
  login_complete_cpu: {
    unit: 'us',
    prepare: async () => {
      const server = await discover();
      const client = { client_id: clientId };
      return async () => {
        const { verifier, state, nonce } = await begin(server);
        const accepted = accept(server, client, `RS256.${nonce}`, state);
        await validate(server, client, await exchange(server, client, accepted, verifier), nonce);
      };
    },
  },
  id_token_rs256: idToken('RS256'),
  id_token_es256: idToken('ES256'),
  id_token_eddsa: idToken('EdDSA'),
});
