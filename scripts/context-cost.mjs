// Counts the files and lines of each context. Called by scripts/context-cost, whose usage text defines the counts.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const TARGETS = { files: 16, central: 6, sourcePerEndpoint: 130, testsPerEndpoint: 60 };
const PAGE = 'docs/ARCHITECTURE.md';
const HEADER = '| context | endpoints | files | central edits | source lines | per endpoint | test lines | per endpoint |';

const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { encoding: 'utf8' })
  .split('\n')
  .filter((path) => /^(crates|migrations|postman\/stories|scripts|docs|\.ci)\/|^[^/]+\.md$/.test(path))
  .filter((path) => /\.(rs|sql|md|mjs|sh)$|^(scripts|\.ci)\/[^.]+$|^crates\/server\/tests\/samples\//.test(path));
const texts = new Map();
for (const path of files) {
  try {
    texts.set(path, readFileSync(path, 'utf8'));
  } catch (error) {
    if (error.code !== 'ENOENT') throw error; // deleted, but still tracked
  }
}
const paths = [...texts.keys()];
const text = (path) => texts.get(path);
/** Returns a text without the modules of other libraries, such as std::sync. */
const ownWords = (path) => text(path).replace(/\b(?:std|tokio)::\w+/g, '');

/** Crates that belong to no context: the binary, which only wires contexts, and tools. */
const OTHER_CRATES = new Set(['server', 'demo', 'bench', 'test-support', 'second-group']);
const GENERATED = /^crates\/[^/]+\/src\/schema[^/]*\.rs$/;

const folders = paths.map((path) => /^crates\/(?:domain|application)\/src\/(\w+)\//.exec(path)?.[1]);
const contexts = [...new Set(folders)].filter((name) => name && name !== 'shared').sort();

function group(entries) {
  const groups = new Map(contexts.map((name) => [name, []]));
  for (const [name, value] of entries) groups.get(name)?.push(value);
  return groups;
}

/** Returns the context of a source file by its path. */
function sourceContext(path) {
  const [, crate, rest] = /^crates\/([^/]+)\/src\/(.+)\.rs$/.exec(path) ?? [];
  if (crate === 'server') return contexts.find((name) => new RegExp(`(^|/)${name}(s|_\\w+)?$`).test(rest));
  if (crate && !OTHER_CRATES.has(crate)) return contexts.find((name) => rest === name || rest.startsWith(`${name}/`));
  return contexts.find((name) => new RegExp(`^migrations/[\\d-]+_${name}_`).test(path));
}

const sources = group(paths.map((path) => [sourceContext(path), path]));

/** Splits a file at its test module, which is the last item of a file (clippy::items_after_test_module). */
function linesOf(path) {
  const lines = text(path).replace(/\n$/, '').split('\n');
  if (!path.endsWith('.rs')) return { source: lines.length, test: 0 };
  const opensTests = (line, i) => line === '#[cfg(test)]' && testModule(lines, i)?.[2] === '{';
  const start = isTestModule(path) ? 0 : lines.findIndex(opensTests);
  return start < 0 ? { source: lines.length, test: 0 } : { source: start, test: lines.length - start };
}

/** Returns the module declared after the attribute in line `i`. */
function testModule(lines, i) {
  const item = lines.slice(i + 1).find((line) => !line.startsWith('#['));
  return /^(?:pub(?:\([^)]*\))? )?mod (\w+) ?([{;])/.exec(item ?? '');
}

/** Returns whether a file is a module that its parent declares under #[cfg(test)]. */
function isTestModule(path) {
  const [, folder, name] = /^(.*)\/(\w+)\.rs$/.exec(path);
  const [inFolder, ofFolder] = name === 'mod' ? [folder.replace(/\/\w+$/, ''), folder.split('/').at(-1)] : [folder, name];
  return [`${inFolder}/mod.rs`, `${inFolder}/lib.rs`, `${inFolder}.rs`].some((parent) => {
    const lines = text(parent)?.split('\n') ?? [];
    return lines.some((line, i) => {
      const declared = line === '#[cfg(test)]' && testModule(lines, i);
      return declared && declared[2] === ';' && declared[1] === ofFolder;
    });
  });
}

/** Returns the part of a file before its test module. */
const sourceText = (path) => text(path).split('\n').slice(0, linesOf(path).source).join('\n');

// Operations. Attributes come first, because a path can be a string in several contexts.
const document = JSON.parse(readFileSync('docs/openapi.json', 'utf8'));
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, { operationId, security = [] }]) => ({ path, method, id: operationId, security })),
);
const attributes = new Map();
const literals = new Map();
for (const [name, own] of sources) {
  for (const path of own.filter((file) => file.endsWith('.rs'))) {
    for (const [, method, route] of text(path).matchAll(/#\[(get|post|put|patch|delete)\(\s*"([^"]+)"/g)) {
      attributes.set(`${method} ${route}`, name);
    }
    for (const [, route] of sourceText(path).matchAll(/"(\/[^"\s]*)"/g)) literals.set(route, name);
  }
}
for (const operation of operations) {
  operation.context = attributes.get(`${operation.method} ${operation.path}`) ?? literals.get(operation.path);
  if (!operation.context) {
    console.error(`no context declares ${operation.method} ${operation.path}`);
    process.exitCode = 1;
  }
}
const endpoints = group(operations.map((operation) => [operation.context, operation]));

/** Returns the context of a route in a test, with ids and a query in place of the parameters. */
const routes = operations.map(({ path, context }) => ({
  context,
  parameters: path.split('{').length,
  pattern: new RegExp(`^(?:/api(?:/v1)?)?${path.replace(/\{\w+\}/g, '[^/]+')}$`),
}));
routes.sort((a, b) => a.parameters - b.parameters);
const routeContext = (route) => routes.find(({ pattern }) => pattern.test(route))?.context;

/** Returns the value that makes up more than half of a list. */
function majority(values) {
  const counts = new Map();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].find(([, count]) => count * 2 > values.length)?.[0];
}

function testContext(path) {
  const name = path.split('/').at(-1).replace('.rs', '');
  const named = contexts.find((context) => new RegExp(`^${context}s?(_|$)`).test(name));
  if (named) return named;
  const modules = [...ownWords(path).matchAll(/\b(\w+)::/g)].map(([, module]) => module);
  const called = [...text(path).matchAll(/"(\/[a-z][^"?\s]*)/g)].map(([, route]) => routeContext(route));
  return majority([...modules, ...called].filter((context) => contexts.includes(context)));
}

// The architecture tests name contexts as examples.
const isTest = (path) => /^crates\/[^/]+\/tests\/.*\.rs$/.test(path) && !path.includes('/architecture');
const tests = group(paths.filter(isTest).map((path) => [testContext(path), path]));

const byId = new Map(operations.map(({ id, context }) => [id, context]));
const stories = group(
  paths
    .filter((path) => path.startsWith('postman/stories/'))
    .map((path) => [majority([...text(path).matchAll(/\bop: '(\w+)'/g)].map((match) => byId.get(match[1]))), path]),
);

const samples = group(
  paths
    .filter((path) => path.startsWith('crates/server/tests/samples/'))
    .map((path) => [routeContext(JSON.parse(text(path)).collection), path]),
);

const owned = new Set([sources, tests, stories].flatMap((groups) => [...groups.values()].flat()));
const central = paths.filter((path) => path.endsWith('.rs') && !owned.has(path) && !GENERATED.test(path));

const pascalCase = (name) => name.replace(/(?:^|-)(\w)/g, (_, letter) => letter.toUpperCase());
const permissionsOf = (operations) =>
  new Set(operations.flatMap(({ security }) => security.flatMap((bearer) => Object.values(bearer).flat())));

/** Returns the permissions that only the routes of this context require. */
function ownPermissions(name) {
  const others = permissionsOf([...endpoints].flatMap(([context, list]) => (context === name ? [] : list)));
  return [...permissionsOf(endpoints.get(name))].filter((permission) => !others.has(permission)).map(pascalCase);
}

/** Returns the files of no context that list one: as a module, a context, or the permission of its routes. */
function centralFiles(name) {
  const modules = [name, ...tests.get(name).map((path) => path.split('/').at(-1).replace('.rs', ''))];
  const lists = new RegExp(
    [
      `^ *(?:pub(?:\\(\\w+\\))? )?mod (?:${modules.join('|')});$`,
      `^    ${name}(?:_\\w+)?,$`,
      ...ownPermissions(name).map((permission) => `^    ${permission} = "`),
    ].join('|'),
    'm',
  );
  return central.filter((path) => lists.test(text(path)));
}

function cost(name) {
  const own = sources.get(name);
  const operationsOfContext = endpoints.get(name);
  const lines = own.map(linesOf);
  const sum = (values) => values.reduce((total, value) => total + value, 0);
  const count = operationsOfContext.length;
  const source = sum(lines.map((line) => line.source));
  const test = sum(lines.map((line) => line.test)) + sum(tests.get(name).map((path) => text(path).split('\n').length - 1));
  const perEndpoint = (value) => (count > 0 ? Math.round(value / count) : undefined);
  return {
    name,
    ownFiles: [...own, ...tests.get(name), ...samples.get(name), ...stories.get(name)],
    centralFiles: centralFiles(name),
    endpoints: count,
    source,
    sourcePerEndpoint: perEndpoint(source),
    test,
    testsPerEndpoint: perEndpoint(test),
  };
}

const cell = (value) => (value === undefined ? '–' : value.toLocaleString('en'));
const numbersOf = (found) => [
  found.endpoints, found.ownFiles.length, found.centralFiles.length, found.source, found.sourcePerEndpoint, found.test,
  found.testsPerEndpoint,
];

function table() {
  const rows = contexts.map((name) => `| ${[name, ...numbersOf(cost(name)).map(cell)].join(' | ')} |`);
  return [HEADER, '|---|---|---|---|---|---|---|---|', ...rows];
}

/** Prints one context beside its targets. */
function report(name, verbose) {
  const found = cost(name);
  const row = (label, value, perEndpoint, target) =>
    console.log(`${label.padEnd(14)}${value.padStart(10)}${perEndpoint.padStart(14)}  ${target}`.trimEnd());
  row(name, '', 'per endpoint', 'target');
  row('endpoints', cell(found.endpoints), '', '');
  row('files', cell(found.ownFiles.length), '', `<= ${TARGETS.files}`);
  row('central edits', cell(found.centralFiles.length), '', `<= ${TARGETS.central}`);
  row('source lines', cell(found.source), cell(found.sourcePerEndpoint), `<= ${TARGETS.sourcePerEndpoint} per endpoint`);
  row('test lines', cell(found.test), cell(found.testsPerEndpoint), `<= ${TARGETS.testsPerEndpoint} per endpoint`);
  if (!verbose) return;
  console.log('\nEndpoints:');
  for (const { id, method, path } of endpoints.get(name)) console.log(`  ${id}: ${method} ${path}`);
  console.log('\nOwn files, with their source and test lines:');
  for (const path of found.ownFiles) {
    const { source, test } = isTest(path) ? { source: 0, test: text(path).split('\n').length - 1 } : linesOf(path);
    console.log(`  ${path}: ${/\.(mjs|json)$/.test(path) ? 'not counted' : `${source} + ${test}`}`);
  }
  console.log('\nCentral files:');
  for (const path of found.centralFiles) console.log(`  ${path}`);
}

/** Compares the table in docs/ARCHITECTURE.md with the counts. */
function check() {
  const lines = text(PAGE).split('\n');
  const start = lines.indexOf(HEADER);
  if (start < 0) return [`${PAGE} has no table with the header ${HEADER}`];
  const end = lines.findIndex((line, i) => i > start && !line.startsWith('|'));
  const written = new Map(
    lines.slice(start + 2, end < 0 ? undefined : end).map((line) => {
      const [name, ...cells] = line.split('|').slice(1, -1).map((part) => part.trim());
      return [name, cells.map((value) => (value === '–' ? undefined : Number(value.replaceAll(',', ''))))];
    }),
  );
  const faults = [...written.keys()].filter((name) => !contexts.includes(name)).map((name) => `${name} is not a context`);
  const columns = HEADER.split('|').slice(2, -1).map((part) => part.trim());
  for (const name of contexts) {
    const numbers = written.get(name);
    if (!numbers) {
      faults.push(`${name} is missing`);
      continue;
    }
    numbersOf(cost(name)).forEach((actual, i) => {
      const same = actual === numbers[i];
      if (!same && !(Math.abs(actual - numbers[i]) <= Math.ceil(actual / 10))) {
        faults.push(`${name}: ${cell(actual)} ${columns[i]}, not ${cell(numbers[i])}`);
      }
    });
  }
  return faults;
}

const [first, second] = process.argv.slice(2);
if (first === '--check') {
  const faults = check();
  for (const fault of faults) console.error(fault);
  if (faults.length > 0) {
    console.error(`Replace the table in ${PAGE} with the output of scripts/context-cost.`);
    process.exitCode = 1;
  }
} else if (first === undefined) {
  console.log(table().join('\n'));
} else {
  const name = second ?? first;
  if (contexts.includes(name)) report(name, first === '-v');
  else {
    console.error(`${name} is not a context; the contexts are ${contexts.join(', ')}`);
    process.exitCode = 1;
  }
}
