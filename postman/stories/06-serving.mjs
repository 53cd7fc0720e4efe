import { admin, aMoment, bare, newRep, refused, story } from '../story.mjs';

export default story('Who serves which shop', {
  description: 'pm-… has room for five shops, pm2-… for three. Each request begins with what the one before it left.',
  as: admin,
}, [
  {
    name: 'Two may serve one shop',
    op: 'bulkAssign',
    body: {
      assignments: [
        { salesRep: bare('newRep'), retailers: ['PM-{{run}}-1', 'PM-{{run}}-2'] },
        { salesRep: bare('otherRep'), retailers: ['PM-{{run}}-1'] },
      ],
    },
    test() {
      const body = pm.response.json();
      pm.test('200, every pair accounted for', () => {
        pm.response.to.have.status(200);
        pm.expect(body).to.have.all.keys('batchId', 'assigned', 'alreadyAssigned', 'moved', 'skipped', 'unassigned', 'notAssigned', 'notAssignedRetailers', 'notFound', 'overCapacity', 'unplaced', 'changed', 'changedRetailers', 'leftWithout', 'leftWithoutRetailers', 'crossTerritory', 'crossTerritoryRetailers', 'salesReps');
        pm.expect(body).to.include({ assigned: 3, alreadyAssigned: 0, moved: 0, skipped: 0 });
        pm.expect(body.batchId).to.be.a('number');
        pm.expect(body.salesReps.map((rep) => [rep.username, rep.before, rep.after])).to.eql([[`pm-${pm.collectionVariables.get('run')}`, 0, 2], [`pm2-${pm.collectionVariables.get('run')}`, 0, 1]]);
      });
    },
  },
  {
    name: 'Leave what somebody serves',
    op: 'bulkAssign',
    body: {
      ifAssigned: 'skip',
      assignments: [
        {
          salesRep: bare('otherRep'),
          retailers: ['PM-{{run}}-1', 'PM-{{run}}-2', 'PM-{{run}}-3'],
        },
      ],
    },
    test() {
      const body = pm.response.json();
      pm.test('200, one is theirs already, one is skipped, one is given', () => {
        pm.response.to.have.status(200);
        pm.expect(body).to.include({ assigned: 1, alreadyAssigned: 1, moved: 0, skipped: 1 });
      });
    },
  },
  {
    name: 'Take it from whoever serves it',
    op: 'bulkAssign',
    body: {
      ifAssigned: 'move',
      reason: 'A new route',
      assignments: [{ salesRep: bare('newRep'), retailers: ['PM-{{run}}-1', 'PM-{{run}}-3'] }],
    },
    test() {
      const body = pm.response.json();
      pm.test('200, both are moved, the one that was theirs too', () => {
        pm.response.to.have.status(200);
        pm.expect(body).to.include({ assigned: 0, alreadyAssigned: 0, moved: 2, skipped: 0, leftWithout: 0 });
        pm.expect(body.salesReps.map((rep) => [rep.username, rep.before, rep.after])).to.eql([[`pm-${pm.collectionVariables.get('run')}`, 2, 3], [`pm2-${pm.collectionVariables.get('run')}`, 2, 0]]);
      });
      pm.collectionVariables.set('batch', body.batchId);
    },
  },
  {
    name: 'The representative sees them at once',
    op: 'listRetailers',
    query: { sort: 'uid' },
    as: newRep,
    test() {
      pm.test('200, all three', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().data.map((shop) => shop.uid)).to.eql([1, 2, 3].map((n) => `PM-${pm.collectionVariables.get('run')}-${n}`));
      });
    },
  },
  {
    name: 'The load in the list',
    op: 'listSalesReps',
    query: { q: '{{run}}', state: 'active' },
    test() {
      pm.test('200', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().data.map((rep) => rep.load)).to.eql([0, 3]);
      });
    },
  },
  {
    name: 'What taking it back would do',
    op: 'undoBatch',
    path: { id: '{{batch}}' },
    query: { validateOnly: 'true' },
    test() {
      const body = pm.response.json();
      pm.test('200, without a batch', () => {
        pm.response.to.have.status(200);
        pm.expect(body).to.include({ batchId: null, assigned: 1, moved: 1, unassigned: 0, changed: 0 });
        pm.expect(body.salesReps.map((rep) => [rep.username, rep.before, rep.after])).to.eql([[`pm-${pm.collectionVariables.get('run')}`, 3, 2], [`pm2-${pm.collectionVariables.get('run')}`, 0, 2]]);
      });
    },
  },
  {
    name: 'Take it back',
    op: 'undoBatch',
    path: { id: '{{batch}}' },
    test() {
      const body = pm.response.json();
      pm.test('200, what was told', () => {
        pm.response.to.have.status(200);
        pm.expect(body).to.include({ assigned: 1, moved: 1, unassigned: 0, changed: 0 });
      });
      pm.collectionVariables.set('undo', body.batchId);
    },
  },
  {
    name: 'Take it back twice',
    op: 'undoBatch',
    path: { id: '{{batch}}' },
    test() {
      const body = pm.response.json();
      pm.test('200, and nothing is done', () => {
        pm.response.to.have.status(200);
        pm.expect(body).to.include({ batchId: null, assigned: 0, moved: 0, unassigned: 0 });
      });
    },
  },
  {
    name: 'The batch',
    op: 'getBatch',
    path: { id: '{{batch}}' },
    test() {
      const body = pm.response.json();
      pm.test('200, undone, and by which', () => {
        pm.response.to.have.status(200);
        pm.expect(body).to.have.all.keys('id', 'kind', 'state', 'actor', 'reason', 'ifAssigned', 'force', 'createdAt', 'appliedAt', 'undoes', 'undoneBy', 'counts', 'salesReps');
        pm.expect(body).to.include({ kind: 'assign', state: 'undone', reason: 'A new route', ifAssigned: 'move', undoneBy: Number(pm.collectionVariables.get('undo')) });
        pm.expect(body.counts.moved).to.eql(2);
      });
    },
  },
  {
    name: 'Take the taking back back',
    op: 'undoBatch',
    path: { id: '{{undo}}' },
    test() {
      const body = pm.response.json();
      pm.test('200, it is done again', () => {
        pm.response.to.have.status(200);
        pm.expect(body).to.include({ moved: 1, unassigned: 1, assigned: 0, changed: 0 });
        pm.expect(body.salesReps.map((rep) => [rep.username, rep.before, rep.after])).to.eql([[`pm-${pm.collectionVariables.get('run')}`, 2, 3], [`pm2-${pm.collectionVariables.get('run')}`, 2, 0]]);
      });
    },
  },
  {
    name: 'Transfer all shops',
    op: 'transferShops',
    body: { from: bare('newRep'), to: [bare('otherRep')] },
    test() {
      const body = pm.response.json();
      pm.test('200, all moved', () => {
        pm.response.to.have.status(200);
        pm.expect(body).to.include({ moved: 3, unplaced: 0, leftWithout: 0 });
        pm.expect(body.salesReps.map((rep) => [rep.username, rep.before, rep.after])).to.eql([[`pm-${pm.collectionVariables.get('run')}`, 3, 0], [`pm2-${pm.collectionVariables.get('run')}`, 0, 3]]);
      });
    },
  },
  {
    name: 'Transfer one, and one that is not theirs',
    op: 'transferShops',
    body: { from: 'pm2-{{run}}', to: ['pm-{{run}}'], retailers: ['PM-{{run}}-0', 'PM-{{run}}-1'] },
    test() {
      const body = pm.response.json();
      pm.test('200, one moved', () => {
        pm.response.to.have.status(200);
        pm.expect(body).to.include({ moved: 1, notAssigned: 1 });
        pm.expect(body.notAssignedRetailers).to.eql([`PM-${pm.collectionVariables.get('run')}-0`]);
      });
    },
  },
  {
    name: 'More than they can serve',
    op: 'bulkAssign',
    body: {
      assignments: [{ salesRep: 'pm2-{{run}}', retailers: ['PM-{{run}}-0', 'PM-{{run}}-1'] }],
    },
    test() {
      const body = pm.response.json();
      pm.test('200, none of the group is given', () => {
        pm.response.to.have.status(200);
        pm.expect(body).to.include({ batchId: null, assigned: 0 });
        pm.expect(body.overCapacity).to.eql([{ salesRep: `pm2-${pm.collectionVariables.get('run')}`, count: 4, limit: 3, refused: 2 }]);
      });
    },
  },
  {
    name: 'Forced without a reason',
    op: 'bulkAssign',
    body: {
      force: true,
      assignments: [{ salesRep: 'pm2-{{run}}', retailers: ['PM-{{run}}-0', 'PM-{{run}}-1'] }],
    },
    test() {
      pm.test('422 invalid-fields', () => {
        pm.response.to.have.status(422);
        pm.expect(pm.response.json().code).to.eql('invalid-fields');
        const faults = pm.response.json().errors.map((error) => `${error.field}: ${error.code}`);
        pm.expect(faults).to.eql(['reason: required']);
      });
    },
  },
  {
    name: 'Forced, on trial',
    op: 'bulkAssign',
    query: { validateOnly: 'true' },
    body: {
      force: true,
      reason: 'Eid',
      assignments: [{ salesRep: 'pm2-{{run}}', retailers: ['PM-{{run}}-0', 'PM-{{run}}-1'] }],
    },
    test() {
      const body = pm.response.json();
      pm.test('200, they would have one too many', () => {
        pm.response.to.have.status(200);
        pm.expect(body).to.include({ batchId: null, assigned: 2 });
        pm.expect(body.overCapacity[0].refused).to.eql(0);
      });
    },
  },
  {
    name: 'Plan a move',
    op: 'makePlan',
    body: {
      action: 'assign',
      ifAssigned: 'move',
      reason: 'A plan',
      assignments: [{ salesRep: bare('newRep'), retailers: ['PM-{{run}}-2'] }],
    },
    test() {
      const body = pm.response.json();
      pm.test('201, and where it is', () => {
        pm.response.to.have.status(201);
        pm.expect(pm.response.headers.get('Location')).to.eql(`/admin/assignments/plans/${body.batchId}`);
        pm.expect(body).to.include({ moved: 1, assigned: 0 });
      });
      pm.collectionVariables.set('plan', body.batchId);
    },
  },
  {
    name: 'The plan',
    op: 'getPlan',
    path: { id: '{{plan}}' },
    test() {
      const body = pm.response.json();
      pm.test('200, not done yet', () => {
        pm.response.to.have.status(200);
        pm.expect(body).to.include({ kind: 'assign', state: 'planned', reason: 'A plan', appliedAt: null });
        pm.expect(body.salesReps.map((rep) => [rep.username, rep.before, rep.after])).to.eql([[`pm-${pm.collectionVariables.get('run')}`, 1, 2], [`pm2-${pm.collectionVariables.get('run')}`, 2, 1]]);
      });
    },
  },
  {
    name: 'Its changes',
    op: 'listBatchChanges',
    path: { id: '{{plan}}' },
    test() {
      const body = pm.response.json();
      pm.test('200, who begins and who ends', () => {
        pm.response.to.have.status(200);
        pm.expect(body.data.map((change) => [change.retailer.uid, change.salesRep.id, change.step, change.at])).to.eql([[`PM-${pm.collectionVariables.get('run')}-2`, Number(pm.collectionVariables.get('newRep')), 'start', null], [`PM-${pm.collectionVariables.get('run')}-2`, Number(pm.collectionVariables.get('otherRep')), 'end', null]]);
      });
    },
  },
  {
    name: 'A plan is nothing to take back',
    op: 'undoBatch',
    path: { id: '{{plan}}' },
    test: refused(409, 'not-applied'),
  },
  {
    name: 'Plan a transfer of the same shops',
    op: 'makePlan',
    body: { action: 'transfer', from: bare('otherRep'), to: [bare('newRep')] },
    test() {
      const body = pm.response.json();
      pm.test('201', () => {
        pm.response.to.have.status(201);
        pm.expect(body).to.include({ moved: 2 });
      });
      pm.collectionVariables.set('latePlan', body.batchId);
    },
  },
  {
    name: 'Apply the plan',
    op: 'applyPlan',
    path: { id: '{{plan}}' },
    test() {
      const body = pm.response.json();
      pm.test('200, what it showed', () => {
        pm.response.to.have.status(200);
        pm.expect(body).to.include({ moved: 1, batchId: Number(pm.collectionVariables.get('plan')) });
        pm.expect(body.salesReps.map((rep) => [rep.username, rep.before, rep.after])).to.eql([[`pm-${pm.collectionVariables.get('run')}`, 1, 2], [`pm2-${pm.collectionVariables.get('run')}`, 2, 1]]);
      });
    },
  },
  {
    name: 'Apply it again',
    op: 'applyPlan',
    path: { id: '{{plan}}' },
    test() {
      const body = pm.response.json();
      pm.test('200, and nothing is done', () => {
        pm.response.to.have.status(200);
        pm.expect(body).to.include({ moved: 1, batchId: Number(pm.collectionVariables.get('plan')) });
      });
    },
  },
  {
    name: 'Apply the other, which is outdated',
    op: 'applyPlan',
    path: { id: '{{latePlan}}' },
    test() {
      pm.test('409 plan-outdated', () => {
        pm.response.to.have.status(409);
        pm.expect(pm.response.json().code).to.eql('plan-outdated');
        const { count, first } = pm.response.json().moved;
        pm.expect(first).to.have.lengthOf(count);
        pm.expect(first).to.deep.include({ kind: 'retailer', name: `PM-${pm.collectionVariables.get('run')}-2`, changed: 'served-by' });
        pm.expect(first).to.deep.include({ kind: 'sales-rep', name: `pm-${pm.collectionVariables.get('run')}`, changed: 'load' });
      });
    },
  },
  {
    name: 'Who served this shop',
    op: 'listRetailerAssignments',
    path: { uid: 'PM-{{run}}-2' },
    test() {
      const body = pm.response.json();
      pm.test('200, the latest first', () => {
        pm.response.to.have.status(200);
        pm.expect(body.data[0]).to.have.all.keys('salesRep', 'from', 'until', 'assignedBy', 'batchId', 'endedBy', 'endBatchId', 'endReason');
        pm.expect(body.data.map((span) => [span.salesRep.id, span.endReason])).to.eql([[Number(pm.collectionVariables.get('newRep')), null], [Number(pm.collectionVariables.get('otherRep')), 'moved'], [Number(pm.collectionVariables.get('newRep')), 'transferred']]);
        pm.expect(body.data[0].batchId).to.eql(Number(pm.collectionVariables.get('plan')));
        pm.expect(body.data[1].endBatchId).to.eql(Number(pm.collectionVariables.get('plan')));
        pm.expect(body.data[1].from).to.eql(body.data[2].until);
      });
      pm.collectionVariables.set('moment', body.data[1].from);
      // Days are those of the company, in Dhaka, six hours ahead.
      pm.collectionVariables.set('day', new Date(Date.parse(body.data[1].from) + 6 * 3600 * 1000).toISOString().slice(0, 10));
    },
  },
  {
    name: 'Who served it at a moment',
    op: 'listRetailerAssignments',
    path: { uid: 'PM-{{run}}-2' },
    query: { asOf: '{{moment}}' },
    test() {
      pm.test('200, who began then, not who ended then', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().data.map((span) => span.salesRep.id)).to.eql([Number(pm.collectionVariables.get('otherRep'))]);
      });
    },
  },
  {
    name: 'Who served it on a day',
    op: 'listRetailerAssignments',
    path: { uid: 'PM-{{run}}-2' },
    query: { on: '{{day}}' },
    test() {
      const body = pm.response.json();
      pm.test('200, all who did at some time of it', () => {
        pm.response.to.have.status(200);
        pm.expect(body.data.map((span) => span.from)).to.include(pm.collectionVariables.get('moment'));
      });
    },
  },
  {
    name: 'Who served it as a day long past began',
    op: 'listRetailerAssignments',
    path: { uid: 'PM-{{run}}-2' },
    query: { asOf: '2020-01-01' },
    test() {
      pm.test('200, nobody', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().data).to.eql([]);
      });
    },
  },
  {
    name: 'At a moment and on a day',
    op: 'listRetailerAssignments',
    path: { uid: 'PM-{{run}}-2' },
    query: { asOf: '2020-01-01', on: '2020-01-01' },
    test() {
      pm.test('422 invalid-fields', () => {
        pm.response.to.have.status(422);
        pm.expect(pm.response.json().code).to.eql('invalid-fields');
        const faults = pm.response.json().errors.map((error) => `${error.field}: ${error.code}`);
        pm.expect(faults).to.eql(['on: one-of']);
      });
    },
  },
  {
    name: 'What was taken back lately',
    op: 'listBatches',
    query: { kind: 'undo', actor: '{{admin}}', limit: '2' },
    test() {
      const body = pm.response.json();
      pm.test('200, the latest first', () => {
        pm.response.to.have.status(200);
        body.data.forEach((batch) => pm.expect(batch.kind).to.eql('undo'));
        pm.expect([body.data[0].undoes, body.data[1].id, body.data[1].state]).to.eql([Number(pm.collectionVariables.get('undo')), Number(pm.collectionVariables.get('undo')), 'undone']);
      });
    },
  },
  {
    name: 'Assign by file',
    op: 'bulkAssign',
    query: { ifAssigned: 'skip' },
    raw: 'uid,sales_rep\r\nPM-{{run}}-0,pm-{{run}}\r\nPM-{{run}}-3,pm-{{run}}\r\nPM-{{run}}-none,pm-{{run}}\r\nPM-{{run}}-0,pm-{{run}}\r\n',
    headers: { 'Content-Type': 'text/csv' },
    test() {
      const body = pm.response.json();
      pm.test('202, and where to look', () => {
        pm.response.to.have.status(202);
        pm.expect(body).to.have.all.keys('id', 'state');
        pm.expect(body.state).to.eql('QUEUED');
        pm.expect(pm.response.headers.get('Location')).to.eql(`/admin/assignments/jobs/${body.id}`);
      });
      pm.collectionVariables.set('job', pm.response.headers.get('Location').split('/').pop());
      pm.collectionVariables.set('polls', 0);
    },
  },
  {
    name: 'How far the file is',
    op: 'getAssignmentJob',
    path: { id: '{{job}}' },
    before: aMoment,
    test() {
      const body = pm.response.json();
      const polls = Number(pm.collectionVariables.get('polls')) + 1;
      pm.collectionVariables.set('polls', polls);
      if (['QUEUED', 'RUNNING'].includes(body.state) && polls < 150) {
        pm.execution.setNextRequest(pm.info.requestName);
      } else {
        pm.test('200, done, but for one row', () => {
          pm.response.to.have.status(200);
          pm.expect(body).to.have.all.keys('id', 'state', 'options', 'rows', 'counts', 'batchId', 'failure', 'createdAt', 'startedAt', 'finishedAt');
          pm.expect(body).to.include({ state: 'PARTIAL', failure: null });
          pm.expect(body.rows).to.eql({ read: 4, failed: 1, repeated: 1 });
          pm.expect(body.counts).to.eql({ assigned: 1, alreadyAssigned: 0, moved: 0, skipped: 1, leftWithout: 0, crossTerritory: 0 });
          pm.expect(body.options).to.include({ ifAssigned: 'skip', force: false, plan: false, validateOnly: false });
          pm.expect(body.batchId).to.be.a('number');
        });
      }
    },
  },
  {
    name: 'The row that was not understood',
    op: 'listAssignmentJobErrors',
    path: { id: '{{job}}' },
    test() {
      pm.test('200, a file with it', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.headers.get('Content-Type')).to.match(/^text\/csv/);
        pm.expect(pm.response.text().split('\n').filter((line) => line.trim())).to.have.lengthOf(2);
      });
    },
  },
  {
    name: 'The file is done',
    op: 'getRetailer',
    path: { uid: 'PM-{{run}}-0' },
    as: newRep,
    test() {
      pm.test('200 for whom it was given to', () => {
        pm.response.to.have.status(200);
      });
    },
  },
  {
    name: 'Take a shop away',
    op: 'bulkUnassign',
    body: {
      assignments: [{ salesRep: 'pm-{{run}}', retailers: ['PM-{{run}}-0', 'PM-{{run}}-3'] }],
    },
    test() {
      const body = pm.response.json();
      pm.test('200, one ended, one was not theirs', () => {
        pm.response.to.have.status(200);
        pm.expect(body).to.include({ unassigned: 1, notAssigned: 1, leftWithout: 1 });
        pm.expect(body.notAssignedRetailers).to.eql([`PM-${pm.collectionVariables.get('run')}-3`]);
        pm.expect(body.leftWithoutRetailers).to.eql([`PM-${pm.collectionVariables.get('run')}-0`]);
      });
    },
  },
]);
