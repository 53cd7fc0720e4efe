import { admin, refused, rep, story } from '../story.mjs';

export default story('Audit', {
  description: 'Who did all that.',
  as: admin,
}, [
  {
    name: 'What became of a shop',
    op: 'listAudit',
    query: { entity: 'retailer', entityId: 'PM-{{run}}-1', limit: '2' },
    test() {
      const body = pm.response.json();
      pm.test('200, the newest first, with more to come', () => {
        pm.response.to.have.status(200);
        body.data.forEach((entry) => {
          pm.expect(entry).to.have.all.keys('id', 'at', 'actor', 'role', 'action', 'entity', 'entityId', 'before', 'after', 'requestId', 'batchId');
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
    name: 'The next page of it',
    op: 'listAudit',
    query: { entity: 'retailer', entityId: 'PM-{{run}}-1', limit: '2', cursor: '{{auditCursor}}' },
    test() {
      const body = pm.response.json();
      pm.test('200, what came before', () => {
        pm.response.to.have.status(200);
        pm.expect(body.data.map((entry) => entry.action)).to.eql(['retailer.update', 'retailer.create']);
        pm.expect([body.data[0].before.name, body.data[0].after.name]).to.eql(['মেসার্স করিম স্টোর', 'Karim Store']);
        pm.expect(body.data[1].before).to.eql(null);
      });
    },
  },
  {
    name: 'Its cursor for another list',
    op: 'listAudit',
    query: { entity: 'region', limit: '2', cursor: '{{auditCursor}}' },
    test: refused(400, 'invalid-cursor'),
  },
  {
    name: 'What a batch did',
    op: 'listAudit',
    query: { batch: '{{batch}}' },
    test() {
      const body = pm.response.json();
      pm.test('200, with its reason', () => {
        pm.response.to.have.status(200);
        pm.expect(body.data).to.have.lengthOf(1);
        pm.expect(body.data[0]).to.include({ action: 'assignment.assign', entity: 'batch', entityId: String(pm.collectionVariables.get('batch')) });
        pm.expect(body.data[0].after.reason).to.eql('A new route');
      });
    },
  },
  {
    name: 'No password is in it',
    op: 'listAudit',
    query: { entity: 'user', entityId: '{{newRep}}', limit: '100' },
    test() {
      pm.test('200', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().data).to.not.be.empty;
        pm.expect(pm.response.text()).to.not.match(/Bazar@|\$2[aby]\$/);
      });
    },
  },
  {
    name: 'A representative does not read it',
    op: 'listAudit',
    as: rep,
    test: refused(403, 'forbidden'),
  },
]);
