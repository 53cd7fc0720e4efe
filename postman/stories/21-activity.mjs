import { admin, expectProblem, rep, story } from '../story.mjs';

export default story('Activity', {
  description: 'How much users work with the system: sums for administrators, the own sums for a sales rep.',
  as: admin,
}, [
  {
    name: 'List the activity by user',
    op: 'listActivity',
    query: { from: '2026-01-01', to: '2026-12-31', groupBy: 'user', limit: '2' },
    test() {
      const body = pm.response.json();
      pm.test('200 with sums', () => {
        pm.response.to.have.status(200);
        body.data.forEach((sum) => {
          pm.expect(sum).to.have.all.keys('user', 'day', 'role', 'team', 'users', 'totals', 'lastSessionAt');
          pm.expect(sum.totals.requests).to.be.at.least(sum.totals.changes);
        });
      });
    },
  },
  {
    name: 'List the activity by day',
    op: 'listActivity',
    query: { from: '2026-01-01', to: '2026-12-31', groupBy: 'day' },
    test() {
      pm.test('200', () => pm.response.to.have.status(200));
    },
  },
  {
    name: 'Reject a range of more than 400 days',
    op: 'listActivity',
    query: { from: '2025-01-01', to: '2026-12-31' },
    test() {
      pm.test('422 out-of-range', () => {
        pm.response.to.have.status(422);
        pm.expect(pm.response.json().errors.map((error) => `${error.field}: ${error.code}`)).to.eql(['to: out-of-range']);
      });
    },
  },
  {
    name: 'Get the activity of a sales rep',
    op: 'getUserActivity',
    path: { id: '{{newRep}}' },
    query: { from: '2026-01-01', to: '2026-12-31' },
    test() {
      const body = pm.response.json();
      pm.test('200 with audit entries and sessions', () => {
        pm.response.to.have.status(200);
        pm.expect(body.id).to.eql(Number(pm.collectionVariables.get('newRep')));
        pm.expect(body.entries).to.be.an('array');
        pm.expect(body.sessions).to.be.an('array');
      });
    },
  },
  {
    name: 'Cannot get the activity of another user as a sales rep',
    op: 'getUserActivity',
    path: { id: '{{newRep}}' },
    as: rep,
    test: expectProblem(404, 'not-found'),
  },
]);
