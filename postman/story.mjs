// What stories are written with. A story is a folder of the collection: requests in an order in which they make sense, each by
// the operationId of docs/openapi.json, with what its answer must be beside the document.

/** Who sends a request: nobody, or the holder of a token that a request before has kept. */
export const nobody = null;
export const rep = '{{token}}';
export const admin = '{{adminToken}}';
export const newRep = '{{newRepToken}}';
export const firstToken = '{{firstToken}}';

/** A variable that stands in a JSON body as a number, or whatever it is, and not as a text. */
export const bare = (name) => ({ bare: name });

/** The test of a refusal: its status and its code. */
export const refused = (status, code) => [
  `pm.test('${status} ${code}', () => {`,
  `  pm.response.to.have.status(${status});`,
  `  pm.expect(pm.response.json().code).to.eql('${code}');`,
  '});',
];

/** The test of an answer of which the status says all. */
export const answers = (status) => [`pm.test('${status}', () => pm.response.to.have.status(${status}));`];

/** Before asking once more about something that has not ended. */
export const aMoment = [
  '// Asked again until it has ended, at most 150 times.',
  'setTimeout(() => {}, 200);',
];

/**
 * A folder, with a description, who sends its requests unless told (the representative, if nobody is), and a test of all of them.
 * Each of its steps has
 *   name     what it shows, in a few words
 *   op       the operationId; or method and path of what is no operation
 *   path     the values of the path's parameters
 *   prefix   what stands before the path: /api or /api/v1
 *   query    parameters, in their order
 *   as       who sends it
 *   body     a JSON body; or raw, with its own Content-Type among the headers
 *   headers  more of them
 *   before   what to do first, in Postman's sandbox: a function, or lines
 *   test     what must be true of the answer, in the same way
 */
export const story = (name, { description, as = rep, test }, steps) => ({ name, description, as, test, steps });
