// Generates the Postman collection and its environment from docs/openapi.json and the stories: `node postman/generate.mjs`.
// With --check it writes nothing and fails if a generated file is out of date.

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

/** Returns the lines of a step's function body without the indentation of the source file, or a list of lines as is. */
function script(fn) {
  if (Array.isArray(fn)) return fn;
  const lines = fn.toString().split('\n').slice(1, -1);
  const indent = Math.min(...lines.filter((line) => line.trim()).map((line) => line.search(/\S/)));
  return lines.map((line) => line.slice(indent));
}

function event(listen, exec) {
  return { listen, script: { type: 'text/javascript', exec } };
}

/** Returns a JSON body as text, with unquoted variables outside of quotes. */
function json(body) {
  const text = JSON.stringify(body, (_, value) => (value?.unquoted ? `@unquoted ${value.unquoted}@` : value), 2);
  return text.replace(/"@unquoted (\w+)@"/g, '{{$1}}');
}

function url(step, operation) {
  let path = operation
    ? operation.path.replace(/\{(\w+)\}/g, (_, name) => {
        if (step.path?.[name] === undefined) throw new Error(`${step.name}: path parameter ${name} is missing`);
        return step.path[name];
      })
    : step.path;
  path = `${step.prefix ?? ''}${path}`;
  const { query = {} } = step;
  if (typeof query === 'string') return `{{baseUrl}}${path}?${query}`;
  const pairs = Object.entries(query).map(([name, value]) => `${name}=${value}`);
  return `{{baseUrl}}${path}${pairs.length > 0 ? `?${pairs.join('&')}` : ''}`;
}

function request(step, caller) {
  const operation = step.op && operations.get(step.op);
  if (step.op && !operation) throw new Error(`${step.name}: docs/openapi.json has no operation ${step.op}`);
  if (!step.test) throw new Error(`${step.name}: no assertions`);
  const headers = { ...(step.body === undefined ? {} : { 'Content-Type': 'application/json' }), ...step.headers };
  const { as = caller } = step;
  const result = {
    method: operation?.method ?? step.method,
    header: Object.entries(headers).map(([key, value]) => ({ key, value })),
    auth: as === null
      ? { type: 'noauth' }
      : { type: 'bearer', bearer: [{ key: 'token', value: as, type: 'string' }] },
    url: url(step, operation),
  };
  const raw = step.raw ?? (step.body === undefined ? undefined : json(step.body));
  if (raw !== undefined) result.body = { mode: 'raw', raw };
  if (operation) result.description = `${operation.summary}\n\n${operation.description}`;
  const events = [];
  if (step.before) events.push(event('prerequest', script(step.before)));
  events.push(event('test', script(step.test)));
  return { name: step.name, event: events, request: result };
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

// Every variable that a script sets is declared in the collection.
const assignments = [...new Set(JSON.stringify(items).match(/collectionVariables\.set\('\w+'/g))];
const variables = assignments.map((set) => ({ key: set.split("'")[1], value: '' }));

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

// Every operation needs a step in a story.
const covered = new Set(stories.flatMap(({ steps }) => steps.map((step) => step.op)));
const uncovered = [...operations.keys()].filter((operation) => !covered.has(operation));
if (uncovered.length > 0) throw new Error(`no story covers ${uncovered.join(', ')}`);

const check = process.argv[2] === '--check';
for (const [name, content] of Object.entries({
  'haat.postman_collection.json': collection,
  'haat.postman_environment.json': environment,
})) {
  const text = `${JSON.stringify(content, null, 2)}\n`;
  if (check && read(name) !== text) {
    console.error(`postman/${name} is out of date: run "node postman/generate.mjs" and commit the result`);
    process.exitCode = 1;
  } else if (!check) {
    writeFileSync(new URL(name, here), text);
  }
}
