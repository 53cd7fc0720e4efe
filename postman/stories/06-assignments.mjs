import { admin, expectProblem, newRep, pollDelay, story, unquoted } from '../story.mjs';

export default story('Assignments', {
  description: 'Sales rep pm-… has a capacity of five retailers, pm2-… of three. Each request depends on the state the previous one left.',
  as: admin,
}, [
  {
    name: 'Assign one retailer to two sales reps',
    op: 'bulkAssign',
    body: {
      assignments: [
        { salesRep: unquoted('newRep'), retailers: ['PM-{{run}}-1', 'PM-{{run}}-2'] },
        { salesRep: unquoted('otherRep'), retailers: ['PM-{{run}}-1'] },
      ],
    },
    test() {
      const body = pm.response.json();
      pm.test('200 with a result for every pair', () => {
        pm.response.to.have.status(200);
        pm.expect(body).to.have.all.keys('batchId', 'assigned', 'alreadyAssigned', 'moved', 'skipped', 'unassigned', 'notAssigned', 'notAssignedRetailers', 'notFound', 'invalidUids', 'outcome', 'repeated', 'overCapacity', 'unplaced', 'changed', 'changedRetailers', 'unserved', 'unservedRetailers', 'crossTerritory', 'crossTerritoryRetailers', 'salesReps');
        pm.expect(body).to.include({ assigned: 3, alreadyAssigned: 0, moved: 0, skipped: 0 });
        pm.expect(body.batchId).to.be.a('number');
        pm.expect(body.salesReps.map((rep) => [rep.username, rep.before, rep.after])).to.eql([[`pm-${pm.collectionVariables.get('run')}`, 0, 2], [`pm2-${pm.collectionVariables.get('run')}`, 0, 1]]);
      });
    },
  },
  {
    name: 'Assign and skip retailers that are already assigned',
    op: 'bulkAssign',
    body: {
      ifAssigned: 'skip',
      assignments: [
        {
          salesRep: unquoted('otherRep'),
          retailers: ['PM-{{run}}-1', 'PM-{{run}}-2', 'PM-{{run}}-3'],
        },
      ],
    },
    test() {
      const body = pm.response.json();
      pm.test('200 with one already assigned, one skipped and one assigned', () => {
        pm.response.to.have.status(200);
        pm.expect(body).to.include({ assigned: 1, alreadyAssigned: 1, moved: 0, skipped: 1 });
      });
    },
  },
  {
    name: 'Assign and move retailers from other sales reps',
    op: 'bulkAssign',
    body: {
      ifAssigned: 'move',
      reason: 'A new route',
      assignments: [{ salesRep: unquoted('newRep'), retailers: ['PM-{{run}}-1', 'PM-{{run}}-3'] }],
    },
    test() {
      const body = pm.response.json();
      pm.test('200 with both moved, including the one they already served', () => {
        pm.response.to.have.status(200);
        pm.expect(body).to.include({ assigned: 0, alreadyAssigned: 0, moved: 2, skipped: 0, unserved: 0 });
        pm.expect(body.salesReps.map((rep) => [rep.username, rep.before, rep.after])).to.eql([[`pm-${pm.collectionVariables.get('run')}`, 2, 3], [`pm2-${pm.collectionVariables.get('run')}`, 2, 0]]);
      });
      pm.collectionVariables.set('batch', body.batchId);
    },
  },
  {
    name: 'List the assigned retailers as the sales rep',
    op: 'listRetailers',
    query: { sort: 'uid' },
    as: newRep,
    test() {
      pm.test('200 with all three retailers', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().data.map((retailer) => retailer.uid)).to.eql([1, 2, 3].map((n) => `PM-${pm.collectionVariables.get('run')}-${n}`));
      });
    },
  },
  {
    name: 'List sales reps with their assigned counts',
    op: 'listSalesReps',
    query: { q: '{{run}}', state: 'active' },
    test() {
      pm.test('200', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().data.map((rep) => rep.assignedCount)).to.eql([0, 3, 0, 0]);
      });
    },
  },
  {
    name: 'Preview the undo of a batch',
    op: 'undoBatch',
    path: { id: '{{batch}}' },
    query: { validateOnly: 'true' },
    test() {
      const body = pm.response.json();
      pm.test('200 without a batch', () => {
        pm.response.to.have.status(200);
        pm.expect(body).to.include({ batchId: null, assigned: 1, moved: 1, unassigned: 0, changed: 0 });
        pm.expect(body.salesReps.map((rep) => [rep.username, rep.before, rep.after])).to.eql([[`pm-${pm.collectionVariables.get('run')}`, 3, 2], [`pm2-${pm.collectionVariables.get('run')}`, 0, 2]]);
      });
    },
  },
  {
    name: 'Undo the batch',
    op: 'undoBatch',
    path: { id: '{{batch}}' },
    test() {
      const body = pm.response.json();
      pm.test('200 with the previewed result', () => {
        pm.response.to.have.status(200);
        pm.expect(body).to.include({ assigned: 1, moved: 1, unassigned: 0, changed: 0 });
      });
      pm.collectionVariables.set('undo', body.batchId);
    },
  },
  {
    name: 'Undo the batch again',
    op: 'undoBatch',
    path: { id: '{{batch}}' },
    test() {
      const body = pm.response.json();
      pm.test('200 without changes', () => {
        pm.response.to.have.status(200);
        pm.expect(body).to.include({ batchId: null, assigned: 0, moved: 0, unassigned: 0 });
      });
    },
  },
  {
    name: 'Get the undone batch',
    op: 'getBatch',
    path: { id: '{{batch}}' },
    test() {
      const body = pm.response.json();
      pm.test('200 with state undone and the undoing batch', () => {
        pm.response.to.have.status(200);
        pm.expect(body).to.have.all.keys('id', 'kind', 'state', 'actor', 'reason', 'ifAssigned', 'force', 'createdAt', 'appliedAt', 'undoes', 'undoneBy', 'outcome', 'counts', 'assigned', 'alreadyAssigned', 'moved', 'skipped', 'unassigned', 'notAssigned', 'notAssignedRetailers', 'notFound', 'invalidUids', 'overCapacity', 'unplaced', 'changed', 'changedRetailers', 'unserved', 'unservedRetailers', 'crossTerritory', 'crossTerritoryRetailers', 'salesReps');
        pm.expect(body).to.include({ kind: 'assign', state: 'undone', reason: 'A new route', ifAssigned: 'move', undoneBy: Number(pm.collectionVariables.get('undo')) });
        pm.expect(body.counts.moved).to.eql(2);
      });
    },
  },
  {
    name: 'Undo the undo',
    op: 'undoBatch',
    path: { id: '{{undo}}' },
    test() {
      const body = pm.response.json();
      pm.test('200 with the batch redone', () => {
        pm.response.to.have.status(200);
        pm.expect(body).to.include({ moved: 1, unassigned: 1, assigned: 0, changed: 0 });
        pm.expect(body.salesReps.map((rep) => [rep.username, rep.before, rep.after])).to.eql([[`pm-${pm.collectionVariables.get('run')}`, 2, 3], [`pm2-${pm.collectionVariables.get('run')}`, 2, 0]]);
      });
    },
  },
  {
    name: 'Transfer all retailers',
    op: 'transferRetailers',
    body: { from: unquoted('newRep'), to: [unquoted('otherRep')] },
    test() {
      const body = pm.response.json();
      pm.test('200 with all retailers moved', () => {
        pm.response.to.have.status(200);
        pm.expect(body).to.include({ moved: 3, unplaced: 0, unserved: 0 });
        pm.expect(body.salesReps.map((rep) => [rep.username, rep.before, rep.after])).to.eql([[`pm-${pm.collectionVariables.get('run')}`, 3, 0], [`pm2-${pm.collectionVariables.get('run')}`, 0, 3]]);
      });
    },
  },
  {
    name: 'Transfer a retailer and one that is not assigned',
    op: 'transferRetailers',
    body: { from: 'pm2-{{run}}', to: ['pm-{{run}}'], retailers: ['PM-{{run}}-0', 'PM-{{run}}-1'] },
    test() {
      const body = pm.response.json();
      pm.test('200 with one moved and one notAssigned', () => {
        pm.response.to.have.status(200);
        pm.expect(body).to.include({ moved: 1, notAssigned: 1 });
        pm.expect(body.notAssignedRetailers).to.eql([`PM-${pm.collectionVariables.get('run')}-0`]);
      });
    },
  },
  {
    name: 'Assign more retailers than the capacity allows',
    op: 'bulkAssign',
    body: {
      assignments: [{ salesRep: 'pm2-{{run}}', retailers: ['PM-{{run}}-0', 'PM-{{run}}-1'] }],
    },
    test() {
      const body = pm.response.json();
      pm.test('200 with no retailer of the group assigned', () => {
        pm.response.to.have.status(200);
        pm.expect(body).to.include({ batchId: null, assigned: 0 });
        pm.expect(body.overCapacity).to.eql([{ salesRep: `pm2-${pm.collectionVariables.get('run')}`, assignedCount: 4, effectiveCapacity: 3, refused: 2 }]);
      });
    },
  },
  {
    name: 'Exceed the capacity without a reason',
    op: 'bulkAssign',
    body: {
      force: true,
      assignments: [{ salesRep: 'pm2-{{run}}', retailers: ['PM-{{run}}-0', 'PM-{{run}}-1'] }],
    },
    test() {
      pm.test('422 invalid-fields', () => {
        pm.response.to.have.status(422);
        pm.expect(pm.response.json().code).to.eql('invalid-fields');
        const errors = pm.response.json().errors.map((error) => `${error.field}: ${error.code}`);
        pm.expect(errors).to.eql(['reason: required']);
      });
    },
  },
  {
    name: 'Validate an assignment that exceeds the capacity',
    op: 'bulkAssign',
    query: { validateOnly: 'true' },
    body: {
      force: true,
      reason: 'Eid',
      assignments: [{ salesRep: 'pm2-{{run}}', retailers: ['PM-{{run}}-0', 'PM-{{run}}-1'] }],
    },
    test() {
      const body = pm.response.json();
      pm.test('200 with two assigned and none refused', () => {
        pm.response.to.have.status(200);
        pm.expect(body).to.include({ batchId: null, assigned: 2 });
        pm.expect(body.overCapacity[0].refused).to.eql(0);
      });
    },
  },
  {
    name: 'Create a plan that moves a retailer',
    op: 'createPlan',
    body: {
      action: 'assign',
      ifAssigned: 'move',
      reason: 'A plan',
      assignments: [{ salesRep: unquoted('newRep'), retailers: ['PM-{{run}}-2'] }],
    },
    test() {
      const body = pm.response.json();
      pm.test('201 with Location', () => {
        pm.response.to.have.status(201);
        pm.expect(pm.response.headers.get('Location')).to.eql(`/admin/assignments/plans/${body.batchId}`);
        pm.expect(body).to.include({ moved: 1, assigned: 0 });
      });
      pm.collectionVariables.set('plan', body.batchId);
    },
  },
  {
    name: 'Get the plan',
    op: 'getPlan',
    path: { id: '{{plan}}' },
    test() {
      const body = pm.response.json();
      pm.test('200 with state planned', () => {
        pm.response.to.have.status(200);
        pm.expect(body).to.include({ kind: 'assign', state: 'planned', reason: 'A plan', appliedAt: null });
        pm.expect(body.salesReps.map((rep) => [rep.username, rep.before, rep.after])).to.eql([[`pm-${pm.collectionVariables.get('run')}`, 1, 2], [`pm2-${pm.collectionVariables.get('run')}`, 2, 1]]);
      });
    },
  },
  {
    name: 'List the changes of the plan',
    op: 'listBatchChanges',
    path: { id: '{{plan}}' },
    test() {
      const body = pm.response.json();
      pm.test('200 with one start and one end', () => {
        pm.response.to.have.status(200);
        pm.expect(body.data.map((change) => [change.retailer.uid, change.salesRep.id, change.outcome, change.occurredAt])).to.eql([[`PM-${pm.collectionVariables.get('run')}-2`, Number(pm.collectionVariables.get('newRep')), 'start', null], [`PM-${pm.collectionVariables.get('run')}-2`, Number(pm.collectionVariables.get('otherRep')), 'end', null]]);
      });
    },
  },
  {
    name: 'Undo a plan that was not applied',
    op: 'undoBatch',
    path: { id: '{{plan}}' },
    test: expectProblem(409, 'not-applied'),
  },
  {
    name: 'Create a plan that transfers the same retailers',
    op: 'createPlan',
    body: { action: 'transfer', from: unquoted('otherRep'), to: [unquoted('newRep')] },
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
      pm.test('200 with the planned result', () => {
        pm.response.to.have.status(200);
        pm.expect(body).to.include({ moved: 1, batchId: Number(pm.collectionVariables.get('plan')) });
        pm.expect(body.salesReps.map((rep) => [rep.username, rep.before, rep.after])).to.eql([[`pm-${pm.collectionVariables.get('run')}`, 1, 2], [`pm2-${pm.collectionVariables.get('run')}`, 2, 1]]);
      });
    },
  },
  {
    name: 'Apply the plan again',
    op: 'applyPlan',
    path: { id: '{{plan}}' },
    test() {
      const body = pm.response.json();
      pm.test('200 without changes', () => {
        pm.response.to.have.status(200);
        pm.expect(body).to.include({ moved: 1, batchId: Number(pm.collectionVariables.get('plan')) });
      });
    },
  },
  {
    name: 'Apply a stale plan',
    op: 'applyPlan',
    path: { id: '{{latePlan}}' },
    test() {
      pm.test('409 plan-stale', () => {
        pm.response.to.have.status(409);
        pm.expect(pm.response.json().code).to.eql('plan-stale');
        const { count, first } = pm.response.json().conflicts;
        pm.expect(first).to.have.lengthOf(count);
        pm.expect(first).to.deep.include({ kind: 'retailer', name: `PM-${pm.collectionVariables.get('run')}-2`, changed: 'served-by' });
        pm.expect(first).to.deep.include({ kind: 'sales-rep', name: `pm-${pm.collectionVariables.get('run')}`, changed: 'assigned-count' });
      });
    },
  },
  {
    name: 'List the assignment history of a retailer',
    op: 'listRetailerAssignments',
    path: { uid: 'PM-{{run}}-2' },
    test() {
      const body = pm.response.json();
      pm.test('200, newest first', () => {
        pm.response.to.have.status(200);
        pm.expect(body.data[0]).to.have.all.keys('salesRep', 'from', 'until', 'assignedBy', 'batchId', 'endedBy', 'endBatchId', 'endReason');
        pm.expect(body.data.map((span) => [span.salesRep.id, span.endReason])).to.eql([[Number(pm.collectionVariables.get('newRep')), null], [Number(pm.collectionVariables.get('otherRep')), 'moved'], [Number(pm.collectionVariables.get('newRep')), 'transferred']]);
        pm.expect(body.data[0].batchId).to.eql(Number(pm.collectionVariables.get('plan')));
        pm.expect(body.data[1].endBatchId).to.eql(Number(pm.collectionVariables.get('plan')));
        pm.expect(body.data[1].from).to.eql(body.data[2].until);
      });
      pm.collectionVariables.set('moment', body.data[1].from);
      // Days are in the time zone of the tenant: Dhaka, UTC+6.
      pm.collectionVariables.set('day', new Date(Date.parse(body.data[1].from) + 6 * 3600 * 1000).toISOString().slice(0, 10));
    },
  },
  {
    name: 'List whom a sales rep served',
    op: 'listSalesRepAssignments',
    path: { id: '{{otherRep}}' },
    query: { from: '2026-01-01', limit: '2' },
    test() {
      const body = pm.response.json();
      pm.test('200, newest first, with retailers', () => {
        pm.response.to.have.status(200);
        pm.expect(body.data[0]).to.have.all.keys('retailer', 'from', 'until', 'batchId', 'endBatchId', 'endReason');
        pm.expect(body.data[0].retailer).to.have.all.keys('uid', 'name');
      });
    },
  },
  {
    name: 'List the assignments of a retailer at a point in time',
    op: 'listRetailerAssignments',
    path: { uid: 'PM-{{run}}-2' },
    query: { asOf: '{{moment}}' },
    test() {
      pm.test('200 with the assignment that started then, without the one that ended then', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().data.map((span) => span.salesRep.id)).to.eql([Number(pm.collectionVariables.get('otherRep'))]);
      });
    },
  },
  {
    name: 'List the assignments of a retailer on a day',
    op: 'listRetailerAssignments',
    path: { uid: 'PM-{{run}}-2' },
    query: { on: '{{day}}' },
    test() {
      const body = pm.response.json();
      pm.test('200 with every assignment that overlaps the day', () => {
        pm.response.to.have.status(200);
        pm.expect(body.data.map((span) => span.from)).to.include(pm.collectionVariables.get('moment'));
      });
    },
  },
  {
    name: 'List the assignments of a retailer at the start of a day before its creation',
    op: 'listRetailerAssignments',
    path: { uid: 'PM-{{run}}-2' },
    query: { asOf: '2020-01-01' },
    test() {
      pm.test('200 with an empty list', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().data).to.eql([]);
      });
    },
  },
  {
    name: 'List assignments with both asOf and on',
    op: 'listRetailerAssignments',
    path: { uid: 'PM-{{run}}-2' },
    query: { asOf: '2020-01-01', on: '2020-01-01' },
    test() {
      pm.test('422 invalid-fields', () => {
        pm.response.to.have.status(422);
        pm.expect(pm.response.json().code).to.eql('invalid-fields');
        const errors = pm.response.json().errors.map((error) => `${error.field}: ${error.code}`);
        pm.expect(errors).to.eql(['on: one-of']);
      });
    },
  },
  {
    name: 'List undo batches',
    op: 'listBatches',
    query: { kind: 'undo', actor: '{{admin}}', limit: '2' },
    test() {
      const body = pm.response.json();
      pm.test('200, newest first', () => {
        pm.response.to.have.status(200);
        body.data.forEach((batch) => pm.expect(batch.kind).to.eql('undo'));
        pm.expect([body.data[0].undoes, body.data[1].id, body.data[1].state]).to.eql([Number(pm.collectionVariables.get('undo')), Number(pm.collectionVariables.get('undo')), 'undone']);
      });
    },
  },
  {
    name: 'Assign retailers from a CSV file',
    op: 'bulkAssign',
    query: { ifAssigned: 'skip' },
    raw: 'uid,sales_rep\r\nPM-{{run}}-0,pm-{{run}}\r\nPM-{{run}}-3,pm-{{run}}\r\nPM-{{run}}-none,pm-{{run}}\r\nPM-{{run}}-0,pm-{{run}}\r\n',
    headers: { 'Content-Type': 'text/csv' },
    test() {
      const body = pm.response.json();
      pm.test('202 with Location', () => {
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
    name: 'Poll the assignment job',
    op: 'getAssignmentJob',
    path: { id: '{{job}}' },
    before: pollDelay,
    test() {
      const body = pm.response.json();
      const polls = Number(pm.collectionVariables.get('polls')) + 1;
      pm.collectionVariables.set('polls', polls);
      if (['QUEUED', 'RUNNING'].includes(body.state) && polls < 150) {
        pm.execution.setNextRequest(pm.info.requestName);
      } else {
        pm.test('200 with state PARTIAL and one failed row', () => {
          pm.response.to.have.status(200);
          pm.expect(body).to.have.all.keys('id', 'fileName', 'state', 'options', 'rows', 'outcome', 'counts', 'batchId', 'failure', 'createdAt', 'startedAt', 'finishedAt');
          pm.expect(body).to.include({ state: 'PARTIAL', failure: null });
          pm.expect(body.rows).to.eql({ read: 4, failed: 1, repeated: 1 });
          pm.expect(body.counts).to.eql({ assigned: 1, alreadyAssigned: 0, moved: 0, skipped: 1, unassigned: 0, notAssigned: 0, unserved: 0, crossTerritory: 0 });
          pm.expect(body.options).to.include({ ifAssigned: 'skip', force: false, plan: false, validateOnly: false });
          pm.expect(body.batchId).to.be.a('number');
        });
      }
    },
  },
  {
    name: 'List the assignment jobs',
    op: 'listAssignmentJobs',
    query: { limit: '1' },
    test() {
      pm.test('200 with the newest job first', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().data[0].id).to.be.a('number');
      });
    },
  },
  {
    name: 'List the failed rows of the assignment job',
    op: 'listAssignmentJobErrors',
    path: { id: '{{job}}' },
    test() {
      pm.test('200 with a CSV of one row', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.headers.get('Content-Type')).to.match(/^text\/csv/);
        pm.expect(pm.response.text().split('\n').filter((line) => line.trim())).to.have.lengthOf(2);
      });
    },
  },
  {
    name: 'Get a retailer assigned by the file as its sales rep',
    op: 'getRetailer',
    path: { uid: 'PM-{{run}}-0' },
    as: newRep,
    test() {
      pm.test('200 for the assigned sales rep', () => {
        pm.response.to.have.status(200);
      });
    },
  },
  {
    name: 'Unassign a retailer and one that is not assigned',
    op: 'bulkUnassign',
    body: {
      assignments: [{ salesRep: 'pm-{{run}}', retailers: ['PM-{{run}}-0', 'PM-{{run}}-3'] }],
    },
    test() {
      const body = pm.response.json();
      pm.test('200 with one unassigned and one notAssigned', () => {
        pm.response.to.have.status(200);
        pm.expect(body).to.include({ unassigned: 1, notAssigned: 1, unserved: 1 });
        pm.expect(body.notAssignedRetailers).to.eql([`PM-${pm.collectionVariables.get('run')}-3`]);
        pm.expect(body.unservedRetailers).to.eql([`PM-${pm.collectionVariables.get('run')}-0`]);
      });
    },
  },
]);
