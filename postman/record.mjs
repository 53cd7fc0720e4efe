// Records the requests and responses of a collection run that newman exported (--reporter-json-export FILE) as the examples of
// docs/openapi.json, one file per operation in crates/server/examples: `node postman/record.mjs FILE`.
// `scripts/openapi --record` calls it.

import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { normalizer } from './normalize.mjs';
import { operationsOf } from './operations.mjs';

const here = new URL('.', import.meta.url);
const folder = new URL('../crates/server/examples/', here);
const document = JSON.parse(readFileSync(new URL('../docs/openapi.json', here), 'utf8'));
const { run } = JSON.parse(readFileSync(process.argv[2], 'utf8'));

const operations = operationsOf(document);

function parseJson(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Keeps two items of each list. */
function shorten(value) {
  if (Array.isArray(value)) return value.slice(0, 2).map(shorten);
  if (value && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, shorten(member)]));
  }
  return value;
}

// A request that polls is repeated an unknown number of times: only its last response is the same in every run.
const executions = [...new Map(run.executions.map((execution) => [execution.item.id, execution])).values()];

const examples = new Map();
for (const { request, response } of executions) {
  if (!response) continue;
  const path = `/${request.url.path.join('/')}`;
  const operation = operations.find(
    ({ method, path: pattern }) => method === request.method && new RegExp(pattern).test(path),
  );
  if (!operation) continue;
  if (!examples.has(operation.id)) examples.set(operation.id, { path, request: {}, responses: {} });
  const example = examples.get(operation.id);
  const succeeded = response.code < 300;
  const sent = request.body?.raw;
  const type = request.header?.find(({ key }) => key === 'Content-Type')?.value;
  if (succeeded && sent && type) {
    example.request[type] ??= type === 'application/json' ? shorten(parseJson(sent)) : sent;
  }
  const body = parseJson(Buffer.from(response.stream?.data ?? []).toString('utf8'));
  if (body !== undefined && operation.id !== 'getMetrics') example.responses[response.code] ??= shorten(body);
}

mkdirSync(folder, { recursive: true });
const outdated = new Set(readdirSync(folder));
let count = 0;
for (const [id, { path, ...example }] of examples) {
  if (Object.keys(example.request).length + Object.keys(example.responses).length === 0) continue;
  const normalized = normalizer(run.timings.started, path)(example);
  writeFileSync(new URL(`${id}.json`, folder), `${JSON.stringify(normalized, null, 2)}\n`);
  outdated.delete(`${id}.json`);
  count += 1;
}
for (const name of outdated) rmSync(new URL(name, folder));
console.log(`${count} of ${operations.length} operations have examples`);
