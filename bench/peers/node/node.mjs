// What users of these libraries have to do themselves, with what Node.js comes with.
import { randomBytes } from 'node:crypto';
import { job, report } from './measuring.mjs';

const now = () => Number(process.hrtime.bigint());

// A map from state to what has to be remembered, each string made as the libraries make them.
function makeLogins(count) {
  const random = () => randomBytes(32).toString('base64url');
  return Array.from({ length: count }, () => ({
    state: random(),
    pending: { nonce: random(), verifier: random(), binding: random(), expires: Date.now() + 600_000 },
  }));
}

function putAndTake() {
  const logins = makeLogins(job.count);
  const pending = new Map();
  globalThis.gc();
  const start = now();
  for (const { state, pending: login } of logins) pending.set(state, login);
  for (const { state } of logins) {
    const login = pending.get(state);
    pending.delete(state);
    if (!(login.expires > Date.now())) throw new Error('lost');
  }
  return (now() - start) / job.count;
}

function bytesOfAnEntry() {
  const used = () => {
    globalThis.gc();
    globalThis.gc();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
  const random = () => randomBytes(32).toString('base64url');
  const pending = new Map();
  const before = used();
  for (let i = 0; i < job.count; ++i) {
    const expires = Date.now() + 600_000;
    pending.set(random(), { nonce: random(), verifier: random(), binding: random(), expires });
  }
  const bytes = (used() - before) / job.count;
  if (pending.size !== job.count) throw new Error('lost');
  return bytes;
}

// As a token cache would have it: a timer for each grant, ahead of when its token expires.
function makeTimers(timers) {
  const refresh = (grant) => { throw new Error(`grant ${grant} refreshed too early`); };
  for (let i = 0; i < job.count; ++i) timers.push(setTimeout(refresh, 3_540_000 + (i % 60_000), i));
}

function insertAndCancel() {
  const timers = [];
  const start = now();
  makeTimers(timers);
  for (const timer of timers) clearTimeout(timer);
  return (now() - start) / job.count;
}

function bytesOfATimer() {
  const timers = [];
  globalThis.gc();
  const before = process.memoryUsage().heapUsed;
  makeTimers(timers);
  globalThis.gc();
  const bytes = (process.memoryUsage().heapUsed - before) / job.count;
  timers.forEach(clearTimeout);
  return bytes;
}

await report({
  pending_put_take_1m: { unit: 'ns', run: putAndTake },
  pending_bytes_per_entry: { unit: 'bytes', run: bytesOfAnEntry },
  refresh_insert_cancel_1m: { unit: 'ns', run: insertAndCancel },
  refresh_bytes_per_grant: { unit: 'bytes', run: bytesOfATimer },
});
