import { admin, aMoment, answers, bare, story } from '../story.mjs';

export default story('On trial', {
  description: 'What would happen, with nothing done: validateOnly, dryRun and plans.',
  as: admin,
}, [
  {
    name: 'An area',
    op: 'createArea',
    query: { validateOnly: 'true' },
    body: { name: 'Trial {{run}}', region: bare('region') },
    test() {
      pm.test('200, as it would be, without an id', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().id).to.eql(null);
      });
    },
  },
  {
    name: 'A territory',
    op: 'createTerritory',
    query: { validateOnly: 'true' },
    body: { name: 'Trial {{run}}', area: bare('area') },
    test() {
      pm.test('200, as it would be, without an id', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().id).to.eql(null);
      });
    },
  },
  {
    name: 'A distributor',
    op: 'createDistributor',
    query: { validateOnly: 'true' },
    body: { name: 'Trial {{run}}' },
    test() {
      pm.test('200, as it would be, without an id', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().id).to.eql(null);
      });
    },
  },
  {
    name: 'Another spelling',
    op: 'createPlaceAlias',
    query: { validateOnly: 'true' },
    body: { kind: 'territory', place: bare('territory'), alias: 'Tryal {{run}}' },
    test() {
      pm.test('200, as it would be, without an id', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().id).to.eql(null);
      });
    },
  },
  {
    name: 'A shop',
    op: 'createRetailer',
    query: { validateOnly: 'true' },
    body: { uid: 'PT-{{run}}', name: 'Trial Store', territory: bare('territory') },
    test() {
      pm.test('200, as it would be', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().name).to.eql('Trial Store');
      });
    },
  },
  {
    name: 'It was not made',
    op: 'getPoolRetailer',
    path: { uid: 'PT-{{run}}' },
    test: answers(404),
  },
  {
    name: 'Deleting a shop',
    op: 'deleteRetailer',
    path: { uid: 'PM-{{run}}-0' },
    query: { validateOnly: 'true' },
    test() {
      pm.test('200, as it would be', () => pm.response.to.have.status(200));
    },
  },
  {
    name: 'A representative',
    op: 'createSalesRep',
    query: { validateOnly: 'true' },
    body: { username: 'pt-{{run}}', name: 'Trial Rep' },
    test() {
      pm.test('200, as it would be, without an id', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().id).to.eql(null);
        pm.expect(pm.response.json().oneTimePassword).to.eql(null);
      });
    },
  },
  {
    name: 'A representative as they are',
    op: 'getSalesRep',
    path: { id: '{{newRep}}' },
    test() {
      pm.test('200, with a version to change them by', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.headers.get('ETag')).to.match(/^"\d/);
      });
    },
  },
  {
    name: 'Disabling one',
    op: 'disableSalesRep',
    path: { id: '{{newRep}}' },
    query: { validateOnly: 'true' },
    test() {
      pm.test('200, as they would be', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().state).to.eql('disabled');
      });
    },
  },
  {
    name: 'An administrator',
    op: 'createUser',
    query: { validateOnly: 'true' },
    body: { username: 'pu-{{run}}', name: 'Trial Admin' },
    test() {
      pm.test('200, as it would be, without an id', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().id).to.eql(null);
      });
    },
  },
  {
    name: 'An administrator as they are',
    op: 'getUser',
    path: { id: '{{careful}}' },
    test() {
      pm.test('200', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().role).to.eql('admin');
      });
    },
  },
  {
    name: 'Disabling that one',
    op: 'disableUser',
    path: { id: '{{careful}}' },
    query: { validateOnly: 'true' },
    test() {
      pm.test('200, as they would be', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().state).to.eql('disabled');
      });
    },
  },
  {
    name: 'A plan',
    op: 'makePlan',
    query: { validateOnly: 'true' },
    body: {
      action: 'unassign',
      assignments: [{ salesRep: bare('newRep'), retailers: ['PM-{{run}}-0'] }],
    },
    test() {
      pm.test('200, kept nowhere', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().batchId).to.eql(null);
      });
    },
  },
  {
    name: 'A plan by file',
    op: 'makePlan',
    raw: 'uid,sales_rep\nPM-{{run}}-0,pm-{{run}}\n',
    headers: { 'Content-Type': 'text/csv' },
    test() {
      pm.test('202, and where to look', () => {
        pm.response.to.have.status(202);
        pm.expect(pm.response.headers.get('Location')).to.match(/^\/admin\/assignments\/jobs\/\d+$/);
      });
    },
  },
  {
    name: 'A file, on trial',
    op: 'importRetailers',
    query: { dryRun: 'true', fileName: 'trial.csv' },
    raw: 'uid,name,territory_id\nPT-{{run}},Trial Store,{{territory}}\n',
    headers: { 'Content-Type': 'text/csv' },
    test() {
      pm.test('202', () => pm.response.to.have.status(202));
      pm.collectionVariables.set('import', pm.response.json().id);
      pm.collectionVariables.set('polls', 0);
    },
  },
  {
    name: 'Until it waits',
    op: 'getImport',
    path: { id: '{{import}}' },
    before: aMoment,
    test() {
      const body = pm.response.json();
      const polls = Number(pm.collectionVariables.get('polls')) + 1;
      pm.collectionVariables.set('polls', polls);
      if (['QUEUED', 'VALIDATING'].includes(body.state) && polls < 150) {
        pm.execution.setNextRequest(pm.info.requestName);
      } else {
        pm.test('200, ready', () => {
          pm.response.to.have.status(200);
          pm.expect(body).to.include({ state: 'READY', fileName: 'trial.csv' });
        });
      }
    },
  },
  {
    name: 'Leave it',
    op: 'cancelImport',
    path: { id: '{{import}}' },
    test() {
      pm.test('200, called off', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().state).to.eql('CANCELLED');
      });
    },
  },
]);
