// Keeps, of a run of the collection that newman has exported (--reporter-json-export FILE), what was sent and answered as the
// examples of docs/openapi.json: `node postman/record.mjs FILE`, which `scripts/openapi --record` does.

import { readFileSync, writeFileSync } from 'node:fs';
import { operationsOf } from './operations.mjs';

const here = new URL('.', import.meta.url);
const document = JSON.parse(readFileSync(new URL('../docs/openapi.json', here), 'utf8'));
const { run } = JSON.parse(readFileSync(process.argv[2], 'utf8'));

const operations = operationsOf(document);

/** Tokens and seeds are long, and nobody's any more. */
const SECRETS = new Set(['accessToken', 'access_token', 'refreshToken', 'mfaToken', 'secret', 'uri']);

function shortened(value, name) {
  if (Array.isArray(value)) return value.slice(0, 2).map((one) => shortened(one));
  if (value && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, shortened(member, key)]));
  }
  return SECRETS.has(name) && typeof value === 'string' && value.length > 40 ? `${value.slice(0, 40)}…` : value;
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const examples = {};
for (const { request, response } of run.executions) {
  if (!response) continue;
  const path = `/${request.url.path.join('/')}`;
  const operation = operations.find((one) => one.method === request.method && new RegExp(one.path).test(path));
  if (!operation) continue;
  const kept = (examples[operation.id] ??= { request: {}, responses: {} });
  const done = response.code < 300;
  const sent = request.body?.raw;
  const type = request.header?.find(({ key }) => key === 'Content-Type')?.value;
  if (done && sent && type) {
    kept.request[type] ??= type === 'application/json' ? shortened(parsed(sent)) : sent;
  }
  const answer = parsed(Buffer.from(response.stream?.data ?? []).toString('utf8'));
  if (answer !== undefined && operation.id !== 'metrics') kept.responses[response.code] ??= shortened(answer);
}

const sorted = Object.fromEntries(Object.entries(examples).sort(([one], [other]) => (one < other ? -1 : 1)));
const out = new URL('../crates/http-adapter/src/shared/describe/examples.json', here);
writeFileSync(out, `${JSON.stringify(sorted, null, 1)}\n`);
console.log(`${Object.keys(sorted).length} of ${operations.length} operations have examples`);
