import { admin, expectStatus, pollDelay, story, unquoted } from '../story.mjs';

export default story('Dry run', {
  description: 'Requests that return the result without applying it: validateOnly, dryRun and plans.',
  as: admin,
}, [
  {
    name: 'Validate a new area',
    op: 'createArea',
    query: { validateOnly: 'true' },
    body: { name: 'Dry run {{run}}', region: unquoted('region') },
    test() {
      pm.test('200 with the validated result and a null id', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().id).to.eql(null);
      });
    },
  },
  {
    name: 'Validate a new territory',
    op: 'createTerritory',
    query: { validateOnly: 'true' },
    body: { name: 'Dry run {{run}}', area: unquoted('area') },
    test() {
      pm.test('200 with the validated result and a null id', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().id).to.eql(null);
      });
    },
  },
  {
    name: 'Validate a new distributor',
    op: 'createDistributor',
    query: { validateOnly: 'true' },
    body: { name: 'Dry run {{run}}' },
    test() {
      pm.test('200 with the validated result and a null id', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().id).to.eql(null);
      });
    },
  },
  {
    name: 'Validate a new place alias',
    op: 'createPlaceAlias',
    query: { validateOnly: 'true' },
    body: { kind: 'territory', place: unquoted('territory'), alias: 'Dry run alias {{run}}' },
    test() {
      pm.test('200 with the validated result and a null id', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().id).to.eql(null);
      });
    },
  },
  {
    name: 'Validate a new retailer',
    op: 'createRetailer',
    query: { validateOnly: 'true' },
    body: { uid: 'PT-{{run}}', name: 'Dry Run Store', territory: unquoted('territory') },
    test() {
      pm.test('200 with the validated result', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().name).to.eql('Dry Run Store');
      });
    },
  },
  {
    name: 'Check that the retailer was not created',
    op: 'adminGetRetailer',
    path: { uid: 'PT-{{run}}' },
    test: expectStatus(404),
  },
  {
    name: 'Validate the deletion of a retailer',
    op: 'deleteRetailer',
    path: { uid: 'PM-{{run}}-0' },
    query: { validateOnly: 'true' },
    test() {
      pm.test('200 with the validated result', () => pm.response.to.have.status(200));
    },
  },
  {
    name: 'Validate a new sales rep',
    op: 'createSalesRep',
    query: { validateOnly: 'true' },
    body: { username: 'pt-{{run}}', name: 'Dry Run Rep' },
    test() {
      pm.test('200 with the validated result and a null id', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().id).to.eql(null);
        pm.expect(pm.response.json().oneTimePassword).to.eql(null);
      });
    },
  },
  {
    name: 'Get a sales rep',
    op: 'getSalesRep',
    path: { id: '{{newRep}}' },
    test() {
      pm.test('200 with an ETag', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.headers.get('ETag')).to.match(/^"\d/);
      });
    },
  },
  {
    name: 'Validate disabling a sales rep',
    op: 'disableSalesRep',
    path: { id: '{{newRep}}' },
    query: { validateOnly: 'true' },
    test() {
      pm.test('200 with state disabled', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().state).to.eql('disabled');
      });
    },
  },
  {
    name: 'Validate a new administrator',
    op: 'createUser',
    query: { validateOnly: 'true' },
    body: { username: 'pu-{{run}}', name: 'Dry Run Admin', roles: ['admin'] },
    test() {
      pm.test('200 with the validated result and a null id', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().id).to.eql(null);
      });
    },
  },
  {
    name: 'Get an administrator',
    op: 'getUser',
    path: { id: '{{mfaAdmin}}' },
    test() {
      pm.test('200', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().role).to.eql('admin');
      });
    },
  },
  {
    name: 'Validate disabling an administrator',
    op: 'disableUser',
    path: { id: '{{mfaAdmin}}' },
    query: { validateOnly: 'true' },
    test() {
      pm.test('200 with state disabled', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().state).to.eql('disabled');
      });
    },
  },
  {
    name: 'Validate a new plan',
    op: 'createPlan',
    query: { validateOnly: 'true' },
    body: {
      action: 'unassign',
      assignments: [{ salesRep: unquoted('newRep'), retailers: ['PM-{{run}}-0'] }],
    },
    test() {
      pm.test('200 without a batch', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().batchId).to.eql(null);
      });
    },
  },
  {
    name: 'Create a plan from a CSV file',
    op: 'createPlan',
    raw: 'uid,sales_rep\nPM-{{run}}-0,pm-{{run}}\n',
    headers: { 'Content-Type': 'text/csv' },
    test() {
      pm.test('202 with Location', () => {
        pm.response.to.have.status(202);
        pm.expect(pm.response.headers.get('Location')).to.match(/^\/admin\/assignments\/jobs\/\d+$/);
      });
    },
  },
  {
    name: 'Import a file with a dry run, to be cancelled',
    op: 'importRetailers',
    query: { dryRun: 'true', fileName: 'dry-run.csv' },
    raw: 'uid,name,territory_id\nPT-{{run}},Dry Run Store,{{territory}}\n',
    headers: { 'Content-Type': 'text/csv' },
    test() {
      pm.test('202', () => pm.response.to.have.status(202));
      pm.collectionVariables.set('import', pm.response.json().id);
      pm.collectionVariables.set('polls', 0);
    },
  },
  {
    name: 'Poll the dry run until it is ready',
    op: 'getImport',
    path: { id: '{{import}}' },
    before: pollDelay,
    test() {
      const body = pm.response.json();
      const polls = Number(pm.collectionVariables.get('polls')) + 1;
      pm.collectionVariables.set('polls', polls);
      if (['QUEUED', 'VALIDATING'].includes(body.state) && polls < 150) {
        pm.execution.setNextRequest(pm.info.requestName);
      } else {
        pm.test('200 with state READY', () => {
          pm.response.to.have.status(200);
          pm.expect(body).to.include({ state: 'READY', fileName: 'dry-run.csv' });
        });
      }
    },
  },
  {
    name: 'Cancel the dry run',
    op: 'cancelImport',
    path: { id: '{{import}}' },
    test() {
      pm.test('200 with state CANCELLED', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().state).to.eql('CANCELLED');
      });
    },
  },
]);
