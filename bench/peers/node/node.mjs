// What users of these libraries have to do themselves, with what Node.js comes with.
import { randomBytes, randomInt } from 'node:crypto';
import { job, processorTime, report } from './measuring.mjs';

const random = () => randomBytes(32).toString('base64url');

// What a map from state to pending sign-ins has, each string made as the libraries make them.
const makeLogin = () => [
  random(),
  { nonce: random(), verifier: random(), binding: random(), expires: Date.now() + 600_000 },
];

// With so many pending sign-ins: any one is taken, and a new one put.
function takeAndPut() {
  const pending = new Map(Array.from({ length: job.count }, makeLogin));
  const taken = [...pending.keys()];
  for (let i = taken.length - 1; i > 0; --i) {
    const other = randomInt(i + 1);
    [taken[i], taken[other]] = [taken[other], taken[i]];
  }
  taken.length = Math.min(job.count, 200_000);
  const added = taken.map(makeLogin);
  globalThis.gc();
  const start = processorTime();
  for (let i = 0; i < taken.length; ++i) {
    const login = pending.get(taken[i]);
    pending.delete(taken[i]);
    if (!(login.expires > Date.now())) throw new Error('lost');
    pending.set(added[i][0], added[i][1]);
  }
  return (processorTime() - start) / taken.length;
}

function bytesOfAnEntry() {
  const used = () => {
    globalThis.gc();
    globalThis.gc();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
  const pending = new Map();
  const before = used();
  for (let i = 0; i < job.count; ++i) pending.set(...makeLogin());
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
  const start = processorTime();
  makeTimers(timers);
  for (const timer of timers) clearTimeout(timer);
  return (processorTime() - start) / job.count;
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
  pending_put_take_1m: { unit: 'ns', run: takeAndPut },
  pending_bytes_per_entry: { unit: 'bytes', run: bytesOfAnEntry },
  refresh_insert_cancel_1m: { unit: 'ns', run: insertAndCancel },
  refresh_bytes_per_grant: { unit: 'bytes', run: bytesOfATimer },
});
