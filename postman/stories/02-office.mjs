import { admin, answers, nobody, rep, story } from '../story.mjs';

export default story('Office', {
  as: admin,
}, [
  {
    name: 'Log in as administrator',
    op: 'logIn',
    as: nobody,
    body: { username: '{{adminUsername}}', password: '{{adminPassword}}' },
    test() {
      const body = pm.response.json();
      pm.collectionVariables.set('adminToken', body.accessToken);
      pm.collectionVariables.set('admin', body.user.id);
      // Part of every name that is made from here on, so that a second run meets none of them.
      pm.collectionVariables.set('run', Date.now().toString(36));
      pm.test('200, the administrator', () => {
        pm.response.to.have.status(200);
        pm.expect(body.tokenType).to.eql('Bearer');
        pm.expect(body.user.username).to.eql(pm.environment.get('adminUsername'));
        pm.expect(body.user.role).to.eql('admin');
      });
    },
  },
  {
    name: 'The pool',
    op: 'listRetailers',
    test() {
      const { data: shops, page } = pm.response.json();
      pm.test('200, the first 20 of many', () => {
        pm.response.to.have.status(200);
        pm.expect(shops).to.have.lengthOf(20);
        pm.expect(page.limit).to.eql(20);
        pm.expect(page.hasMore).to.eql(true);
        pm.expect(page.nextCursor).to.be.a('string').and.not.empty;
      });
      pm.test('rows as representatives see them, but assigned to nobody in particular', () => {
        const mine = Object.keys(JSON.parse(pm.collectionVariables.get('pageOne')).data[0]);
        const expected = mine.filter((name) => name !== 'assignedAt');
        pm.expect(expected).to.have.lengthOf(12);
        shops.forEach((shop) => pm.expect(shop).to.have.all.keys(expected));
      });
    },
  },
  {
    name: 'The pool, highest uid first',
    op: 'listRetailers',
    query: { sort: '-uid', limit: '100' },
    test() {
      // The representative's list is in the same order and as long, so that what it lacks of this one is not theirs.
      const uids = pm.response.json().data.map((shop) => shop.uid);
      const mine = JSON.parse(pm.collectionVariables.get('myUids'));
      const other = uids.find((uid) => !mine.includes(uid));
      pm.test('200, in falling order of uid, and not only of the representative', () => {
        pm.response.to.have.status(200);
        pm.expect(uids).to.have.lengthOf(100);
        pm.expect(uids).to.eql([...uids].sort().reverse());
        pm.expect(other).to.be.a('string');
      });
      pm.collectionVariables.set('otherUid', other);
    },
  },
  {
    name: "A retailer that is not the representative's",
    op: 'getRetailer',
    path: { uid: '{{otherUid}}' },
    test() {
      pm.test('200 for the administrator', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().uid).to.eql(pm.collectionVariables.get('otherUid'));
      });
    },
  },
  {
    name: 'Give the representative that retailer',
    op: 'bulkAssign',
    body: {
      assignments: [{ salesRep: '{{repUsername}}', retailers: ['{{otherUid}}', 'RTL-NONE'] }],
    },
    test() {
      const body = pm.response.json();
      pm.test('200, every uid accounted for', () => {
        pm.response.to.have.status(200);
        pm.expect(body.assigned).to.eql(1);
        pm.expect(body.batchId).to.be.a('number');
        pm.expect(body.notFound).to.eql(['RTL-NONE']);
      });
    },
  },
  {
    name: 'The representative sees it at once',
    op: 'getRetailer',
    path: { uid: '{{otherUid}}' },
    as: rep,
    test: answers(200),
  },
  {
    name: 'Giving it again changes nothing',
    op: 'bulkAssign',
    body: {
      assignments: [{ salesRep: '{{repUsername}}', retailers: ['{{otherUid}}', 'RTL-NONE'] }],
    },
    test() {
      const body = pm.response.json();
      pm.test('200, already assigned', () => {
        pm.response.to.have.status(200);
        pm.expect(body).to.include({assigned: 0, alreadyAssigned: 1, batchId: null});
      });
    },
  },
  {
    name: 'Take it away',
    op: 'bulkUnassign',
    body: {
      assignments: [{ salesRep: '{{repUsername}}', retailers: ['{{otherUid}}', 'RTL-NONE'] }],
    },
    test() {
      pm.test('200, one ended', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().unassigned).to.eql(1);
      });
    },
  },
  {
    name: 'The representative no longer sees it',
    op: 'getRetailer',
    path: { uid: '{{otherUid}}' },
    as: rep,
    test: answers(404),
  },
  {
    name: 'Nor changes it',
    op: 'updateRetailer',
    path: { uid: '{{otherUid}}' },
    as: rep,
    body: { points: 1 },
    test: answers(404),
  },
  {
    name: 'A trial changes nothing',
    op: 'bulkAssign',
    query: { validateOnly: 'true' },
    body: {
      assignments: [{ salesRep: '{{repUsername}}', retailers: ['{{otherUid}}', 'RTL-NONE'] }],
    },
    test() {
      pm.test('200, without a batch', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json()).to.include({assigned: 1, batchId: null});
      });
    },
  },
]);
