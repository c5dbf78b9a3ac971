// oidc-provider on a loopback address, over TLS, for the interop tests.
//
// Reads its configuration, {"port", "key", "certificate", "clients", "keep_alive_milliseconds"}, from the first line of
// standard input, and prints `READY {"issuer"}`. To each later line it answers with a report of what it saw so far.
// It ends with its standard input, or on SIGTERM.
import * as crypto from 'node:crypto';
import * as https from 'node:https';
import * as readline from 'node:readline';
import Provider from 'oidc-provider';

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

const { privateKey } = crypto.generateKeyPairSync('rsa', { modulusLength: 2048 });
const hours = (n) => () => n * 3600;

const provider = new Provider(issuer, {
  clients: configuration.clients,
  jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256' }] },
  cookies: { keys: [crypto.randomBytes(24).toString('hex')] },
  scopes: ['openid', 'offline_access'],
  claims: {
    openid: ['sub'], profile: ['name', 'preferred_username'], email: ['email', 'email_verified'],
  },
  findAccount: (ctx, sub) => ({
    accountId: sub,
    claims: () => ({
      sub, name: `${sub} Häberle`, preferred_username: sub, email: `${sub}@example.com`, email_verified: true,
    }),
  }),
  // A new refresh token each time, and the end of the grant when an old one comes back.
  rotateRefreshToken: () => true,
  ttl: {
    AccessToken: hours(1), Grant: hours(24), IdToken: hours(1), Interaction: hours(1), RefreshToken: hours(24),
    Session: hours(24),
  },
  features: {
    devInteractions: { enabled: true }, // its own login and consent pages, which believe every password
    revocation: { enabled: true },
  },
});

const report = { requests: {}, token_errors: {}, connections: 0, resumed: 0 };
const count = (where, key) => { where[key] = (where[key] ?? 0) + 1; };

provider.on('server_error', (ctx, error) => console.error(error));
provider.on('grant.error', (ctx, error) => count(report.token_errors, error.error));
server.on('secureConnection', (socket) => {
  report.connections += 1;
  report.resumed += socket.isSessionReused() ? 1 : 0;
});
server.on('request', (request) => count(report.requests, `${request.method} ${request.url.split('?')[0]}`));
server.on('request', provider.callback());

process.on('SIGTERM', () => process.exit(0));
say(`READY ${JSON.stringify({ issuer })}`);
for (;;) {
  const { done } = await lines.next();
  if (done) break;
  say(JSON.stringify(report));
}
process.exit(0);
