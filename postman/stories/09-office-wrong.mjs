import { admin, bare, refused, story } from '../story.mjs';

export default story('The office, wrong', {
  description: 'Whatever is wrong is named, and nothing is changed.',
  as: admin,
}, [
  {
    name: '10,001 shops',
    op: 'bulkAssign',
    body: { assignments: [{ salesRep: '{{repUsername}}', retailers: bare('tooMany') }] },
    before() {
      const uids = Array.from({ length: 10001 }, (_, number) => `PM-${number}`);
      pm.variables.set('tooMany', JSON.stringify(uids));
    },
    test() {
      pm.test('422 invalid-fields', () => {
        pm.response.to.have.status(422);
        pm.expect(pm.response.json().code).to.eql('invalid-fields');
        const faults = pm.response.json().errors.map((error) => `${error.field}: ${error.code}`);
        pm.expect(faults).to.eql(['assignments: too-many']);
      });
    },
  },
  {
    name: 'No groups',
    op: 'bulkAssign',
    body: { assignments: [] },
    test() {
      pm.test('422 invalid-fields', () => {
        pm.response.to.have.status(422);
        pm.expect(pm.response.json().code).to.eql('invalid-fields');
        const faults = pm.response.json().errors.map((error) => `${error.field}: ${error.code}`);
        pm.expect(faults).to.eql(['assignments: required']);
      });
    },
  },
  {
    name: 'A group without shops',
    op: 'bulkAssign',
    body: { assignments: [{ salesRep: '{{repUsername}}', retailers: [] }] },
    test() {
      pm.test('422 invalid-fields', () => {
        pm.response.to.have.status(422);
        pm.expect(pm.response.json().code).to.eql('invalid-fields');
        const faults = pm.response.json().errors.map((error) => `${error.field}: ${error.code}`);
        pm.expect(faults).to.eql(['assignments[0].retailers: invalid']);
      });
    },
  },
  {
    name: 'Nobody is called so',
    op: 'bulkAssign',
    body: {
      assignments: [
        { salesRep: bare('newRep'), retailers: ['PM-{{run}}-0'] },
        { salesRep: 'nobody-{{run}}', retailers: ['PM-{{run}}-0'] },
      ],
    },
    test() {
      pm.test('422 invalid-fields', () => {
        pm.response.to.have.status(422);
        pm.expect(pm.response.json().code).to.eql('invalid-fields');
        const faults = pm.response.json().errors.map((error) => `${error.field}: ${error.code}`);
        pm.expect(faults).to.eql(['assignments[1].salesRep: not-found']);
      });
    },
  },
  {
    name: 'An administrator serves no shops',
    op: 'bulkAssign',
    body: { assignments: [{ salesRep: bare('admin'), retailers: ['PM-{{run}}-0'] }] },
    test() {
      pm.test('422 invalid-fields', () => {
        pm.response.to.have.status(422);
        pm.expect(pm.response.json().code).to.eql('invalid-fields');
        const faults = pm.response.json().errors.map((error) => `${error.field}: ${error.code}`);
        pm.expect(faults).to.eql(['assignments[0].salesRep: not-found']);
      });
    },
  },
  {
    name: 'Nothing of it was done',
    op: 'listPool',
    query: { territory: '{{territory}}', assigned: 'false' },
    test() {
      pm.test('200, nobody serves it still', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().data.map((shop) => shop.uid)).to.eql([`PM-${pm.collectionVariables.get('run')}-0`]);
      });
    },
  },
  {
    name: 'A word that is no way',
    op: 'bulkAssign',
    body: {
      ifAssigned: 'steal',
      assignments: [{ salesRep: bare('newRep'), retailers: ['PM-{{run}}-0'] }],
    },
    test() {
      pm.test('422 invalid-fields', () => {
        pm.response.to.have.status(422);
        pm.expect(pm.response.json().code).to.eql('invalid-fields');
        const faults = pm.response.json().errors.map((error) => `${error.field}: ${error.code}`);
        pm.expect(faults).to.eql(['ifAssigned: invalid']);
      });
    },
  },
  {
    name: 'To whom they belong already',
    op: 'transferShops',
    body: { from: bare('newRep'), to: [bare('newRep')] },
    test() {
      pm.test('422 invalid-fields', () => {
        pm.response.to.have.status(422);
        pm.expect(pm.response.json().code).to.eql('invalid-fields');
        const faults = pm.response.json().errors.map((error) => `${error.field}: ${error.code}`);
        pm.expect(faults).to.eql(['to[0]: invalid']);
      });
    },
  },
  {
    name: 'Take back what never was',
    op: 'undoBatch',
    path: { id: '999999999999' },
    test: refused(404, 'not-found'),
  },
  {
    name: 'An administrator is no representative',
    op: 'getSalesRep',
    path: { id: '{{admin}}' },
    test: refused(404, 'not-found'),
  },
  {
    name: 'A name of blanks',
    op: 'createRegion',
    body: { name: '   ' },
    test() {
      pm.test('422 invalid-fields', () => {
        pm.response.to.have.status(422);
        pm.expect(pm.response.json().code).to.eql('invalid-fields');
        const faults = pm.response.json().errors.map((error) => `${error.field}: ${error.code}`);
        pm.expect(faults).to.eql(['name: invalid']);
      });
    },
  },
  {
    name: 'Everything at once',
    op: 'createRetailer',
    body: { uid: 'no uid', name: ' ', phone: '12', territory: 'here', color: 'red' },
    test() {
      pm.test('422 invalid-fields', () => {
        pm.response.to.have.status(422);
        pm.expect(pm.response.json().code).to.eql('invalid-fields');
        const faults = pm.response.json().errors.map((error) => `${error.field}: ${error.code}`);
        pm.expect(faults).to.have.members(['uid: invalid', 'name: invalid', 'phone: invalid', 'territory: wrong-type', 'color: unknown-field']);
      });
    },
  },
  {
    name: 'A territory that is not there',
    op: 'createRetailer',
    body: { uid: 'PM-{{run}}-9', name: 'Nowhere Store', territory: 999999999999 },
    test() {
      pm.test('422 invalid-fields', () => {
        pm.response.to.have.status(422);
        pm.expect(pm.response.json().code).to.eql('invalid-fields');
        const faults = pm.response.json().errors.map((error) => `${error.field}: ${error.code}`);
        pm.expect(faults).to.eql(['territory: not-found']);
      });
    },
  },
  {
    name: 'A uid that never changes',
    op: 'editRetailer',
    path: { uid: 'PM-{{run}}-0' },
    body: { uid: 'PM-{{run}}-9' },
    test() {
      pm.test('422 invalid-fields', () => {
        pm.response.to.have.status(422);
        pm.expect(pm.response.json().code).to.eql('invalid-fields');
        const faults = pm.response.json().errors.map((error) => `${error.field}: ${error.code}`);
        pm.expect(faults).to.eql(['uid: unknown-field']);
      });
    },
  },
  {
    name: 'The other representative leaves',
    op: 'disableSalesRep',
    path: { id: '{{otherRep}}' },
    test() {
      pm.test('204', () => {
        pm.response.to.have.status(204);
      });
    },
  },
  {
    name: 'Shops for who has left',
    op: 'bulkAssign',
    body: { assignments: [{ salesRep: bare('otherRep'), retailers: ['PM-{{run}}-0'] }] },
    test() {
      pm.test('422 invalid-fields', () => {
        pm.response.to.have.status(422);
        pm.expect(pm.response.json().code).to.eql('invalid-fields');
        const faults = pm.response.json().errors.map((error) => `${error.field}: ${error.code}`);
        pm.expect(faults).to.eql(['assignments[0].salesRep: disabled']);
      });
    },
  },
]);
