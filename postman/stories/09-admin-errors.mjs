import { admin, expectProblem, story, unquoted } from '../story.mjs';

export default story('Admin errors', {
  description: 'Every invalid field is reported, and nothing is changed.',
  as: admin,
}, [
  {
    name: 'Assign 10,001 retailers',
    op: 'bulkAssign',
    body: { assignments: [{ salesRep: '{{repUsername}}', retailers: unquoted('tooMany') }] },
    before() {
      const uids = Array.from({ length: 10001 }, (_, number) => `PM-${number}`);
      pm.variables.set('tooMany', JSON.stringify(uids));
    },
    test() {
      pm.test('422 invalid-fields', () => {
        pm.response.to.have.status(422);
        pm.expect(pm.response.json().code).to.eql('invalid-fields');
        const errors = pm.response.json().errors.map((error) => `${error.field}: ${error.code}`);
        pm.expect(errors).to.eql(['assignments: too-many']);
      });
    },
  },
  {
    name: 'Assign without groups',
    op: 'bulkAssign',
    body: { assignments: [] },
    test() {
      pm.test('422 invalid-fields', () => {
        pm.response.to.have.status(422);
        pm.expect(pm.response.json().code).to.eql('invalid-fields');
        const errors = pm.response.json().errors.map((error) => `${error.field}: ${error.code}`);
        pm.expect(errors).to.eql(['assignments: required']);
      });
    },
  },
  {
    name: 'Assign a group without retailers',
    op: 'bulkAssign',
    body: { assignments: [{ salesRep: '{{repUsername}}', retailers: [] }] },
    test() {
      pm.test('422 invalid-fields', () => {
        pm.response.to.have.status(422);
        pm.expect(pm.response.json().code).to.eql('invalid-fields');
        const errors = pm.response.json().errors.map((error) => `${error.field}: ${error.code}`);
        pm.expect(errors).to.eql(['assignments[0].retailers: required']);
      });
    },
  },
  {
    name: 'Assign to an unknown sales rep',
    op: 'bulkAssign',
    body: {
      assignments: [
        { salesRep: unquoted('newRep'), retailers: ['PM-{{run}}-0'] },
        { salesRep: 'unknown-{{run}}', retailers: ['PM-{{run}}-0'] },
      ],
    },
    test() {
      pm.test('422 invalid-fields', () => {
        pm.response.to.have.status(422);
        pm.expect(pm.response.json().code).to.eql('invalid-fields');
        const errors = pm.response.json().errors.map((error) => `${error.field}: ${error.code}`);
        pm.expect(errors).to.eql(['assignments[1].salesRep: not-found']);
      });
    },
  },
  {
    name: 'Assign to an administrator',
    op: 'bulkAssign',
    body: { assignments: [{ salesRep: unquoted('admin'), retailers: ['PM-{{run}}-0'] }] },
    test() {
      pm.test('422 invalid-fields', () => {
        pm.response.to.have.status(422);
        pm.expect(pm.response.json().code).to.eql('invalid-fields');
        const errors = pm.response.json().errors.map((error) => `${error.field}: ${error.code}`);
        pm.expect(errors).to.eql(['assignments[0].salesRep: not-found']);
      });
    },
  },
  {
    name: 'Check that the invalid requests assigned nothing',
    op: 'adminListRetailers',
    query: { territory: '{{territory}}', assigned: 'false' },
    test() {
      pm.test('200 with the retailer still unassigned', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().data.map((retailer) => retailer.uid)).to.eql([`PM-${pm.collectionVariables.get('run')}-0`]);
      });
    },
  },
  {
    name: 'Assign with an unknown ifAssigned',
    op: 'bulkAssign',
    body: {
      ifAssigned: 'steal',
      assignments: [{ salesRep: unquoted('newRep'), retailers: ['PM-{{run}}-0'] }],
    },
    test() {
      pm.test('422 invalid-fields', () => {
        pm.response.to.have.status(422);
        pm.expect(pm.response.json().code).to.eql('invalid-fields');
        const errors = pm.response.json().errors.map((error) => `${error.field}: ${error.code}`);
        pm.expect(errors).to.eql(['ifAssigned: invalid']);
      });
    },
  },
  {
    name: 'Transfer to the same sales rep',
    op: 'transferRetailers',
    body: { from: unquoted('newRep'), to: [unquoted('newRep')] },
    test() {
      pm.test('422 invalid-fields', () => {
        pm.response.to.have.status(422);
        pm.expect(pm.response.json().code).to.eql('invalid-fields');
        const errors = pm.response.json().errors.map((error) => `${error.field}: ${error.code}`);
        pm.expect(errors).to.eql(['to[0]: invalid']);
      });
    },
  },
  {
    name: 'Undo an unknown batch',
    op: 'undoBatch',
    path: { id: '999999999999' },
    test: expectProblem(404, 'not-found'),
  },
  {
    name: 'Get an administrator as a sales rep',
    op: 'getSalesRep',
    path: { id: '{{admin}}' },
    test: expectProblem(404, 'not-found'),
  },
  {
    name: 'Create a region with a blank name',
    op: 'createRegion',
    body: { name: '   ' },
    test() {
      pm.test('422 invalid-fields', () => {
        pm.response.to.have.status(422);
        pm.expect(pm.response.json().code).to.eql('invalid-fields');
        const errors = pm.response.json().errors.map((error) => `${error.field}: ${error.code}`);
        pm.expect(errors).to.eql(['name: required']);
      });
    },
  },
  {
    name: 'Create a retailer with five invalid fields',
    op: 'createRetailer',
    body: { uid: 'no uid', name: ' ', phone: '12', territory: 'here', color: 'red' },
    test() {
      pm.test('422 invalid-fields', () => {
        pm.response.to.have.status(422);
        pm.expect(pm.response.json().code).to.eql('invalid-fields');
        const errors = pm.response.json().errors.map((error) => `${error.field}: ${error.code}`);
        pm.expect(errors).to.have.members(['uid: invalid-characters', 'name: required', 'phone: invalid-phone', 'territory: wrong-type', 'color: unknown-field']);
      });
    },
  },
  {
    name: 'Create a retailer in an unknown territory',
    op: 'createRetailer',
    body: { uid: 'PM-{{run}}-9', name: 'Nowhere Store', territory: 999999999999 },
    test() {
      pm.test('422 invalid-fields', () => {
        pm.response.to.have.status(422);
        pm.expect(pm.response.json().code).to.eql('invalid-fields');
        const errors = pm.response.json().errors.map((error) => `${error.field}: ${error.code}`);
        pm.expect(errors).to.eql(['territory: not-found']);
      });
    },
  },
  {
    name: 'Update the uid of a retailer',
    op: 'adminUpdateRetailer',
    path: { uid: 'PM-{{run}}-0' },
    body: { uid: 'PM-{{run}}-9' },
    test() {
      pm.test('422 invalid-fields', () => {
        pm.response.to.have.status(422);
        pm.expect(pm.response.json().code).to.eql('invalid-fields');
        const errors = pm.response.json().errors.map((error) => `${error.field}: ${error.code}`);
        pm.expect(errors).to.eql(['uid: unknown-field']);
      });
    },
  },
  {
    name: 'Disable the second sales rep',
    op: 'disableSalesRep',
    path: { id: '{{otherRep}}' },
    test() {
      pm.test('204', () => {
        pm.response.to.have.status(204);
      });
    },
  },
  {
    name: 'Assign to a disabled sales rep',
    op: 'bulkAssign',
    body: { assignments: [{ salesRep: unquoted('otherRep'), retailers: ['PM-{{run}}-0'] }] },
    test() {
      pm.test('422 invalid-fields', () => {
        pm.response.to.have.status(422);
        pm.expect(pm.response.json().code).to.eql('invalid-fields');
        const errors = pm.response.json().errors.map((error) => `${error.field}: ${error.code}`);
        pm.expect(errors).to.eql(['assignments[0].salesRep: disabled']);
      });
    },
  },
]);
