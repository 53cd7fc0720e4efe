import { anonymous, expectProblem, story } from '../story.mjs';

export default story("A sales rep's day", {}, [
  {
    name: 'Log in',
    op: 'logIn',
    as: anonymous,
    body: { username: '{{repUsername}}', password: '{{repPassword}}' },
    test() {
      const body = pm.response.json();
      pm.collectionVariables.set('token', body.accessToken);
      pm.test('200 with Cache-Control: no-store', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.headers.get('Cache-Control')).to.eql('no-store');
      });
      pm.test('returns a bearer token and its lifetime', () => {
        pm.expect(body).to.have.all.keys('accessToken', 'access_token', 'tokenType', 'expiresIn', 'refreshToken', 'user');
        pm.expect(body.accessToken).to.match(/^[\w-]+\.[\w-]+\.[\w-]+$/);
        pm.expect(body.tokenType).to.eql('Bearer');
        pm.expect(body.expiresIn).to.be.a('number').above(0);
      });
      pm.test('returns the sales rep', () => {
        pm.expect(body.user).to.have.all.keys('id', 'username', 'name', 'phone', 'email', 'role', 'roles', 'team', 'state', 'mustChangePassword', 'mfaEnabled', 'mustEnrollMfa');
        pm.expect(body.user.username).to.eql(pm.environment.get('repUsername'));
        pm.expect(body.user.role).to.eql('sales_rep');
      });
      pm.collectionVariables.set('user', JSON.stringify(body.user));
    },
  },
  {
    name: 'Get the current user',
    op: 'getMe',
    test() {
      const body = pm.response.json();
      pm.test('200 with the user from the login response, the company and the load', () => {
        pm.response.to.have.status(200);
        pm.expect(body).to.deep.include(JSON.parse(pm.collectionVariables.get('user')));
        pm.expect(body).to.include({ timeZone: 'Asia/Dhaka', effectiveCapacity: 120 });
        pm.expect(body).to.include.keys('company', 'serverTime', 'assignedCount');
      });
    },
  },
  {
    name: 'List my retailers, page 1',
    op: 'listRetailers',
    query: { limit: '20' },
    test() {
      const { data: retailers, page } = pm.response.json();
      const place = {
        type: 'object', required: ['id', 'name'], additionalProperties: false,
        properties: { id: { type: 'integer', minimum: 1 }, name: { type: 'string', minLength: 1 } },
      };
      const instant = { type: 'string', pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{6}Z$' };
      const properties = {
        uid: { type: 'string', pattern: '^[A-Za-z0-9._-]{1,40}$' },
        name: { type: 'string', minLength: 1 },
        phone: { type: ['string', 'null'], pattern: '^\\+8801[3-9]\\d{8}$' },
        region: place,
        area: place,
        territory: place,
        distributor: { anyOf: [place, { type: 'null' }] },
        points: { type: 'integer', minimum: 0 },
        routes: { type: 'array', items: { type: 'string', minLength: 1 } },
        notes: { type: ['string', 'null'] },
        updatedAt: instant,
        version: { type: 'integer', minimum: 1 },
        assignedAt: instant,
      };
      const row = { type: 'object', properties, required: Object.keys(properties), additionalProperties: false };

      pm.test('200 with a page of 20 and a next page', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json()).to.have.all.keys('data', 'page');
        pm.expect(retailers).to.have.lengthOf(20);
        pm.expect(page).to.have.all.keys('limit', 'nextCursor', 'hasMore');
        pm.expect(page.limit).to.eql(20);
        pm.expect(page.hasMore).to.eql(true);
        pm.expect(page.nextCursor).to.be.a('string').and.not.empty;
      });
      pm.test('every row has exactly the documented fields', () => {
        pm.response.to.have.jsonSchema({ type: 'object', properties: { data: { type: 'array', items: row } } });
      });
      pm.test('uids are unique', () => {
        pm.expect(new Set(retailers.map((retailer) => retailer.uid)).size).to.eql(20);
      });
      pm.test('sorted by name, then uid, in code point order', () => {
        const points = (text) => [...text].map((c) => c.codePointAt(0).toString(16).padStart(6, '0')).join('');
        const keys = retailers.map((retailer) => `${points(retailer.name)} ${retailer.uid}`);
        pm.expect(keys).to.eql([...keys].sort());
        pm.collectionVariables.set('lastKey', keys[19]);
      });
      pm.collectionVariables.set('pageOne', JSON.stringify({ data: retailers, page }));
      pm.collectionVariables.set('nextCursor', page.nextCursor);
      pm.collectionVariables.set('uid', retailers[0].uid);
    },
  },
  {
    name: 'List my retailers, page 2',
    op: 'listRetailers',
    query: { limit: '20', cursor: '{{nextCursor}}' },
    test() {
      const { data: retailers, page } = pm.response.json();
      pm.test('200 with the next rows', () => {
        pm.response.to.have.status(200);
        pm.expect(page.limit).to.eql(20);
        pm.expect(retailers.length).to.be.within(1, 20);
        pm.expect(page.hasMore).to.eql(page.nextCursor !== null);
      });
      pm.test('repeats no row of page 1', () => {
        const seen = JSON.parse(pm.collectionVariables.get('pageOne')).data.map((retailer) => retailer.uid);
        pm.expect(seen).to.have.lengthOf(20);
        pm.expect(retailers.map((retailer) => retailer.uid).filter((uid) => seen.includes(uid))).to.eql([]);
      });
      pm.test('continues the sort order of page 1', () => {
        const points = (text) => [...text].map((c) => c.codePointAt(0).toString(16).padStart(6, '0')).join('');
        const keys = [pm.collectionVariables.get('lastKey'), ...retailers.map((retailer) => `${points(retailer.name)} ${retailer.uid}`)];
        pm.expect(keys).to.eql([...keys].sort());
      });
    },
  },
  {
    name: 'Get a retailer',
    op: 'getRetailer',
    path: { uid: '{{uid}}' },
    test() {
      pm.test('200 with the same data as the list row', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json()).to.eql(JSON.parse(pm.collectionVariables.get('pageOne')).data[0]);
      });
    },
  },
  {
    name: 'List my retailers under /api/v1',
    op: 'listRetailers',
    prefix: '/api/v1',
    query: { limit: '20' },
    test() {
      pm.test('200 with the same page', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json()).to.eql(JSON.parse(pm.collectionVariables.get('pageOne')));
      });
    },
  },
  {
    name: 'Get a retailer under /api/v1',
    op: 'getRetailer',
    prefix: '/api/v1',
    path: { uid: '{{uid}}' },
    test() {
      pm.test('200 with the same retailer', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json()).to.eql(JSON.parse(pm.collectionVariables.get('pageOne')).data[0]);
      });
    },
  },
  {
    name: 'List my retailers by uid, descending',
    op: 'listRetailers',
    query: { sort: '-uid', limit: '100' },
    test() {
      const uids = pm.response.json().data.map((retailer) => retailer.uid);
      pm.test('200, sorted by uid in descending order', () => {
        pm.response.to.have.status(200);
        pm.expect(uids.length).to.be.within(21, 100);
        pm.expect(uids).to.eql([...uids].sort().reverse());
      });
      pm.collectionVariables.set('myUids', JSON.stringify(uids));
    },
  },
  {
    name: 'Search in upper case',
    op: 'listRetailers',
    query: { q: 'RTL-', limit: '5' },
    test() {
      const page = pm.response.json();
      pm.test('200 with five retailers whose uid matches', () => {
        pm.response.to.have.status(200);
        pm.expect(page.data.length).to.eql(5);
        page.data.forEach(retailer => pm.expect(retailer.uid).to.include('RTL-'));
      });
    },
  },
  {
    name: 'Search without a match',
    op: 'listRetailers',
    query: { q: 'zqzqzq' },
    test() {
      pm.test('200 with an empty list', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().data).to.eql([]);
      });
    },
  },
  {
    name: 'List page 2 by number, most points first',
    op: 'listRetailers',
    query: { sort: '-points', page: '2', limit: '10' },
    test() {
      const page = pm.response.json();
      pm.test('200 with ten rows and a total', () => {
        pm.response.to.have.status(200);
        pm.expect(page.data.length).to.eql(10);
        pm.expect(page.page.total).to.be.above(20);
        const points = page.data.map(retailer => retailer.points);
        pm.expect(points).to.eql([...points].sort((a, b) => b - a));
      });
    },
  },
  {
    name: 'Select fields',
    op: 'listRetailers',
    query: { fields: 'uid,points', limit: '3' },
    test() {
      pm.test('200 with two fields per row', () => {
        pm.response.to.have.status(200);
        pm.response.json().data.forEach(retailer => pm.expect(Object.keys(retailer).sort()).to.eql(['points', 'uid']));
      });
    },
  },
  {
    name: 'Update points, routes and notes',
    op: 'updateRetailer',
    path: { uid: '{{uid}}' },
    body: { points: 321, routes: ['Bazar', 'কলেজ রোড'], notes: 'শুক্রবার বন্ধ' },
    test() {
      const retailer = pm.response.json();
      pm.test('200 with the updated retailer', () => {
        pm.response.to.have.status(200);
        pm.expect(retailer.points).to.eql(321);
        pm.expect(retailer.routes).to.eql(['Bazar', 'কলেজ রোড']);
        pm.expect(retailer.notes).to.eql('শুক্রবার বন্ধ');
      });
      pm.collectionVariables.set('etag', pm.response.headers.get('ETag'));
      pm.collectionVariables.set('version', retailer.version);
    },
  },
  {
    name: 'Read the update',
    op: 'getRetailer',
    path: { uid: '{{uid}}' },
    test() {
      pm.test('200 with the new points', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().points).to.eql(321);
        pm.expect(pm.response.json().version).to.eql(Number(pm.collectionVariables.get('version')));
      });
    },
  },
  {
    name: 'Update with If-Match',
    op: 'updateRetailer',
    path: { uid: '{{uid}}' },
    body: { points: 322 },
    headers: { 'If-Match': '{{etag}}' },
    test() {
      pm.test('200 with the next version', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().version).to.eql(Number(pm.collectionVariables.get('version')) + 1);
      });
    },
  },
  {
    name: 'Update with a stale If-Match',
    op: 'updateRetailer',
    path: { uid: '{{uid}}' },
    body: { points: 323 },
    headers: { 'If-Match': '{{etag}}' },
    test: expectProblem(412, 'precondition-failed'),
  },
  {
    name: 'Update with an Idempotency-Key',
    op: 'updateRetailer',
    path: { uid: '{{uid}}' },
    body: { points: 400 },
    headers: { 'Idempotency-Key': 'postman-1' },
    test() {
      pm.test('200', () => pm.response.to.have.status(200));
      pm.collectionVariables.set('storedResponse', pm.response.text());
    },
  },
  {
    name: 'Replay the request with the same Idempotency-Key',
    op: 'updateRetailer',
    path: { uid: '{{uid}}' },
    body: { points: 400 },
    headers: { 'Idempotency-Key': 'postman-1' },
    test() {
      pm.test('200 with a byte-identical response', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.text()).to.eql(pm.collectionVariables.get('storedResponse'));
      });
    },
  },
  {
    name: 'Update the name as a sales rep',
    op: 'updateRetailer',
    path: { uid: '{{uid}}' },
    body: { points: 1, name: 'Mine' },
    test() {
      pm.test('422 unknown-field for name', () => {
        pm.response.to.have.status(422);
        pm.expect(pm.response.json().errors[0]).to.include({field: 'name', code: 'unknown-field'});
      });
    },
  },
]);
