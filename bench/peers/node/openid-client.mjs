// openid-client: https://github.com/panva/openid-client
import { clientId, clientSecret, job, library, metadata, redirectUri, report, scope } from './measuring.mjs';

const client = await library('openid-client');

const authentication = () => client.ClientSecretBasic(clientSecret);
const discover = () => client.discovery(new URL(job.issuer), clientId, undefined, authentication());

async function begin(config) {
  const verifier = client.randomPKCECodeVerifier();
  const state = client.randomState();
  const nonce = client.randomNonce();
  const url = client.buildAuthorizationUrl(config, {
    redirect_uri: redirectUri,
    scope,
    state,
    nonce,
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    prompt: 'consent',
  });
  return { href: url.href, verifier, state, nonce };
}

function callback(code, state) {
  const parameters = new URLSearchParams({ code, state, iss: job.issuer });
  return new URL(`${redirectUri}?${parameters}`);
}

// Its one operation checks the callback, too.
async function prepareExchange() {
  const config = await discover();
  const verifier = client.randomPKCECodeVerifier();
  const url = callback('SplxlOBeZQQYbYS6WxSbIA', 'af0ifjsldkj');
  return async () => {
    const tokens = await client.authorizationCodeGrant(config, url, {
      pkceCodeVerifier: verifier,
      expectedState: 'af0ifjsldkj',
    });
    if (!tokens.access_token) throw new Error('no token');
  };
}

await report({
  begin_authorization: {
    unit: 'ns',
    prepare: () => {
      const config = new client.Configuration(metadata, clientId, undefined, authentication());
      return () => begin(config);
    },
  },
  exchange_sequential_cpu: { unit: 'us', prepare: prepareExchange },
  exchange_64_cpu: { unit: 'us', inFlight: 64, prepare: prepareExchange },
  login_complete_cpu: {
    unit: 'us',
    prepare: async () => {
      const config = await discover();
      client.enableNonRepudiationChecks(config); // without it no signature is verified
      return async () => {
        const { verifier, state, nonce } = await begin(config);
        const tokens = await client.authorizationCodeGrant(config, callback(`RS256.${nonce}`, state), {
          pkceCodeVerifier: verifier,
          expectedState: state,
          expectedNonce: nonce,
          idTokenExpected: true,
        });
        if (!tokens.claims().sub) throw new Error('no subject');
      };
    },
  },
  token_hot: {
    unit: 'ns',
    synchronous: true,
    prepare: async () => {
      const config = await discover();
      const tokens = await client.authorizationCodeGrant(config, callback('SplxlOBeZQQYbYS6WxSbIA', 'af0ifjsldkj'), {
        expectedState: 'af0ifjsldkj',
      });
      let length = 0;
      // Nothing of it refreshes by itself: this is how its users find out whether a token still holds.
      return () => {
        if (tokens.expiresIn() < 60) throw new Error('expired');
        length += tokens.access_token.length;
      };
    },
  },
});
