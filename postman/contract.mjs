// The test that every request of the collection has: its answer is as docs/openapi.json says.

import { operationsOf } from './operations.mjs';

/** What validators of JSON Schema draft 7 know, which is what Postman's is. */
const KEYWORDS = [
  'type', 'properties', 'required', 'items', 'enum', 'const', 'minimum', 'maximum', 'minLength', 'maxLength', 'minItems',
  'maxItems', 'pattern', 'additionalProperties',
];

/** A schema of OpenAPI 3.1 as one of draft 7 in which no object has members that the document does not know. */
function draft7(schema, components) {
  if (schema === true || schema === false) return schema;
  if (schema.$ref) return { $ref: schema.$ref.replace('#/components/schemas/', '#/definitions/') };
  if (schema.allOf) return merged(schema.allOf, components);
  const made = {};
  for (const keyword of KEYWORDS) if (schema[keyword] !== undefined) made[keyword] = schema[keyword];
  for (const keyword of ['oneOf', 'anyOf']) {
    // One of several that share members is rarely exactly one.
    if (schema[keyword]) made.anyOf = schema[keyword].map((one) => draft7(one, components));
  }
  if (made.items) made.items = draft7(made.items, components);
  if (made.properties) {
    made.properties = Object.fromEntries(
      Object.entries(made.properties).map(([name, property]) => [name, draft7(property, components)]),
    );
    made.additionalProperties ??= false;
  } else if (typeof made.additionalProperties === 'object') {
    made.additionalProperties = draft7(made.additionalProperties, components);
  }
  return made;
}

/** One object of several, as draft 7 cannot say of several together that there is nothing else. */
function merged(parts, components) {
  const made = { type: 'object', properties: {}, required: [], additionalProperties: false };
  for (const part of parts) {
    const whole = part.$ref ? components[part.$ref.split('/').pop()] : part;
    const schema = whole.allOf ? merged(whole.allOf, components) : draft7(whole, components);
    if (schema.anyOf) return { anyOf: schema.anyOf.map(() => ({})) };
    Object.assign(made.properties, schema.properties);
    made.required.push(...(schema.required ?? []));
  }
  return made;
}

/** The lines of the script. */
export function contract(document) {
  const components = document.components.schemas;
  const definitions = Object.fromEntries(
    Object.entries(components).map(([name, schema]) => [name, draft7(schema, components)]),
  );
  // Some codes tell more (RFC 9457, section 3.2).
  definitions.ProblemBody.additionalProperties = true;
  const operations = operationsOf(document).map(({ operation, ...matched }) => ({
    ...matched,
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
    `const operations = ${JSON.stringify(operations)};`,
    `const definitions = ${JSON.stringify(definitions)};`,
    ...test.toString().split('\n').slice(1, -1).map((line) => line.slice(2)),
  ];
}

/* global pm, operations, definitions -- what the sandbox and the lines above have */
function test() {
  pm.test('in time, with a request id', () => {
    pm.expect(pm.response.responseTime).to.be.below(5000);
    pm.expect(pm.response.headers.get('X-Request-Id')).to.match(/^[A-Za-z0-9._-]{1,128}$/);
  });
  const path = pm.request.url.getPath();
  const operation = operations.find((one) => one.method === pm.request.method && new RegExp(one.path).test(path));
  if (operation) {
    pm.test(`as the document says of ${operation.id}`, () => {
      const status = String(pm.response.code);
      pm.expect(operation.responses, `the statuses of ${operation.id}`).to.have.property(status);
      const types = operation.responses[status];
      const type = (pm.response.headers.get('Content-Type') || '').split(';')[0];
      if (Object.keys(types).length === 0) {
        pm.expect(pm.response.text()).to.eql('');
      } else {
        pm.expect(types, `the media types of ${status}`).to.have.property(type);
        if (type.endsWith('json')) pm.response.to.have.jsonSchema({ ...types[type], definitions });
      }
    });
  }
}
