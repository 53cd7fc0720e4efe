import { admin, bare, newRep, refused, story } from '../story.mjs';

export default story('Shops', {
  description: 'The master data of three shops, and what becomes of a deleted one.',
  as: admin,
}, [
  {
    name: 'A new shop',
    op: 'createRetailer',
    body: {
      uid: 'PM-{{run}}-1',
      name: 'মেসার্স করিম স্টোর',
      phone: '01711-234567',
      territory: bare('territory'),
      distributor: bare('distributor'),
      points: 10,
      routes: ['Sat', 'Tue'],
      notes: 'Beside the mosque',
    },
    test() {
      const body = pm.response.json();
      pm.test('201, and where it is', () => {
        pm.response.to.have.status(201);
        pm.expect(pm.response.headers.get('Location')).to.eql(`/admin/retailers/${body.uid}`);
        pm.expect(pm.response.headers.get('ETag')).to.match(/^"1/);
        pm.expect(body).to.have.all.keys('uid', 'name', 'phone', 'region', 'area', 'territory', 'distributor', 'points', 'routes', 'notes', 'updatedAt', 'version', 'createdAt', 'deletedAt', 'salesReps');
        pm.expect(body).to.include({ name: 'মেসার্স করিম স্টোর', phone: '+8801711234567', points: 10, notes: 'Beside the mosque', version: 1, deletedAt: null });
        pm.expect(body.routes).to.eql(['Sat', 'Tue']);
        pm.expect(body.salesReps).to.eql([]);
        pm.expect(body.region.id).to.eql(Number(pm.collectionVariables.get('otherRegion')));
        pm.expect(body.distributor.id).to.eql(Number(pm.collectionVariables.get('distributor')));
      });
    },
  },
  {
    name: 'Its uid again',
    op: 'createRetailer',
    body: { uid: 'PM-{{run}}-1', name: 'Another', territory: bare('territory') },
    test() {
      pm.test('409 already-exists', () => {
        pm.response.to.have.status(409);
        pm.expect(pm.response.json().code).to.eql('already-exists');
        pm.expect(pm.response.json().errors[0]).to.include({ field: 'uid', code: 'taken' });
      });
    },
  },
  {
    name: 'A second shop',
    op: 'createRetailer',
    body: { uid: 'PM-{{run}}-2', name: '=1+1 Store', territory: bare('territory') },
    test() {
      const body = pm.response.json();
      pm.test('201, and where it is', () => {
        pm.response.to.have.status(201);
        pm.expect(pm.response.headers.get('Location')).to.eql(`/admin/retailers/${body.uid}`);
        pm.expect(pm.response.headers.get('ETag')).to.match(/^"1/);
      });
    },
  },
  {
    name: 'A third shop',
    op: 'createRetailer',
    body: { uid: 'PM-{{run}}-3', name: 'Third Store', territory: bare('territory') },
    test() {
      const body = pm.response.json();
      pm.test('201, and where it is', () => {
        pm.response.to.have.status(201);
        pm.expect(pm.response.headers.get('Location')).to.eql(`/admin/retailers/${body.uid}`);
        pm.expect(pm.response.headers.get('ETag')).to.match(/^"1/);
      });
    },
  },
  {
    name: 'Rename it',
    op: 'editRetailer',
    path: { uid: 'PM-{{run}}-1' },
    body: { name: 'Karim Store', phone: null },
    headers: { 'If-Match': '"1"' },
    test() {
      const body = pm.response.json();
      pm.test('200, as version 2', () => {
        pm.response.to.have.status(200);
        pm.expect(body).to.include({ name: 'Karim Store', phone: null, points: 10, version: 2 });
      });
    },
  },
  {
    name: 'Rename what somebody has changed',
    op: 'editRetailer',
    path: { uid: 'PM-{{run}}-1' },
    body: { name: 'Kader Store' },
    headers: { 'If-Match': '"1"' },
    test: refused(412, 'precondition-failed'),
  },
  {
    name: 'Shops that nobody serves',
    op: 'listPool',
    query: { territory: '{{territory}}', assigned: 'false', sort: 'uid' },
    test() {
      const body = pm.response.json();
      pm.test('200, all four', () => {
        pm.response.to.have.status(200);
        pm.expect(body.data.map((shop) => shop.uid)).to.eql([0, 1, 2, 3].map((n) => `PM-${pm.collectionVariables.get('run')}-${n}`));
        body.data.forEach((shop) => pm.expect(shop.salesReps).to.eql([]));
      });
    },
  },
  {
    name: 'Give one to the representative',
    op: 'bulkAssign',
    body: { assignments: [{ salesRep: bare('newRep'), retailers: ['PM-{{run}}-1'] }] },
    test() {
      pm.test('200', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().assigned).to.eql(1);
      });
    },
  },
  {
    name: 'Now somebody serves it',
    op: 'listPool',
    query: { territory: '{{territory}}', assigned: 'true' },
    test() {
      const body = pm.response.json();
      pm.test('200, it, and by whom', () => {
        pm.response.to.have.status(200);
        pm.expect(body.data.map((shop) => shop.uid)).to.eql([`PM-${pm.collectionVariables.get('run')}-1`]);
        pm.expect(body.data[0].salesReps[0]).to.have.all.keys('id', 'username', 'name', 'assignedAt');
        pm.expect(body.data[0].salesReps.map((rep) => rep.id)).to.eql([Number(pm.collectionVariables.get('newRep'))]);
      });
    },
  },
  {
    name: 'The shops of a representative',
    op: 'listPool',
    query: { salesRep: 'pm-{{run}}' },
    test() {
      pm.test('200, it alone', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().data.map((shop) => shop.uid)).to.eql([`PM-${pm.collectionVariables.get('run')}-1`]);
      });
    },
  },
  {
    name: 'The same list, as theirs',
    op: 'listSalesRepRetailers',
    path: { id: '{{newRep}}' },
    test() {
      pm.test('200, it alone', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().data.map((shop) => shop.uid)).to.eql([`PM-${pm.collectionVariables.get('run')}-1`]);
      });
    },
  },
  {
    name: 'They see it',
    op: 'getRetailer',
    path: { uid: 'PM-{{run}}-1' },
    as: newRep,
    test() {
      pm.test('200, under its new name', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().name).to.eql('Karim Store');
      });
    },
  },
  {
    name: 'Delete it',
    op: 'deleteRetailer',
    path: { uid: 'PM-{{run}}-1' },
    test() {
      pm.test('204', () => {
        pm.response.to.have.status(204);
      });
    },
  },
  {
    name: 'Delete it again',
    op: 'deleteRetailer',
    path: { uid: 'PM-{{run}}-1' },
    test() {
      pm.test('204', () => {
        pm.response.to.have.status(204);
      });
    },
  },
  {
    name: 'They see it no longer',
    op: 'getRetailer',
    path: { uid: 'PM-{{run}}-1' },
    as: newRep,
    test: refused(404, 'not-found'),
  },
  {
    name: 'A deleted shop is not changed',
    op: 'editRetailer',
    path: { uid: 'PM-{{run}}-1' },
    body: { points: 1 },
    test: refused(409, 'deleted'),
  },
  {
    name: 'The deleted shops',
    op: 'listPool',
    query: { territory: '{{territory}}', deleted: 'true' },
    test() {
      const body = pm.response.json();
      pm.test('200, it, and since when', () => {
        pm.response.to.have.status(200);
        pm.expect(body.data.map((shop) => shop.uid)).to.eql([`PM-${pm.collectionVariables.get('run')}-1`]);
        pm.expect(body.data[0].deletedAt).to.be.a('string');
      });
    },
  },
  {
    name: 'Restore it',
    op: 'restoreRetailer',
    path: { uid: 'PM-{{run}}-1' },
    test() {
      const body = pm.response.json();
      pm.test('200, as it was, but nobody\'s', () => {
        pm.response.to.have.status(200);
        pm.expect(body).to.include({ name: 'Karim Store', points: 10, deletedAt: null });
        pm.expect(body.salesReps).to.eql([]);
      });
    },
  },
  {
    name: 'It is theirs no longer',
    op: 'getRetailer',
    path: { uid: 'PM-{{run}}-1' },
    as: newRep,
    test: refused(404, 'not-found'),
  },
  {
    name: 'The shops as a file',
    op: 'exportRetailers',
    query: { territory: '{{territory}}' },
    test() {
      pm.test('200, CSV to be saved', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.headers.get('Content-Type')).to.match(/^text\/csv/);
        pm.expect(pm.response.headers.get('Content-Disposition')).to.match(/^attachment/);
      });
      pm.test('UTF-8 with its mark, a header and four rows', () => {
        pm.expect([...pm.response.stream.slice(0, 3)]).to.eql([0xef, 0xbb, 0xbf]);
        const lines = pm.response.text().replace(/^\ufeff/, '').trimEnd().split('\r\n');
        pm.expect(lines[0]).to.eql('uid,name,phone,region,area,territory,distributor,points,routes,notes');
        pm.expect(lines.slice(1).map((line) => line.split(',')[0])).to.eql([0, 1, 2, 3].map((n) => `PM-${pm.collectionVariables.get('run')}-${n}`));
      });
      pm.test('no cell is a formula', () => {
        pm.expect(pm.response.text()).to.include(`,'=1+1 Store,`);
      });
    },
  },
]);
