import { admin, expectProblem, rep, story } from '../story.mjs';

export default story('Audit', {
  description: 'The audit entries of the previous requests.',
  as: admin,
}, [
  {
    name: 'List the audit entries of a retailer',
    op: 'listAudit',
    query: { entity: 'retailer', entityId: 'PM-{{run}}-1', limit: '2' },
    test() {
      const body = pm.response.json();
      pm.test('200, newest first, with a next page', () => {
        pm.response.to.have.status(200);
        body.data.forEach((entry) => {
          pm.expect(entry).to.have.all.keys('id', 'occurredAt', 'actor', 'role', 'action', 'entity', 'entityId', 'entityName', 'before', 'after', 'requestId', 'batchId');
          pm.expect(entry).to.include({ entity: 'retailer', entityId: `PM-${pm.collectionVariables.get('run')}-1`, role: 'admin' });
          pm.expect(entry.actor.username).to.eql(pm.environment.get('adminUsername'));
        });
        pm.expect(body.data.map((entry) => entry.action)).to.eql(['retailer.restore', 'retailer.delete']);
        pm.expect(body.page.hasMore).to.eql(true);
      });
      pm.collectionVariables.set('auditCursor', body.page.nextCursor);
    },
  },
  {
    name: 'List the next page of audit entries',
    op: 'listAudit',
    query: { entity: 'retailer', entityId: 'PM-{{run}}-1', limit: '2', cursor: '{{auditCursor}}' },
    test() {
      const body = pm.response.json();
      pm.test('200 with the older entries', () => {
        pm.response.to.have.status(200);
        pm.expect(body.data.map((entry) => entry.action)).to.eql(['retailer.update', 'retailer.create']);
        pm.expect([body.data[0].before.name, body.data[0].after.name]).to.eql(['মেসার্স করিম স্টোর', 'Karim Store']);
        pm.expect(body.data[1].before).to.eql(null);
      });
    },
  },
  {
    name: 'Use the cursor with another filter',
    op: 'listAudit',
    query: { entity: 'region', limit: '2', cursor: '{{auditCursor}}' },
    test: expectProblem(400, 'invalid-cursor'),
  },
  {
    name: 'List the audit entries of a batch',
    op: 'listAudit',
    query: { batch: '{{batch}}' },
    test() {
      const body = pm.response.json();
      pm.test('200 with the reason', () => {
        pm.response.to.have.status(200);
        pm.expect(body.data).to.have.lengthOf(1);
        pm.expect(body.data[0]).to.include({ action: 'assignment.assign', entity: 'batch', entityId: String(pm.collectionVariables.get('batch')) });
        pm.expect(body.data[0].after.reason).to.eql('A new route');
      });
    },
  },
  {
    name: 'List the audit entries of a user',
    op: 'listAudit',
    query: { entity: 'user', entityId: '{{newRep}}', limit: '100' },
    test() {
      pm.test('200 without passwords or password hashes', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().data).to.not.be.empty;
        pm.expect(pm.response.text()).to.not.match(/Bazar@|\$2[aby]\$/);
      });
    },
  },
  {
    name: 'List audit entries as a sales rep',
    op: 'listAudit',
    as: rep,
    test: expectProblem(403, 'forbidden'),
  },
]);
