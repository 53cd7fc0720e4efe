// The test that runs for every request of the collection: the response conforms to docs/openapi.json.

import { operationsOf } from './operations.mjs';

/** The keywords that are kept: those of JSON Schema draft 7, which Postman's validator supports. */
const KEYWORDS = [
  'type', 'properties', 'required', 'items', 'enum', 'const', 'minimum', 'maximum', 'minLength', 'maxLength', 'minItems',
  'maxItems', 'pattern', 'additionalProperties',
];

/** Converts an OpenAPI 3.1 schema to a draft 7 schema in which objects have no undocumented members. */
function draft7(schema, components) {
  if (schema === true || schema === false) return schema;
  if (schema.$ref) return { $ref: schema.$ref.replace('#/components/schemas/', '#/definitions/') };
  if (schema.allOf) return mergeAllOf(schema.allOf, components);
  const result = {};
  for (const keyword of KEYWORDS) if (schema[keyword] !== undefined) result[keyword] = schema[keyword];
  for (const keyword of ['oneOf', 'anyOf']) {
    // oneOf becomes anyOf, because a value often matches several alternatives that share members.
    if (schema[keyword]) result.anyOf = schema[keyword].map((alternative) => draft7(alternative, components));
  }
  if (result.items) result.items = draft7(result.items, components);
  if (result.properties) {
    result.properties = Object.fromEntries(
      Object.entries(result.properties).map(([name, property]) => [name, draft7(property, components)]),
    );
    result.additionalProperties ??= false;
  } else if (typeof result.additionalProperties === 'object') {
    result.additionalProperties = draft7(result.additionalProperties, components);
  }
  return result;
}

/**
 * Merges the parts of an allOf into one object schema, because draft 7 cannot forbid undocumented members across several
 * schemas.
 */
function mergeAllOf(parts, components) {
  const result = { type: 'object', properties: {}, required: [], additionalProperties: false };
  for (const part of parts) {
    const resolved = part.$ref ? components[part.$ref.split('/').pop()] : part;
    const schema = resolved.allOf ? mergeAllOf(resolved.allOf, components) : draft7(resolved, components);
    if (schema.anyOf) return { anyOf: schema.anyOf.map(() => ({})) };
    Object.assign(result.properties, schema.properties);
    result.required.push(...(schema.required ?? []));
  }
  return result;
}

/** Returns the lines of the test script. */
export function contract(document) {
  const components = document.components.schemas;
  const definitions = Object.fromEntries(
    Object.entries(components).map(([name, schema]) => [name, draft7(schema, components)]),
  );
  // Some problem codes have extension members (RFC 9457, section 3.2).
  definitions.Problem.additionalProperties = true;
  const operations = operationsOf(document).map(({ operation, ...matcher }) => ({
    ...matcher,
    responses: Object.fromEntries(
      Object.entries(operation.responses).map(([status, { content = {} }]) => [
        status,
        Object.fromEntries(
          Object.entries(content).map(([type, { schema }]) => [type, schema ? draft7(schema, components) : {}]),
        ),
      ]),
    ),
  }));
  return [
    // One line for each operation and schema, so that the changes of two branches merge.
    'const operations = [',
    ...operations.map((operation) => `  ${JSON.stringify(operation)},`),
    '];',
    'const definitions = {',
    ...Object.entries(definitions).map(([name, schema]) => `  ${name}: ${JSON.stringify(schema)},`),
    '};',
    ...test.toString().split('\n').slice(1, -1).map((line) => line.slice(2)),
  ];
}

/* global pm, operations, definitions -- defined by the sandbox and by the lines above */
function test() {
  pm.test('responds within 5 seconds with a request id', () => {
    pm.expect(pm.response.responseTime).to.be.below(5000);
    pm.expect(pm.response.headers.get('X-Request-Id')).to.match(/^[A-Za-z0-9._-]{1,128}$/);
  });
  const path = pm.request.url.getPath();
  const operation = operations.find(
    ({ method, path: pattern }) => method === pm.request.method && new RegExp(pattern).test(path),
  );
  if (operation) {
    pm.test(`conforms to ${operation.id} in the OpenAPI document`, () => {
      const status = String(pm.response.code);
      pm.expect(operation.responses, `statuses of ${operation.id}`).to.have.property(status);
      const types = operation.responses[status];
      const type = (pm.response.headers.get('Content-Type') || '').split(';')[0];
      if (Object.keys(types).length === 0) {
        pm.expect(pm.response.text()).to.eql('');
      } else {
        pm.expect(types, `media types of ${status}`).to.have.property(type);
        if (type.endsWith('json')) pm.response.to.have.jsonSchema({ ...types[type], definitions });
      }
    });
  }
}
