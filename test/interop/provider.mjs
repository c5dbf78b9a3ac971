// oidc-provider on a loopback address, over TLS, for the interop tests.
//
// Reads its configuration, {"port", "key", "certificate", "clients", "keep_alive_milliseconds"}, from the first line of
// standard input, and prints `READY {"issuer"}`. Each later line is a command, `report` or `rotate_keys`; to both it
// answers with a report of what it saw so far. It ends with its standard input, or on SIGTERM.
import * as crypto from 'node:crypto';
import * as https from 'node:https';
import * as readline from 'node:readline';
import Provider from 'oidc-provider';
import { createMemoryAdapter } from 'oidc-provider/lib/adapters/memory_adapter.js';

// Standard output belongs to the answers; the provider has notices for it, too.
console.info = console.error;
const say = (text) => process.stdout.write(`${text}\n`);

const lines = readline.createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const configuration = JSON.parse((await lines.next()).value);

const server = https.createServer({ key: configuration.key, cert: configuration.certificate });
server.keepAliveTimeout = configuration.keep_alive_milliseconds;
await new Promise((done, failed) => {
  server.once('error', failed).listen(configuration.port, '127.0.0.1', done);
});
const issuer = `https://127.0.0.1:${server.address().port}`;

const report = { requests: {}, token_errors: {}, logout_tokens: {}, connections: 0, resumed: 0 };
const count = (where, key) => { where[key] = (where[key] ?? 0) + 1; };

const cookieKeys = [crypto.randomBytes(24).toString('hex')];
const store = createMemoryAdapter();
const hours = (n) => () => n * 3600;
const algorithms = [
  'RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519',
  'HS256', 'HS384', 'HS512',
];

// One key of each kind; that of RSA signs in six ways.
const makeKeys = () => [
  ['rsa', { modulusLength: 2048 }],
  ['ec', { namedCurve: 'P-256' }], ['ec', { namedCurve: 'P-384' }], ['ec', { namedCurve: 'P-521' }],
  ['ed25519', {}],
].map(([kind, options]) => ({
  ...crypto.generateKeyPairSync(kind, options).privateKey.export({ format: 'jwk' }), use: 'sig',
}));

const makeProvider = () => {
  const provider = new Provider(issuer, {
    clients: configuration.clients,
    adapter: store,
    jwks: { keys: makeKeys() },
    // A logout by POST is a form of another site, and browsers bring no other cookies along with those.
    enableHttpPostMethods: true,
    cookies: { keys: cookieKeys, long: { httpOnly: true, signed: true, secure: true, sameSite: 'none' } },
    scopes: ['openid', 'offline_access'],
    claims: {
      openid: ['sub'], profile: ['name', 'preferred_username'], email: ['email', 'email_verified'],
    },
    acrValues: ['urn:example:password', 'urn:example:hardware'],
    findAccount: (ctx, sub) => ({
      accountId: sub,
      claims: () => ({
        sub, name: `${sub} Häberle`, preferred_username: sub, email: `${sub}@example.com`, email_verified: true,
      }),
    }),
    subjectTypes: ['public', 'pairwise'],
    pairwiseIdentifier: (ctx, accountId, client) => crypto.createHash('sha256')
      .update(`${client.sectorIdentifier} ${accountId} ${cookieKeys[0]}`).digest('hex'),
    clientAuthMethods: ['none', 'client_secret_basic', 'client_secret_post', 'client_secret_jwt', 'private_key_jwt'],
    enabledJWA: {
      clientAuthSigningAlgValues: algorithms,
      idTokenSigningAlgValues: algorithms,
      userinfoSigningAlgValues: algorithms,
    },
    // A new refresh token each time, and the end of the grant when an old one comes back.
    rotateRefreshToken: () => true,
    ttl: {
      AccessToken: hours(1), Grant: hours(24), IdToken: hours(1), Interaction: hours(1), RefreshToken: hours(24),
      Session: hours(24),
    },
    fetch: (url, { dispatcher, ...options }) => fetch(url, options), // its own reaches no loopback address
    features: {
      devInteractions: { enabled: true }, // its own login and consent pages, which believe every password
      backchannelLogout: { enabled: true },
      claimsParameter: { enabled: true },
      jwtUserinfo: { enabled: true },
      revocation: { enabled: true },
      rpInitiatedLogout: { enabled: true },
    },
  });
  // Those pages do not say how a person signed in: by password.
  const finish = provider.interactionFinished.bind(provider);
  provider.interactionFinished = (request, response, { login, ...rest }, ...more) => finish(
    request, response, { ...rest, ...(login && { login: { ...login, acr: 'urn:example:password' } }) }, ...more,
  );
  provider.on('server_error', (ctx, error) => console.error(error));
  provider.on('grant.error', (ctx, error) => count(report.token_errors, error.error));
  provider.on('backchannel.success', () => count(report.logout_tokens, 'accepted'));
  provider.on('backchannel.error', (ctx, error) => {
    console.error(error.message);
    count(report.logout_tokens, 'refused');
  });
  return provider.callback();
};

// One with the same issuer and the same store is the same provider with other keys.
let handle = makeProvider();

server.on('secureConnection', (socket) => {
  report.connections += 1;
  report.resumed += socket.isSessionReused() ? 1 : 0;
});
server.on('request', (request) => count(report.requests, `${request.method} ${request.url.split('?')[0]}`));
server.on('request', (request, response) => handle(request, response));

process.on('SIGTERM', () => process.exit(0));
say(`READY ${JSON.stringify({ issuer })}`);
for (;;) {
  const { done, value } = await lines.next();
  if (done) break;
  if (value === 'rotate_keys') handle = makeProvider();
  say(JSON.stringify(report));
}
process.exit(0);
