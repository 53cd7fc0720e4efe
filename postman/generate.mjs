// Writes the Postman collection and its environment from docs/openapi.json and the stories, so that none of them is edited by
// hand: `node postman/generate.mjs`; with --check it only says whether they are as they would be written.

import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { contract } from './contract.mjs';

const here = new URL('.', import.meta.url);
const read = (path) => readFileSync(new URL(path, here), 'utf8');
const document = JSON.parse(read('../docs/openapi.json'));

const operations = new Map();
for (const [path, methods] of Object.entries(document.paths)) {
  for (const [method, operation] of Object.entries(methods)) {
    operations.set(operation.operationId, { ...operation, method: method.toUpperCase(), path });
  }
}

/** The lines of a step's function, without what the file's own indentation adds; lines are as they are. */
function script(fn) {
  if (Array.isArray(fn)) return fn;
  const lines = fn.toString().split('\n').slice(1, -1);
  const indent = Math.min(...lines.filter((line) => line.trim()).map((line) => line.search(/\S/)));
  return lines.map((line) => line.slice(indent));
}

function event(listen, exec) {
  return { listen, script: { type: 'text/javascript', exec } };
}

/** A JSON body as text, with bare variables outside of quotes. */
function json(body) {
  const text = JSON.stringify(body, (_, value) => (value?.bare ? `@bare ${value.bare}@` : value), 2);
  return text.replace(/"@bare (\w+)@"/g, '{{$1}}');
}

function url(step, operation) {
  let path = operation
    ? operation.path.replace(/\{(\w+)\}/g, (_, name) => {
        if (step.path?.[name] === undefined) throw new Error(`${step.name}: the path lacks ${name}`);
        return step.path[name];
      })
    : step.path;
  path = `${step.prefix ?? ''}${path}`;
  const { query = {} } = step;
  if (typeof query === 'string') return `{{baseUrl}}${path}?${query}`;
  const pairs = Object.entries(query).map(([name, value]) => `${name}=${value}`);
  return `{{baseUrl}}${path}${pairs.length > 0 ? `?${pairs.join('&')}` : ''}`;
}

function request(step, by) {
  const operation = step.op && operations.get(step.op);
  if (step.op && !operation) throw new Error(`${step.name}: docs/openapi.json has no operation ${step.op}`);
  if (!step.test) throw new Error(`${step.name}: nothing is asserted of it`);
  const headers = { ...(step.body === undefined ? {} : { 'Content-Type': 'application/json' }), ...step.headers };
  const { as = by } = step;
  const made = {
    method: operation?.method ?? step.method,
    header: Object.entries(headers).map(([key, value]) => ({ key, value })),
    auth: as === null
      ? { type: 'noauth' }
      : { type: 'bearer', bearer: [{ key: 'token', value: as, type: 'string' }] },
    url: url(step, operation),
  };
  const raw = step.raw ?? (step.body === undefined ? undefined : json(step.body));
  if (raw !== undefined) made.body = { mode: 'raw', raw };
  if (operation) made.description = `${operation.summary}\n\n${operation.description}`;
  const events = [];
  if (step.before) events.push(event('prerequest', script(step.before)));
  events.push(event('test', script(step.test)));
  return { name: step.name, event: events, request: made };
}

const files = readdirSync(new URL('stories/', here)).filter((name) => name.endsWith('.mjs')).sort();
const stories = [];
for (const name of files) stories.push((await import(`./stories/${name}`)).default);
const items = stories.map(({ name, description, as, test, steps }) => ({
  name,
  description,
  event: test && [event('test', script(test))],
  item: steps.map((step) => request(step, as)),
}));

// Whatever a script keeps is a variable of the collection.
const kept = [...new Set(JSON.stringify(items).match(/collectionVariables\.set\('\w+'/g))];
const variables = kept.map((set) => ({ key: set.split("'")[1], value: '' }));

const collection = {
  info: {
    name: 'Haat',
    description: read('collection.md').trim(),
    schema: 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json',
  },
  event: [event('test', contract(document))],
  variable: variables,
  item: items,
};

const environment = {
  name: 'Haat, local demo data',
  values: [
    ['baseUrl', 'http://127.0.0.1:8080', 'default'],
    ['repUsername', 'sr00001', 'default'],
    ['repPassword', 'Sr@12345', 'secret'],
    ['adminUsername', 'admin', 'default'],
    ['adminPassword', 'Admin@12345', 'secret'],
  ].map(([key, value, type]) => ({ key, value, type, enabled: true })),
  _postman_variable_scope: 'environment',
};

// Which operations no story tells of.
const told = new Set(stories.flatMap(({ steps }) => steps.map((step) => step.op)));
const untold = [...operations.keys()].filter((operation) => !told.has(operation));
if (untold.length > 0) throw new Error(`no story tells of ${untold.join(', ')}`);

const check = process.argv[2] === '--check';
for (const [name, content] of Object.entries({
  'haat.postman_collection.json': collection,
  'haat.postman_environment.json': environment,
})) {
  const text = `${JSON.stringify(content, null, 2)}\n`;
  if (check && read(name) !== text) {
    console.error(`postman/${name} is not what "node postman/generate.mjs" writes: run it, and commit what it wrote`);
    process.exitCode = 1;
  } else if (!check) {
    writeFileSync(new URL(name, here), text);
  }
}
