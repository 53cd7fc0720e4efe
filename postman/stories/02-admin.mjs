import { admin, anonymous, expectStatus, rep, story } from '../story.mjs';

export default story('Admin', {
  as: admin,
}, [
  {
    name: 'Log in as an administrator',
    op: 'logIn',
    as: anonymous,
    body: { username: '{{adminUsername}}', password: '{{adminPassword}}' },
    test() {
      const body = pm.response.json();
      pm.collectionVariables.set('adminToken', body.accessToken);
      pm.collectionVariables.set('admin', body.user.id);
      // Part of every name created from here on, so that a second run does not conflict with the first. Recorded examples
      // need a fixed one.
      pm.collectionVariables.set('run', pm.environment.get('fixedRun') || Date.now().toString(36));
      pm.test('200 with the administrator', () => {
        pm.response.to.have.status(200);
        pm.expect(body.tokenType).to.eql('Bearer');
        pm.expect(body.user.username).to.eql(pm.environment.get('adminUsername'));
        pm.expect(body.user.role).to.eql('admin');
      });
    },
  },
  {
    name: 'List all retailers as an administrator',
    op: 'listRetailers',
    test() {
      const { data: retailers, page } = pm.response.json();
      pm.test('200 with the first 20 and a next page', () => {
        pm.response.to.have.status(200);
        pm.expect(retailers).to.have.lengthOf(20);
        pm.expect(page.limit).to.eql(20);
        pm.expect(page.hasMore).to.eql(true);
        pm.expect(page.nextCursor).to.be.a('string').and.not.empty;
      });
      pm.test('rows have the fields of the sales rep list, without assignedAt', () => {
        const mine = Object.keys(JSON.parse(pm.collectionVariables.get('pageOne')).data[0]);
        const expected = mine.filter((name) => name !== 'assignedAt');
        pm.expect(expected).to.have.lengthOf(12);
        retailers.forEach((retailer) => pm.expect(retailer).to.have.all.keys(expected));
      });
    },
  },
  {
    name: 'List all retailers by uid, descending',
    op: 'listRetailers',
    query: { sort: '-uid', limit: '100' },
    test() {
      // myUids has the sales rep's first 100 uids in the same order, so the sales rep does not serve a retailer that
      // is only in this list.
      const uids = pm.response.json().data.map((retailer) => retailer.uid);
      const mine = JSON.parse(pm.collectionVariables.get('myUids'));
      const other = uids.find((uid) => !mine.includes(uid));
      pm.test('200, sorted by uid in descending order, with retailers the sales rep does not serve', () => {
        pm.response.to.have.status(200);
        pm.expect(uids).to.have.lengthOf(100);
        pm.expect(uids).to.eql([...uids].sort().reverse());
        pm.expect(other).to.be.a('string');
      });
      pm.collectionVariables.set('otherUid', other);
    },
  },
  {
    name: 'Get a retailer that the sales rep does not serve',
    op: 'getRetailer',
    path: { uid: '{{otherUid}}' },
    test() {
      pm.test('200 for an administrator', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().uid).to.eql(pm.collectionVariables.get('otherUid'));
      });
    },
  },
  {
    name: 'Assign the retailer to the sales rep',
    op: 'bulkAssign',
    body: {
      assignments: [{ salesRep: '{{repUsername}}', retailers: ['{{otherUid}}', 'RTL-NONE'] }],
    },
    test() {
      const body = pm.response.json();
      pm.test('200 with a result for every uid', () => {
        pm.response.to.have.status(200);
        pm.expect(body.assigned).to.eql(1);
        pm.expect(body.batchId).to.be.a('number');
        pm.expect(body.notFound).to.eql(['RTL-NONE']);
      });
    },
  },
  {
    name: 'Get the newly assigned retailer as the sales rep',
    op: 'getRetailer',
    path: { uid: '{{otherUid}}' },
    as: rep,
    test: expectStatus(200),
  },
  {
    name: 'Assign the same retailer again',
    op: 'bulkAssign',
    body: {
      assignments: [{ salesRep: '{{repUsername}}', retailers: ['{{otherUid}}', 'RTL-NONE'] }],
    },
    test() {
      const body = pm.response.json();
      pm.test('200 with alreadyAssigned and no batch', () => {
        pm.response.to.have.status(200);
        pm.expect(body).to.include({assigned: 0, alreadyAssigned: 1, batchId: null});
      });
    },
  },
  {
    name: 'Unassign the retailer',
    op: 'bulkUnassign',
    body: {
      assignments: [{ salesRep: '{{repUsername}}', retailers: ['{{otherUid}}', 'RTL-NONE'] }],
    },
    test() {
      pm.test('200 with one ended assignment', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().unassigned).to.eql(1);
      });
    },
  },
  {
    name: 'Get the unassigned retailer as the sales rep',
    op: 'getRetailer',
    path: { uid: '{{otherUid}}' },
    as: rep,
    test: expectStatus(404),
  },
  {
    name: 'Update the unassigned retailer as the sales rep',
    op: 'updateRetailer',
    path: { uid: '{{otherUid}}' },
    as: rep,
    body: { points: 1 },
    test: expectStatus(404),
  },
  {
    name: 'Validate an assignment without saving it',
    op: 'bulkAssign',
    query: { validateOnly: 'true' },
    body: {
      assignments: [{ salesRep: '{{repUsername}}', retailers: ['{{otherUid}}', 'RTL-NONE'] }],
    },
    test() {
      pm.test('200 without a batch', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json()).to.include({assigned: 1, batchId: null});
      });
    },
  },
]);
