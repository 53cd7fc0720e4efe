// Records the requests and responses of a collection run that newman exported (--reporter-json-export FILE) as the examples of
// docs/openapi.json: `node postman/record.mjs FILE`. `scripts/openapi --record` calls it.

import { readFileSync, writeFileSync } from 'node:fs';
import { operationsOf } from './operations.mjs';

const here = new URL('.', import.meta.url);
const document = JSON.parse(readFileSync(new URL('../docs/openapi.json', here), 'utf8'));
const { run } = JSON.parse(readFileSync(process.argv[2], 'utf8'));

const operations = operationsOf(document);

/** Members with long tokens and seeds, which are truncated. They are no longer valid. */
const SECRETS = new Set(['accessToken', 'access_token', 'refreshToken', 'mfaToken', 'secret', 'uri']);

function truncate(value, name) {
  if (Array.isArray(value)) return value.slice(0, 2).map((item) => truncate(item));
  if (value && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, truncate(member, key)]));
  }
  return SECRETS.has(name) && typeof value === 'string' && value.length > 40 ? `${value.slice(0, 40)}…` : value;
}

function parseJson(text) {
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
  const operation = operations.find(
    ({ method, path: pattern }) => method === request.method && new RegExp(pattern).test(path),
  );
  if (!operation) continue;
  const example = (examples[operation.id] ??= { request: {}, responses: {} });
  const succeeded = response.code < 300;
  const sent = request.body?.raw;
  const type = request.header?.find(({ key }) => key === 'Content-Type')?.value;
  if (succeeded && sent && type) {
    example.request[type] ??= type === 'application/json' ? truncate(parseJson(sent)) : sent;
  }
  const body = parseJson(Buffer.from(response.stream?.data ?? []).toString('utf8'));
  if (body !== undefined && operation.id !== 'getMetrics') example.responses[response.code] ??= truncate(body);
}

const sorted = Object.fromEntries(Object.entries(examples).sort(([a], [b]) => (a < b ? -1 : 1)));
const out = new URL('../crates/http-adapter/src/shared/describe/examples.json', here);
writeFileSync(out, `${JSON.stringify(sorted, null, 1)}\n`);
console.log(`${Object.keys(sorted).length} of ${operations.length} operations have examples`);
