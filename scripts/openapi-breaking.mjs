// Prints the differences between two OpenAPI documents that break existing clients, one a line, and fails if there is
// one. Run by scripts/openapi-breaking: node scripts/openapi-breaking.mjs OLD NEW
//
// The request side and the response side follow opposite rules: a request that was valid must stay valid, and a response
// must be one that the old document allows. New members, statuses and enum values in responses do not break a client.
import { readFileSync } from 'node:fs';

const [before, after] = process.argv.slice(2, 4).map((file) => JSON.parse(readFileSync(file, 'utf8')));
const found = new Set();
const compared = new Set();

const entries = (object) => Object.entries(object ?? {});

/** Follows the reference of a schema, parameter or response. */
function resolve(document, value) {
  let target = value;
  while (target?.$ref) {
    target = target.$ref.slice(2).split('/').reduce((at, key) => at?.[key], document);
  }
  return target ?? {};
}

/** The name of a component, to compare it once for all its uses and to say where a difference is. */
const nameOf = (schema) => schema?.$ref?.split('/').at(-1);

/** Returns a schema with `allOf` merged, and `null` as one of `types` instead of an alternative. */
function normalize(document, schema) {
  const { allOf = [], ...own } = resolve(document, schema);
  const merged = { ...own, properties: { ...own.properties }, required: [...(own.required ?? [])] };
  for (const part of allOf.map((each) => normalize(document, each))) {
    for (const [key, value] of entries(part)) {
      if (key === 'properties') Object.assign(merged.properties, value);
      else if (key === 'required') merged.required.push(...value);
      else merged[key] ??= value;
    }
  }
  merged.types ??= own.type === undefined ? null : [own.type].flat();
  const alternatives = own.oneOf ?? own.anyOf;
  if (!alternatives) return merged;
  const others = alternatives.filter((each) => each.type !== 'null');
  const isNullable = others.length < alternatives.length;
  if (others.length > 1) return { ...merged, alternatives: others, isNullable };
  const only = normalize(document, others[0]);
  return { ...only, types: isNullable && only.types ? [...only.types, 'null'] : only.types };
}

const accepts = (types, type) => types.includes(type) || (type === 'integer' && types.includes('number'));

// The value of a limit that a schema does not have.
const LOWER = { minimum: -Infinity, exclusiveMinimum: -Infinity, minLength: 0, minItems: 0 };
const UPPER = { maximum: Infinity, exclusiveMaximum: Infinity, maxLength: Infinity, maxItems: Infinity };

/** Reports limits of requests that exclude more values than before. */
function compareLimits(a, b, report) {
  for (const [limit, none] of entries({ ...LOWER, ...UPPER })) {
    const [was, is] = [a[limit] ?? none, b[limit] ?? none];
    if (limit in LOWER ? is > was : is < was) report(`${limit} is ${is}, was ${a[limit] ?? 'not set'}`);
  }
  if (b.pattern !== undefined && b.pattern !== a.pattern) report(`pattern is ${b.pattern}, was ${a.pattern ?? 'not set'}`);
  if (b.additionalProperties === false && a.additionalProperties !== false) report('unknown members are rejected');
}

/** Reports members that are missing, required or optional now. */
function compareMembers(a, b, isRequest, where) {
  for (const [name, schema] of entries(a.properties)) {
    const at = `${where}.${name}`;
    if (!(name in b.properties)) {
      found.add(`${at}: the member is removed`);
      continue;
    }
    const [was, is] = [a.required.includes(name), b.required.includes(name)];
    if (isRequest && is && !was) found.add(`${at}: the member is required`);
    if (!isRequest && was && !is) found.add(`${at}: the member may be absent`);
    compare(schema, b.properties[name], isRequest, at);
  }
  for (const name of Object.keys(b.properties)) {
    if (isRequest && !(name in a.properties) && b.required.includes(name)) {
      found.add(`${where}.${name}: the new member is required`);
    }
  }
}

/** Pairs alternatives by the name of their component, or by their content, and compares the pairs. */
function compareAlternatives(a, b, isRequest, where) {
  const key = (schema) => nameOf(schema) ?? schema.title ?? JSON.stringify(schema.type ?? schema);
  const [was, is] = [a, b].map((side) => new Map(side.alternatives.map((each) => [key(each), each])));
  const [must, may] = isRequest ? [was, is] : [is, was];
  for (const name of must.keys()) {
    if (!may.has(name)) found.add(`${where}: the alternative ${name} is ${isRequest ? 'removed' : 'new'}`);
  }
  for (const [name, schema] of was) {
    if (is.has(name)) compare(schema, is.get(name), isRequest, `${where}(${name})`);
  }
}

/** Compares two schemas. */
function compare(oldSchema, newSchema, isRequest, where) {
  const names = [nameOf(oldSchema), nameOf(newSchema)];
  const side = isRequest ? 'request' : 'response';
  let at = where;
  if (names.every(Boolean)) {
    const pair = `${side} ${names.join(' ')}`;
    if (compared.has(pair)) return;
    compared.add(pair);
    at = `${names[1]} in a ${side}`;
  }
  const report = (text) => found.add(`${at}: ${text}`);
  const [a, b] = [normalize(before, oldSchema), normalize(after, newSchema)];
  const [must, may] = isRequest ? [a, b] : [b, a];
  const types = (must.types ?? []).filter((type) => may.types && !accepts(may.types, type));
  if (types.length > 0) report(`the type ${types.join(', ')} is ${isRequest ? 'rejected' : 'new'}`);
  if (!must.types && may.types) report(`the type is ${isRequest ? 'limited to' : 'no longer limited to'} ${may.types.join(', ')}`);
  if (must.isNullable && may.alternatives && !may.isNullable) report(`null is ${isRequest ? 'rejected' : 'new'}`);
  // A longer integer is fine in a request, a shorter one in a response.
  const formats = [must.format, may.format];
  if (may.format && must.format !== may.format && formats.join() !== 'int32,int64') {
    report(`the format is ${b.format ?? 'any'}, was ${a.format ?? 'any'}`);
  }
  if (isRequest) {
    const removed = a.enum ? a.enum.filter((value) => b.enum && !b.enum.includes(value)) : [];
    if (removed.length > 0) report(`the values ${removed.map((value) => JSON.stringify(value)).join(', ')} are rejected`);
    if (!a.enum && b.enum) report(`only the values ${JSON.stringify(b.enum)} are accepted`);
    compareLimits(a, b, report);
  }
  compareMembers(a, b, isRequest, at);
  if (a.items && b.items) compare(a.items, b.items, isRequest, `${at}[]`);
  if (a.additionalProperties?.constructor === Object && b.additionalProperties?.constructor === Object) {
    compare(a.additionalProperties, b.additionalProperties, isRequest, `${at}{}`);
  }
  if (a.alternatives && b.alternatives) compareAlternatives(a, b, isRequest, at);
  else if (a.alternatives || b.alternatives) report('oneOf and a single schema are not compared: describe the change');
}

/** Compares the media types of a body. */
function compareContent(a, b, isRequest, where) {
  for (const [type, media] of entries(a)) {
    if (!b?.[type]) found.add(`${where}: ${type} is ${isRequest ? 'rejected' : 'removed'}`);
    else if (media.schema && b[type].schema) compare(media.schema, b[type].schema, isRequest, where);
  }
}

function compareParameters(a, b, where) {
  const parameters = (document, { parameters: list = [] }) => {
    const all = list.map((each) => resolve(document, each));
    // The name of a parameter in a path is not part of the interface, only its position.
    const key = ({ in: place, name }, number) => (place === 'path' ? `path ${number}` : `${place} ${name.toLowerCase()}`);
    return new Map(all.filter((each) => each.in !== 'cookie').map((each, number) => [key(each, number), each]));
  };
  const [was, is] = [parameters(before, a), parameters(after, b)];
  for (const [key, parameter] of was) {
    const at = `${where} ${parameter.in} parameter ${parameter.name}`;
    const now = is.get(key);
    if (!now) found.add(`${at}: removed`);
    else {
      if (now.required && !parameter.required) found.add(`${at}: required`);
      compare(parameter.schema ?? {}, now.schema ?? {}, true, at);
    }
  }
  for (const [key, parameter] of is) {
    if (parameter.required && !was.has(key)) found.add(`${where} ${parameter.in} parameter ${parameter.name}: new and required`);
  }
}

function compareOperations(a, b, where) {
  if (a.operationId !== b.operationId) found.add(`${where}: operationId is ${b.operationId}, was ${a.operationId}`);
  compareParameters(a, b, where);
  const [body, newBody] = [resolve(before, a.requestBody), resolve(after, b.requestBody)];
  if (newBody.required && !body.required) found.add(`${where}: the body is required`);
  if (a.requestBody && !b.requestBody) found.add(`${where}: the body is removed`);
  else compareContent(body.content, newBody.content, true, `${where} body`);
  for (const [status, old] of entries(a.responses)) {
    const [response, now] = [resolve(before, old), resolve(after, b.responses?.[status])];
    const at = `${where} ${status}`;
    if (b.responses?.[status]) {
      compareContent(response.content, now.content, false, at);
      for (const header of Object.keys(response.headers ?? {})) {
        if (!now.headers?.[header]) found.add(`${at}: the header ${header} is removed`);
      }
    } else if (status.startsWith('2')) found.add(`${at}: removed`);
  }
  // An operation without scopes does not say which permission it requires, so scopes are compared only with others.
  const schemes = ({ security = [] }) => Object.assign({}, ...security);
  const old = schemes(a);
  for (const [scheme, scopes] of entries(schemes(b))) {
    const gained = scopes.filter((scope) => old[scheme]?.length > 0 && !old[scheme].includes(scope));
    if (!(scheme in old) || gained.length > 0) found.add(`${where}: requires ${[scheme, ...gained].join(' ')}`);
  }
}

/** Returns the operations by method and path, without the names of the path's parameters. */
function operations({ paths }) {
  const all = entries(paths).flatMap(([path, methods]) =>
    entries(methods).map(([method, operation]) => [`${method} ${path.replace(/\{\w+\}/g, '{}')}`, { operation, method, path }]),
  );
  return new Map(all);
}

const now = operations(after);
for (const [key, { operation, method, path }] of operations(before)) {
  const where = `${method.toUpperCase()} ${path}`;
  if (now.has(key)) compareOperations(operation, now.get(key).operation, where);
  else found.add(`${where}: removed`);
}
// Schemas that nothing refers to describe the data of events.
for (const [name, schema] of entries(before.components?.schemas)) {
  if (JSON.stringify(before).includes(`"#/components/schemas/${name}"`)) continue;
  const event = after.components?.schemas?.[name];
  if (event) compare(schema, event, false, name);
  else found.add(`${name}: removed`);
}
for (const line of found) console.log(line);
process.exitCode = found.size > 0 ? 1 : 0;
