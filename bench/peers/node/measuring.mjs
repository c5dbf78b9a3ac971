// What the measures of all Node.js peers share: the job, the clock, and how the answer is printed.
//
//     import { job, library, report } from './measuring.mjs';
//     await report({ id_token_rs256: { unit: 'us', prepare: async () => async () => { ... one operation ... } } });
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const [measure, url, , count] = process.argv.slice(2);
export const job = { measure, issuer: url, count: Number(count) };

// What a client of the benchmarks' server is.
export const clientId = 'bench-client';
export const clientSecret = 'a-secret-that-the-server-does-not-check';
export const redirectUri = 'https://app.example/callback';
export const scope = 'openid profile email';

// The authorization server's metadata for what sends it nothing.
export const metadata = {
  issuer: 'https://provider.example',
  authorization_endpoint: 'https://provider.example/authorize',
  token_endpoint: 'https://provider.example/token',
  jwks_uri: 'https://provider.example/jwks',
  authorization_response_iss_parameter_supported: true,
};

const installed = createRequire(new URL('../../../build/peers/node/', import.meta.url));

// A package that ../install got.
export async function library(name) {
  return import(pathToFileURL(installed.resolve(name)));
}

export async function fetchText(path) {
  const response = await fetch(new URL(path, job.issuer));
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return response.text();
}

async function repeat({ synchronous, inFlight = 1 }, operation, times) {
  let left = times;
  if (synchronous) {
    while (left-- > 0) operation();
    return;
  }
  const flow = async () => {
    while (left-- > 0) await operation();
  };
  if (inFlight === 1) await flow();
  else await Promise.all(Array.from({ length: inFlight }, flow));
}

// Nanoseconds of the processors, of all threads: cryptography runs in others.
export function processorTime() {
  const { user, system } = process.cpuUsage();
  return (user + system) * 1000;
}

// measures: name -> { unit, inFlight = 1, synchronous = false, prepare }, where prepare() gives the operation to repeat,
// or { unit, run }, where run() gives the value.
export async function report(measures) {
  const wanted = measures[job.measure];
  if (!wanted) {
    console.error(`no ${job.measure} here`);
    process.exit(77);
  }
  let value;
  if (wanted.run) {
    value = await wanted.run();
  } else {
    const operation = await wanted.prepare();
    await repeat(wanted, operation, Math.ceil(job.count / 4));
    globalThis.gc();
    const start = processorTime();
    await repeat(wanted, operation, job.count);
    value = (processorTime() - start) / job.count / (wanted.unit === 'us' ? 1000 : 1);
  }
  console.log(JSON.stringify({ value, unit: wanted.unit }));
  process.exit(0);
}
