import { admin, expectProblem, newRep, story, unquoted } from '../story.mjs';

export default story('Retailers', {
  description: 'The master data of three retailers, and the deletion and restoration of one.',
  as: admin,
}, [
  {
    name: 'Create a retailer',
    op: 'createRetailer',
    body: {
      uid: 'PM-{{run}}-1',
      name: 'মেসার্স করিম স্টোর',
      phone: '01711-234567',
      territory: unquoted('territory'),
      distributor: unquoted('distributor'),
      points: 10,
      routes: ['Sat', 'Tue'],
      notes: 'Beside the mosque',
    },
    test() {
      const body = pm.response.json();
      pm.test('201 with Location and ETag', () => {
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
    name: 'Create a retailer with a taken uid',
    op: 'createRetailer',
    body: { uid: 'PM-{{run}}-1', name: 'Another', territory: unquoted('territory') },
    test() {
      pm.test('409 already-exists', () => {
        pm.response.to.have.status(409);
        pm.expect(pm.response.json().code).to.eql('already-exists');
        pm.expect(pm.response.json().errors[0]).to.include({ field: 'uid', code: 'taken' });
      });
    },
  },
  {
    name: 'Create a second retailer',
    op: 'createRetailer',
    body: { uid: 'PM-{{run}}-2', name: '=1+1 Store', territory: unquoted('territory') },
    test() {
      const body = pm.response.json();
      pm.test('201 with Location and ETag', () => {
        pm.response.to.have.status(201);
        pm.expect(pm.response.headers.get('Location')).to.eql(`/admin/retailers/${body.uid}`);
        pm.expect(pm.response.headers.get('ETag')).to.match(/^"1/);
      });
    },
  },
  {
    name: 'Create a third retailer',
    op: 'createRetailer',
    body: { uid: 'PM-{{run}}-3', name: 'Third Store', territory: unquoted('territory') },
    test() {
      const body = pm.response.json();
      pm.test('201 with Location and ETag', () => {
        pm.response.to.have.status(201);
        pm.expect(pm.response.headers.get('Location')).to.eql(`/admin/retailers/${body.uid}`);
        pm.expect(pm.response.headers.get('ETag')).to.match(/^"1/);
      });
    },
  },
  {
    name: 'Rename the retailer',
    op: 'adminUpdateRetailer',
    path: { uid: 'PM-{{run}}-1' },
    body: { name: 'Karim Store', phone: null },
    headers: { 'If-Match': '"1"' },
    test() {
      const body = pm.response.json();
      pm.test('200 with version 2', () => {
        pm.response.to.have.status(200);
        pm.expect(body).to.include({ name: 'Karim Store', phone: null, points: 10, version: 2 });
      });
    },
  },
  {
    name: 'Rename the retailer with a stale If-Match',
    op: 'adminUpdateRetailer',
    path: { uid: 'PM-{{run}}-1' },
    body: { name: 'Kader Store' },
    headers: { 'If-Match': '"1"' },
    test: expectProblem(412, 'precondition-failed'),
  },
  {
    name: 'List unassigned retailers',
    op: 'adminListRetailers',
    query: { territory: '{{territory}}', assigned: 'false', sort: 'uid' },
    test() {
      const body = pm.response.json();
      pm.test('200 with all four retailers', () => {
        pm.response.to.have.status(200);
        pm.expect(body.data.map((retailer) => retailer.uid)).to.eql([0, 1, 2, 3].map((n) => `PM-${pm.collectionVariables.get('run')}-${n}`));
        body.data.forEach((retailer) => pm.expect(retailer.salesReps).to.eql([]));
      });
    },
  },
  {
    name: 'Assign a retailer to the new sales rep',
    op: 'bulkAssign',
    body: { assignments: [{ salesRep: unquoted('newRep'), retailers: ['PM-{{run}}-1'] }] },
    test() {
      pm.test('200', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().assigned).to.eql(1);
      });
    },
  },
  {
    name: 'List assigned retailers',
    op: 'adminListRetailers',
    query: { territory: '{{territory}}', assigned: 'true' },
    test() {
      const body = pm.response.json();
      pm.test('200 with the retailer and its sales rep', () => {
        pm.response.to.have.status(200);
        pm.expect(body.data.map((retailer) => retailer.uid)).to.eql([`PM-${pm.collectionVariables.get('run')}-1`]);
        pm.expect(body.data[0].salesReps[0]).to.have.all.keys('id', 'username', 'name', 'assignedAt');
        pm.expect(body.data[0].salesReps.map((rep) => rep.id)).to.eql([Number(pm.collectionVariables.get('newRep'))]);
      });
    },
  },
  {
    name: 'List retailers by sales rep',
    op: 'adminListRetailers',
    query: { salesRep: 'pm-{{run}}' },
    test() {
      pm.test('200 with only that retailer', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().data.map((retailer) => retailer.uid)).to.eql([`PM-${pm.collectionVariables.get('run')}-1`]);
      });
    },
  },
  {
    name: 'List the retailers of a sales rep',
    op: 'listSalesRepRetailers',
    path: { id: '{{newRep}}' },
    test() {
      pm.test('200 with only that retailer', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().data.map((retailer) => retailer.uid)).to.eql([`PM-${pm.collectionVariables.get('run')}-1`]);
      });
    },
  },
  {
    name: 'Get the renamed retailer as its sales rep',
    op: 'getRetailer',
    path: { uid: 'PM-{{run}}-1' },
    as: newRep,
    test() {
      pm.test('200 with the new name', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().name).to.eql('Karim Store');
      });
    },
  },
  {
    name: 'Delete the retailer',
    op: 'deleteRetailer',
    path: { uid: 'PM-{{run}}-1' },
    test() {
      pm.test('204', () => {
        pm.response.to.have.status(204);
      });
    },
  },
  {
    name: 'Delete the retailer again',
    op: 'deleteRetailer',
    path: { uid: 'PM-{{run}}-1' },
    test() {
      pm.test('204', () => {
        pm.response.to.have.status(204);
      });
    },
  },
  {
    name: 'Get the deleted retailer as a sales rep',
    op: 'getRetailer',
    path: { uid: 'PM-{{run}}-1' },
    as: newRep,
    test: expectProblem(404, 'not-found'),
  },
  {
    name: 'Update a deleted retailer',
    op: 'adminUpdateRetailer',
    path: { uid: 'PM-{{run}}-1' },
    body: { points: 1 },
    test: expectProblem(409, 'deleted'),
  },
  {
    name: 'List deleted retailers',
    op: 'adminListRetailers',
    query: { territory: '{{territory}}', deleted: 'true' },
    test() {
      const body = pm.response.json();
      pm.test('200 with the retailer and the time of its deletion', () => {
        pm.response.to.have.status(200);
        pm.expect(body.data.map((retailer) => retailer.uid)).to.eql([`PM-${pm.collectionVariables.get('run')}-1`]);
        pm.expect(body.data[0].deletedAt).to.be.a('string');
      });
    },
  },
  {
    name: 'Restore the retailer',
    op: 'restoreRetailer',
    path: { uid: 'PM-{{run}}-1' },
    test() {
      const body = pm.response.json();
      pm.test('200 with its previous data and no sales reps', () => {
        pm.response.to.have.status(200);
        pm.expect(body).to.include({ name: 'Karim Store', points: 10, deletedAt: null });
        pm.expect(body.salesReps).to.eql([]);
      });
    },
  },
  {
    name: 'Get the restored retailer as its former sales rep',
    op: 'getRetailer',
    path: { uid: 'PM-{{run}}-1' },
    as: newRep,
    test: expectProblem(404, 'not-found'),
  },
  {
    name: 'Export retailers',
    op: 'exportRetailers',
    query: { territory: '{{territory}}' },
    test() {
      pm.test('200 with a CSV attachment', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.headers.get('Content-Type')).to.match(/^text\/csv/);
        pm.expect(pm.response.headers.get('Content-Disposition')).to.match(/^attachment/);
      });
      pm.test('UTF-8 with a byte order mark, a header and four rows', () => {
        pm.expect([...pm.response.stream.slice(0, 3)]).to.eql([0xef, 0xbb, 0xbf]);
        const lines = pm.response.text().replace(/^\ufeff/, '').trimEnd().split('\r\n');
        pm.expect(lines[0]).to.eql('uid,name,phone,region,area,territory,distributor,points,routes,notes,sales_reps');
        pm.expect(lines.slice(1).map((line) => line.split(',')[0])).to.eql([0, 1, 2, 3].map((n) => `PM-${pm.collectionVariables.get('run')}-${n}`));
      });
      pm.test('formulas are escaped', () => {
        pm.expect(pm.response.text()).to.include(`,'=1+1 Store,`);
      });
    },
  },
]);
