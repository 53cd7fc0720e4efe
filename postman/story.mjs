// The building blocks of the stories. A story becomes a folder of the collection: a sequence of requests, each named by its
// operationId in docs/openapi.json, with assertions in addition to the schema in the document.

/** Callers: no token, or a token that an earlier request stored in a collection variable. */
export const anonymous = null;
export const rep = '{{token}}';
export const admin = '{{adminToken}}';
export const newRep = '{{newRepToken}}';
export const firstToken = '{{firstToken}}';

/** A variable that is inserted into a JSON body without quotes, for a number or any other JSON value. */
export const unquoted = (name) => ({ unquoted: name });

/** Expects a problem with this status and code. */
export const expectProblem = (status, code) => [
  `pm.test('${status} ${code}', () => {`,
  `  pm.response.to.have.status(${status});`,
  `  pm.expect(pm.response.json().code).to.eql('${code}');`,
  '});',
];

/** Expects this status. */
export const expectStatus = (status) => [`pm.test('${status}', () => pm.response.to.have.status(${status}));`];

/** Waits before a request that polls a job. */
export const pollDelay = [
  '// Polled until the job has finished, at most 150 times.',
  'setTimeout(() => {}, 200);',
];

/**
 * A folder with a description, the default caller of its requests (the sales rep unless `as` is given) and a test that runs for
 * each of them. Its steps have
 *   name     the request name
 *   op       the operationId; or method and path if the request is not an operation of the document
 *   path     the values of the path parameters
 *   prefix   the path prefix: /api or /api/v1
 *   query    the query parameters, in order
 *   as       the caller
 *   body     a JSON body; or raw, with its own Content-Type in headers
 *   headers  additional headers
 *   before   the pre-request script, run in Postman's sandbox: a function or a list of lines
 *   test     the test script, in the same form
 */
export const story = (name, { description, as = rep, test }, steps) => ({ name, description, as, test, steps });
