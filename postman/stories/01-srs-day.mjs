import { nobody, refused, story } from '../story.mjs';

export default story("An SR's day", {}, [
  {
    name: 'Log in',
    op: 'logIn',
    as: nobody,
    body: { username: '{{repUsername}}', password: '{{repPassword}}' },
    test() {
      const body = pm.response.json();
      pm.collectionVariables.set('token', body.accessToken);
      pm.test('200, and nothing on the way may keep it', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.headers.get('Cache-Control')).to.eql('no-store');
      });
      pm.test('a bearer token with a life', () => {
        pm.expect(body).to.have.all.keys('accessToken', 'access_token', 'tokenType', 'expiresIn', 'refreshToken', 'user');
        pm.expect(body.accessToken).to.match(/^[\w-]+\.[\w-]+\.[\w-]+$/);
        pm.expect(body.tokenType).to.eql('Bearer');
        pm.expect(body.expiresIn).to.be.a('number').above(0);
      });
      pm.test('for the representative', () => {
        pm.expect(body.user).to.have.all.keys('id', 'username', 'name', 'phone', 'email', 'role', 'mustChangePassword', 'mfaEnabled', 'mustEnrollMfa');
        pm.expect(body.user.username).to.eql(pm.environment.get('repUsername'));
        pm.expect(body.user.role).to.eql('sales_rep');
      });
      pm.collectionVariables.set('user', JSON.stringify(body.user));
    },
  },
  {
    name: 'Who am I',
    op: 'getMe',
    test() {
      pm.test('200, the user of the login', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json()).to.eql(JSON.parse(pm.collectionVariables.get('user')));
      });
    },
  },
  {
    name: 'My retailers, page 1',
    op: 'listRetailers',
    query: { limit: '20' },
    test() {
      const { data: shops, page } = pm.response.json();
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

      pm.test('200, a page of 20 with more to come', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json()).to.have.all.keys('data', 'page');
        pm.expect(shops).to.have.lengthOf(20);
        pm.expect(page).to.have.all.keys('limit', 'nextCursor', 'hasMore');
        pm.expect(page.limit).to.eql(20);
        pm.expect(page.hasMore).to.eql(true);
        pm.expect(page.nextCursor).to.be.a('string').and.not.empty;
      });
      pm.test('every row has all fields and no others', () => {
        pm.response.to.have.jsonSchema({ type: 'object', properties: { data: { type: 'array', items: row } } });
      });
      pm.test('no uid twice', () => {
        pm.expect(new Set(shops.map((shop) => shop.uid)).size).to.eql(20);
      });
      pm.test('in code point order of name, then of uid', () => {
        const points = (text) => [...text].map((c) => c.codePointAt(0).toString(16).padStart(6, '0')).join('');
        const keys = shops.map((shop) => `${points(shop.name)} ${shop.uid}`);
        pm.expect(keys).to.eql([...keys].sort());
        pm.collectionVariables.set('lastKey', keys[19]);
      });
      pm.collectionVariables.set('pageOne', JSON.stringify({ data: shops, page }));
      pm.collectionVariables.set('nextCursor', page.nextCursor);
      pm.collectionVariables.set('uid', shops[0].uid);
    },
  },
  {
    name: 'My retailers, page 2',
    op: 'listRetailers',
    query: { limit: '20', cursor: '{{nextCursor}}' },
    test() {
      const { data: shops, page } = pm.response.json();
      pm.test('200, with rows', () => {
        pm.response.to.have.status(200);
        pm.expect(page.limit).to.eql(20);
        pm.expect(shops.length).to.be.within(1, 20);
        pm.expect(page.hasMore).to.eql(page.nextCursor !== null);
      });
      pm.test('nothing of page 1 again', () => {
        const seen = JSON.parse(pm.collectionVariables.get('pageOne')).data.map((shop) => shop.uid);
        pm.expect(seen).to.have.lengthOf(20);
        pm.expect(shops.map((shop) => shop.uid).filter((uid) => seen.includes(uid))).to.eql([]);
      });
      pm.test('the order goes on where page 1 ended', () => {
        const points = (text) => [...text].map((c) => c.codePointAt(0).toString(16).padStart(6, '0')).join('');
        const keys = [pm.collectionVariables.get('lastKey'), ...shops.map((shop) => `${points(shop.name)} ${shop.uid}`)];
        pm.expect(keys).to.eql([...keys].sort());
      });
    },
  },
  {
    name: 'One retailer',
    op: 'getRetailer',
    path: { uid: '{{uid}}' },
    test() {
      pm.test('200, the row of the list', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json()).to.eql(JSON.parse(pm.collectionVariables.get('pageOne')).data[0]);
      });
    },
  },
  {
    name: 'Page 1 under /api/v1',
    op: 'listRetailers',
    prefix: '/api/v1',
    query: { limit: '20' },
    test() {
      pm.test('200, the same page', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json()).to.eql(JSON.parse(pm.collectionVariables.get('pageOne')));
      });
    },
  },
  {
    name: 'One retailer under /api/v1',
    op: 'getRetailer',
    prefix: '/api/v1',
    path: { uid: '{{uid}}' },
    test() {
      pm.test('200, the same retailer', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json()).to.eql(JSON.parse(pm.collectionVariables.get('pageOne')).data[0]);
      });
    },
  },
  {
    name: 'My retailers, highest uid first',
    op: 'listRetailers',
    query: { sort: '-uid', limit: '100' },
    test() {
      const uids = pm.response.json().data.map((shop) => shop.uid);
      pm.test('200, in falling order of uid', () => {
        pm.response.to.have.status(200);
        pm.expect(uids.length).to.be.within(21, 100);
        pm.expect(uids).to.eql([...uids].sort().reverse());
      });
      pm.collectionVariables.set('myUids', JSON.stringify(uids));
    },
  },
  {
    name: 'Search, in capitals',
    op: 'listRetailers',
    query: { q: 'RTL-', limit: '5' },
    test() {
      const page = pm.response.json();
      pm.test('200, five that have it in their uid', () => {
        pm.response.to.have.status(200);
        pm.expect(page.data.length).to.eql(5);
        page.data.forEach(shop => pm.expect(shop.uid).to.include('RTL-'));
      });
    },
  },
  {
    name: 'Search for nothing there is',
    op: 'listRetailers',
    query: { q: 'zqzqzq' },
    test() {
      pm.test('200, and empty', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().data).to.eql([]);
      });
    },
  },
  {
    name: 'Page 2 by its number, most points first',
    op: 'listRetailers',
    query: { sort: '-points', page: '2', limit: '10' },
    test() {
      const page = pm.response.json();
      pm.test('200, ten of a counted list', () => {
        pm.response.to.have.status(200);
        pm.expect(page.data.length).to.eql(10);
        pm.expect(page.page.total).to.be.above(20);
        const points = page.data.map(shop => shop.points);
        pm.expect(points).to.eql([...points].sort((a, b) => b - a));
      });
    },
  },
  {
    name: 'Only some members',
    op: 'listRetailers',
    query: { fields: 'uid,points', limit: '3' },
    test() {
      pm.test('200, two members each', () => {
        pm.response.to.have.status(200);
        pm.response.json().data.forEach(shop => pm.expect(Object.keys(shop).sort()).to.eql(['points', 'uid']));
      });
    },
  },
  {
    name: 'Update points, routes and notes',
    op: 'updateRetailer',
    path: { uid: '{{uid}}' },
    body: { points: 321, routes: ['Bazar', 'কলেজ রোড'], notes: 'শুক্রবার বন্ধ' },
    test() {
      const shop = pm.response.json();
      pm.test('200, the shop as it is now', () => {
        pm.response.to.have.status(200);
        pm.expect(shop.points).to.eql(321);
        pm.expect(shop.routes).to.eql(['Bazar', 'কলেজ রোড']);
        pm.expect(shop.notes).to.eql('শুক্রবার বন্ধ');
      });
      pm.collectionVariables.set('etag', pm.response.headers.get('ETag'));
      pm.collectionVariables.set('version', shop.version);
    },
  },
  {
    name: 'It is seen at once',
    op: 'getRetailer',
    path: { uid: '{{uid}}' },
    test() {
      pm.test('200, the new points', () => {
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
      pm.test('200, one version on', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().version).to.eql(Number(pm.collectionVariables.get('version')) + 1);
      });
    },
  },
  {
    name: 'The same If-Match again is stale',
    op: 'updateRetailer',
    path: { uid: '{{uid}}' },
    body: { points: 323 },
    headers: { 'If-Match': '{{etag}}' },
    test: refused(412, 'precondition-failed'),
  },
  {
    name: 'A change under a key',
    op: 'updateRetailer',
    path: { uid: '{{uid}}' },
    body: { points: 400 },
    headers: { 'Idempotency-Key': 'postman-1' },
    test() {
      pm.test('200', () => pm.response.to.have.status(200));
      pm.collectionVariables.set('once', pm.response.text());
    },
  },
  {
    name: 'Sent again it is the same answer',
    op: 'updateRetailer',
    path: { uid: '{{uid}}' },
    body: { points: 400 },
    headers: { 'Idempotency-Key': 'postman-1' },
    test() {
      pm.test('200, the same bytes', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.text()).to.eql(pm.collectionVariables.get('once'));
      });
    },
  },
  {
    name: "A name is not a representative's to change",
    op: 'updateRetailer',
    path: { uid: '{{uid}}' },
    body: { points: 1, name: 'Mine' },
    test() {
      pm.test('422, by name', () => {
        pm.response.to.have.status(422);
        pm.expect(pm.response.json().errors[0]).to.include({field: 'name', code: 'unknown-field'});
      });
    },
  },
]);
