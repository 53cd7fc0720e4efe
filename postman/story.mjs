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
 *   before   what to do first, in Postman's sandbox
 *   test     what must be true of the answer, in Postman's sandbox
 */
export const story = (name, { description, as = rep, test }, steps) => ({ name, description, as, test, steps });
