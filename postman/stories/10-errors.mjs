import { admin, anonymous, expectProblem, story } from '../story.mjs';

export default story('Errors', {
  description: 'Every response is application/problem+json (RFC 9457).',
  test() {
    pm.test('the problem matches the response headers', () => {
      const problem = pm.response.json();
      pm.expect(pm.response.headers.get('Content-Type')).to.eql('application/problem+json');
      pm.expect(problem.status).to.eql(pm.response.code);
      pm.expect(problem.type).to.eql(`urn:haat:problem:${problem.code}`);
      pm.expect(problem.title).to.be.a('string').and.not.empty;
      pm.expect(problem.instance).to.eql(pm.request.url.getPath());
      pm.expect(problem.requestId).to.be.a('string').and.not.empty;
      pm.expect(problem.requestId).to.eql(pm.response.headers.get('X-Request-Id'));
    });
  },
}, [
  {
    name: 'Log in with an incorrect password',
    op: 'logIn',
    as: anonymous,
    body: { username: '{{repUsername}}', password: 'not-the-password' },
    test() {
      pm.test('401 invalid-credentials', () => {
        pm.response.to.have.status(401);
        pm.expect(pm.response.json().code).to.eql('invalid-credentials');
      });

      const { requestId, ...rest } = pm.response.json();
      pm.collectionVariables.set('invalidCredentials', JSON.stringify(rest));
    },
  },
  {
    name: 'Log in as an unknown user',
    op: 'logIn',
    as: anonymous,
    body: { username: 'unknown-user', password: 'not-the-password' },
    test() {
      pm.test('401 invalid-credentials', () => {
        pm.response.to.have.status(401);
        pm.expect(pm.response.json().code).to.eql('invalid-credentials');
      });

      pm.test('the response is the same as for an incorrect password', () => {
        const { requestId, ...rest } = pm.response.json();
        pm.expect(rest).to.eql(JSON.parse(pm.collectionVariables.get('invalidCredentials')));
      });
    },
  },
  {
    name: 'List retailers without a token',
    op: 'listRetailers',
    as: anonymous,
    test() {
      pm.test('401 missing-token', () => {
        pm.response.to.have.status(401);
        pm.expect(pm.response.json().code).to.eql('missing-token');
      });

      pm.test('WWW-Authenticate requests a bearer token', () => {
        pm.expect(pm.response.headers.get('WWW-Authenticate')).to.eql('Bearer realm="haat"');
      });
    },
  },
  {
    name: 'List retailers with a malformed token',
    op: 'listRetailers',
    as: 'garbage',
    test() {
      pm.test('401 invalid-token', () => {
        pm.response.to.have.status(401);
        pm.expect(pm.response.json().code).to.eql('invalid-token');
      });

      pm.test('WWW-Authenticate reports an invalid token', () => {
        pm.expect(pm.response.headers.get('WWW-Authenticate')).to.eql('Bearer realm="haat", error="invalid_token"');
      });
    },
  },
  {
    name: 'List retailers with limit 0',
    op: 'listRetailers',
    query: { limit: '0' },
    test() {
      pm.test('422 invalid-fields', () => {
        pm.response.to.have.status(422);
        pm.expect(pm.response.json().code).to.eql('invalid-fields');
      });

      pm.test('reports limit only', () => {
        const errors = pm.response.json().errors.map((error) => `${error.field}: ${error.code}`);
        pm.expect(errors).to.eql(['limit: out-of-range']);
        pm.expect(pm.response.json().errors[0].message).to.be.a('string').and.not.empty;
      });
    },
  },
  {
    name: 'Use a cursor with another sort order',
    op: 'listRetailers',
    query: { sort: '-name', cursor: '{{nextCursor}}' },
    test() {
      pm.test('400 invalid-cursor', () => {
        pm.response.to.have.status(400);
        pm.expect(pm.response.json().code).to.eql('invalid-cursor');
      });

      pm.test('the cursor is not empty', () => {
        pm.expect(pm.collectionVariables.get('nextCursor')).to.be.a('string').and.not.empty;
      });
    },
  },
  {
    name: 'Get a retailer of another sales rep',
    op: 'getRetailer',
    path: { uid: '{{otherUid}}' },
    test() {
      pm.test('404 not-found', () => {
        pm.response.to.have.status(404);
        pm.expect(pm.response.json().code).to.eql('not-found');
      });

      pm.test('contains the path but no retailer data', () => {
        const uid = pm.collectionVariables.get('otherUid');
        pm.expect(pm.response.json().instance).to.eql(`/retailers/${uid}`);
        pm.expect(pm.response.json()).to.have.all.keys('type', 'title', 'status', 'instance', 'code', 'requestId');
      });
    },
  },
  {
    name: 'Send malformed JSON',
    op: 'logIn',
    as: anonymous,
    raw: '{"username":',
    headers: { 'Content-Type': 'application/json' },
    test() {
      pm.test('400 malformed-request', () => {
        pm.response.to.have.status(400);
        pm.expect(pm.response.json().code).to.eql('malformed-request');
      });

      pm.test('states the position', () => {
        pm.expect(pm.response.json().detail).to.eql('The body is not valid JSON: error in line 1, column 12.');
      });
    },
  },
  {
    name: 'Send an unknown field',
    op: 'logIn',
    as: anonymous,
    body: { username: '{{repUsername}}', password: '{{repPassword}}', remember: true },
    test() {
      pm.test('422 invalid-fields', () => {
        pm.response.to.have.status(422);
        pm.expect(pm.response.json().code).to.eql('invalid-fields');
      });

      pm.test('reports remember only', () => {
        const errors = pm.response.json().errors.map((error) => `${error.field}: ${error.code}`);
        pm.expect(errors).to.eql(['remember: unknown-field']);
        pm.expect(pm.response.json().errors[0].message).to.be.a('string').and.not.empty;
      });
    },
  },
  {
    name: 'Send an unsupported media type',
    op: 'logIn',
    as: anonymous,
    raw: '{"username": "{{repUsername}}", "password": "{{repPassword}}"}',
    headers: { 'Content-Type': 'text/plain' },
    test: expectProblem(415, 'unsupported-media-type'),
  },
  {
    name: 'Send an unsupported method',
    method: 'DELETE',
    path: '/retailers',
    test() {
      pm.test('405 method-not-allowed', () => {
        pm.response.to.have.status(405);
        pm.expect(pm.response.json().code).to.eql('method-not-allowed');
      });

      pm.test('lists the allowed methods', () => {
        pm.expect(pm.response.headers.get('Allow')).to.eql('GET, HEAD');
      });
    },
  },
  {
    name: 'Request a problem in Bangla',
    op: 'listRetailers',
    as: anonymous,
    headers: { 'Accept-Language': 'bn' },
    test() {
      pm.test('401 missing-token', () => {
        pm.response.to.have.status(401);
        pm.expect(pm.response.json().code).to.eql('missing-token');
      });

      pm.test('the title is in Bangla', () => {
        pm.expect(pm.response.headers.get('Content-Language')).to.eql('bn');
        pm.expect(pm.response.json().title).to.eql('আগে লগ ইন করুন');
      });
    },
  },
  {
    name: 'Assign retailers as a sales rep',
    op: 'bulkAssign',
    body: {
      assignments: [{ salesRep: '{{repUsername}}', retailers: ['{{otherUid}}', 'RTL-NONE'] }],
    },
    test: expectProblem(403, 'forbidden'),
  },
  {
    name: 'Search the retailer pool with two characters',
    op: 'listRetailers',
    query: { q: 'ma' },
    as: admin,
    test() {
      pm.test('422 too-short', () => {
        pm.response.to.have.status(422);
        pm.expect(pm.response.json().errors[0].code).to.eql('too-short');
      });
    },
  },
]);
