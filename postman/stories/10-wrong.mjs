import { admin, nobody, refused, story } from '../story.mjs';

export default story('Wrong', {
  description: 'Every answer is application/problem+json (RFC 9457).',
  test() {
    pm.test('a problem that agrees with its headers', () => {
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
    name: 'Wrong password',
    op: 'logIn',
    as: nobody,
    body: { username: '{{repUsername}}', password: 'not-the-password' },
    test() {
      pm.test('401 invalid-credentials', () => {
        pm.response.to.have.status(401);
        pm.expect(pm.response.json().code).to.eql('invalid-credentials');
      });

      const { requestId, ...rest } = pm.response.json();
      pm.collectionVariables.set('refusal', JSON.stringify(rest));
    },
  },
  {
    name: 'Unknown user',
    op: 'logIn',
    as: nobody,
    body: { username: 'nobody-of-this-name', password: 'not-the-password' },
    test() {
      pm.test('401 invalid-credentials', () => {
        pm.response.to.have.status(401);
        pm.expect(pm.response.json().code).to.eql('invalid-credentials');
      });

      pm.test('no telling from a wrong password', () => {
        const { requestId, ...rest } = pm.response.json();
        pm.expect(rest).to.eql(JSON.parse(pm.collectionVariables.get('refusal')));
      });
    },
  },
  {
    name: 'No token',
    op: 'listRetailers',
    as: nobody,
    test() {
      pm.test('401 missing-token', () => {
        pm.response.to.have.status(401);
        pm.expect(pm.response.json().code).to.eql('missing-token');
      });

      pm.test('asks for a token', () => {
        pm.expect(pm.response.headers.get('WWW-Authenticate')).to.eql('Bearer realm="haat"');
      });
    },
  },
  {
    name: 'Garbage token',
    op: 'listRetailers',
    as: 'garbage',
    test() {
      pm.test('401 invalid-token', () => {
        pm.response.to.have.status(401);
        pm.expect(pm.response.json().code).to.eql('invalid-token');
      });

      pm.test('asks for a token', () => {
        pm.expect(pm.response.headers.get('WWW-Authenticate')).to.eql('Bearer realm="haat", error="invalid_token"');
      });
    },
  },
  {
    name: 'Limit 0',
    op: 'listRetailers',
    query: { limit: '0' },
    test() {
      pm.test('422 invalid-fields', () => {
        pm.response.to.have.status(422);
        pm.expect(pm.response.json().code).to.eql('invalid-fields');
      });

      pm.test('names limit, and only that', () => {
        const faults = pm.response.json().errors.map((error) => `${error.field}: ${error.code}`);
        pm.expect(faults).to.eql(['limit: out-of-range']);
        pm.expect(pm.response.json().errors[0].message).to.be.a('string').and.not.empty;
      });
    },
  },
  {
    name: 'A cursor of another sort',
    op: 'listRetailers',
    query: { sort: '-name', cursor: '{{nextCursor}}' },
    test() {
      pm.test('400 invalid-cursor', () => {
        pm.response.to.have.status(400);
        pm.expect(pm.response.json().code).to.eql('invalid-cursor');
      });

      pm.test('though it is a cursor', () => {
        pm.expect(pm.collectionVariables.get('nextCursor')).to.be.a('string').and.not.empty;
      });
    },
  },
  {
    name: 'A retailer of somebody else',
    op: 'getRetailer',
    path: { uid: '{{otherUid}}' },
    test() {
      pm.test('404 not-found', () => {
        pm.response.to.have.status(404);
        pm.expect(pm.response.json().code).to.eql('not-found');
      });

      pm.test('names the address and nothing of the shop', () => {
        const uid = pm.collectionVariables.get('otherUid');
        pm.expect(pm.response.json().instance).to.eql(`/retailers/${uid}`);
        pm.expect(pm.response.json()).to.have.all.keys('type', 'title', 'status', 'instance', 'code', 'requestId');
      });
    },
  },
  {
    name: 'Malformed JSON',
    op: 'logIn',
    as: nobody,
    raw: '{"username":',
    headers: { 'Content-Type': 'application/json' },
    test() {
      pm.test('400 malformed-request', () => {
        pm.response.to.have.status(400);
        pm.expect(pm.response.json().code).to.eql('malformed-request');
      });

      pm.test('says where', () => {
        pm.expect(pm.response.json().detail).to.eql('The body is not JSON: line 1, column 12.');
      });
    },
  },
  {
    name: 'Unknown field',
    op: 'logIn',
    as: nobody,
    body: { username: '{{repUsername}}', password: '{{repPassword}}', remember: true },
    test() {
      pm.test('422 invalid-fields', () => {
        pm.response.to.have.status(422);
        pm.expect(pm.response.json().code).to.eql('invalid-fields');
      });

      pm.test('names remember, and only that', () => {
        const faults = pm.response.json().errors.map((error) => `${error.field}: ${error.code}`);
        pm.expect(faults).to.eql(['remember: unknown-field']);
        pm.expect(pm.response.json().errors[0].message).to.be.a('string').and.not.empty;
      });
    },
  },
  {
    name: 'Wrong media type',
    op: 'logIn',
    as: nobody,
    raw: '{"username": "{{repUsername}}", "password": "{{repPassword}}"}',
    headers: { 'Content-Type': 'text/plain' },
    test: refused(415, 'unsupported-media-type'),
  },
  {
    name: 'Wrong method',
    method: 'DELETE',
    path: '/retailers',
    test() {
      pm.test('405 method-not-allowed', () => {
        pm.response.to.have.status(405);
        pm.expect(pm.response.json().code).to.eql('method-not-allowed');
      });

      pm.test('tells the right one', () => {
        pm.expect(pm.response.headers.get('Allow')).to.eql('GET, HEAD');
      });
    },
  },
  {
    name: 'In Bangla',
    op: 'listRetailers',
    as: nobody,
    headers: { 'Accept-Language': 'bn' },
    test() {
      pm.test('401 missing-token', () => {
        pm.response.to.have.status(401);
        pm.expect(pm.response.json().code).to.eql('missing-token');
      });

      pm.test('the title is Bangla', () => {
        pm.expect(pm.response.headers.get('Content-Language')).to.eql('bn');
        pm.expect(pm.response.json().title).to.eql('আগে লগ ইন করুন');
      });
    },
  },
  {
    name: 'A representative assigns',
    op: 'bulkAssign',
    body: {
      assignments: [{ salesRep: '{{repUsername}}', retailers: ['{{otherUid}}', 'RTL-NONE'] }],
    },
    test: refused(403, 'forbidden'),
  },
  {
    name: 'Two characters among all shops',
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
