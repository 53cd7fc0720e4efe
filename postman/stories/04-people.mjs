import { admin, firstToken, newRep, nobody, refused, story } from '../story.mjs';

export default story('People', {
  description: "A new representative's first day, and what the office can do about people.",
}, [
  {
    name: 'A new representative',
    op: 'createSalesRep',
    as: admin,
    body: { username: 'pm-{{run}}', name: 'Rahim Uddin', employeeCode: 'E-{{run}}', capacity: 5 },
    test() {
      const body = pm.response.json();
      pm.test('201, and where it is', () => {
        pm.response.to.have.status(201);
        pm.expect(pm.response.headers.get('Location')).to.eql(`/admin/sales-reps/${body.id}`);
        pm.expect(pm.response.headers.get('ETag')).to.match(/^"1/);
        pm.expect(body).to.have.all.keys('id', 'username', 'name', 'phone', 'email', 'employeeCode', 'capacity', 'limit', 'load', 'state', 'mustChangePassword', 'mfaEnabled', 'version', 'createdAt', 'updatedAt', 'oneTimePassword');
        pm.expect(body).to.include({ state: 'active', capacity: 5, limit: 5, load: 0, mustChangePassword: true, version: 1 });
        pm.expect(body.oneTimePassword).to.be.a('string').and.not.empty;
      });
      pm.collectionVariables.set('newRep', body.id);
      pm.collectionVariables.set('oneTimePassword', body.oneTimePassword);
    },
  },
  {
    name: 'Names that somebody has',
    op: 'createSalesRep',
    as: admin,
    body: { username: 'PM-{{run}}', name: 'Somebody', employeeCode: 'E-{{run}}' },
    test() {
      pm.test('409 already-exists', () => {
        pm.response.to.have.status(409);
        pm.expect(pm.response.json().code).to.eql('already-exists');
        const faults = pm.response.json().errors.map((error) => `${error.field}: ${error.code}`);
        pm.expect(faults).to.have.members(['username: taken', 'employeeCode: taken']);
      });
    },
  },
  {
    name: 'They log in',
    op: 'logIn',
    as: nobody,
    body: { username: 'pm-{{run}}', password: '{{oneTimePassword}}' },
    test() {
      const body = pm.response.json();
      pm.test('200, and have to change the password', () => {
        pm.response.to.have.status(200);
        pm.expect(body.user.mustChangePassword).to.eql(true);
      });
      pm.collectionVariables.set('firstToken', body.accessToken);
    },
  },
  {
    name: 'They may do nothing yet',
    op: 'listRetailers',
    as: firstToken,
    test: refused(403, 'password-change-required'),
  },
  {
    name: 'With another password than theirs',
    op: 'changePassword',
    as: firstToken,
    body: { currentPassword: 'not-the-password', newPassword: 'Bazar@{{run}}' },
    test() {
      pm.test('422 invalid-fields', () => {
        pm.response.to.have.status(422);
        pm.expect(pm.response.json().code).to.eql('invalid-fields');
        const faults = pm.response.json().errors.map((error) => `${error.field}: ${error.code}`);
        pm.expect(faults).to.eql(['currentPassword: wrong']);
      });
    },
  },
  {
    name: 'They change it',
    op: 'changePassword',
    as: firstToken,
    body: { currentPassword: '{{oneTimePassword}}', newPassword: 'Bazar@{{run}}' },
    test() {
      const body = pm.response.json();
      pm.test('200, with a new token', () => {
        pm.response.to.have.status(200);
        pm.expect(body).to.have.all.keys('accessToken', 'access_token', 'tokenType', 'expiresIn', 'user');
        pm.expect(body.user.mustChangePassword).to.eql(false);
      });
      pm.collectionVariables.set('newRepToken', body.accessToken);
    },
  },
  {
    name: 'The first token has ended',
    op: 'getMe',
    as: firstToken,
    test: refused(401, 'ended-token'),
  },
  {
    name: 'The new one is good',
    op: 'listRetailers',
    as: newRep,
    test() {
      pm.test('200, no shops yet', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().data).to.eql([]);
      });
    },
  },
  {
    name: 'So is the new password',
    op: 'logIn',
    as: nobody,
    body: { username: 'pm-{{run}}', password: 'Bazar@{{run}}' },
    test() {
      pm.test('200', () => {
        pm.response.to.have.status(200);
      });
    },
  },
  {
    name: 'Disable them',
    op: 'updateSalesRep',
    path: { id: '{{newRep}}' },
    as: admin,
    body: { state: 'disabled' },
    test() {
      const body = pm.response.json();
      pm.test('200', () => {
        pm.response.to.have.status(200);
        pm.expect(body.state).to.eql('disabled');
      });
    },
  },
  {
    name: 'Their token has ended',
    op: 'listRetailers',
    as: newRep,
    test: refused(401, 'ended-token'),
  },
  {
    name: 'They cannot log in',
    op: 'logIn',
    as: nobody,
    body: { username: 'pm-{{run}}', password: 'Bazar@{{run}}' },
    test: refused(401, 'invalid-credentials'),
  },
  {
    name: 'Enable them',
    op: 'updateSalesRep',
    path: { id: '{{newRep}}' },
    as: admin,
    body: { state: 'active' },
    test() {
      const body = pm.response.json();
      pm.test('200', () => {
        pm.response.to.have.status(200);
        pm.expect(body.state).to.eql('active');
      });
    },
  },
  {
    name: 'The old token stays ended',
    op: 'listRetailers',
    as: newRep,
    test: refused(401, 'ended-token'),
  },
  {
    name: 'They log in again',
    op: 'logIn',
    as: nobody,
    body: { username: 'pm-{{run}}', password: 'Bazar@{{run}}' },
    test() {
      const body = pm.response.json();
      pm.test('200', () => {
        pm.response.to.have.status(200);
      });
      pm.collectionVariables.set('newRepToken', body.accessToken);
    },
  },
  {
    name: 'Another representative',
    op: 'createSalesRep',
    as: admin,
    body: { username: 'pm2-{{run}}', name: 'Karim Mia' },
    test() {
      const body = pm.response.json();
      pm.test('201, and where it is', () => {
        pm.response.to.have.status(201);
        pm.expect(pm.response.headers.get('Location')).to.eql(`/admin/sales-reps/${body.id}`);
        pm.expect(pm.response.headers.get('ETag')).to.match(/^"1/);
        pm.expect(body.capacity).to.eql(null);
        pm.expect(body.limit).to.be.above(0);
      });
      pm.collectionVariables.set('otherRep', body.id);
    },
  },
  {
    name: 'Room for three shops',
    op: 'updateSalesRep',
    path: { id: '{{otherRep}}' },
    as: admin,
    body: { capacity: 3 },
    headers: { 'If-Match': '"1"' },
    test() {
      const body = pm.response.json();
      pm.test('200, as another version', () => {
        pm.response.to.have.status(200);
        pm.expect(body).to.include({ capacity: 3, limit: 3, version: 2 });
      });
    },
  },
  {
    name: 'Representatives by any part of their names',
    op: 'listSalesReps',
    query: { q: '{{run}}', state: 'active' },
    as: admin,
    test() {
      const body = pm.response.json();
      pm.test('200, both, in order of name, with what they serve', () => {
        pm.response.to.have.status(200);
        pm.expect(body.data.map((rep) => rep.id)).to.eql(['otherRep', 'newRep'].map((name) => Number(pm.collectionVariables.get(name))));
        body.data.forEach((rep) => pm.expect(rep).to.have.all.keys('id', 'username', 'name', 'phone', 'email', 'employeeCode', 'capacity', 'limit', 'load', 'state', 'mustChangePassword', 'mfaEnabled', 'version', 'createdAt', 'updatedAt'));
        pm.expect(body.data.map((rep) => [rep.load, rep.limit])).to.eql([[0, 3], [0, 5]]);
      });
    },
  },
  {
    name: 'A representative is no administrator',
    op: 'getUser',
    path: { id: '{{newRep}}' },
    as: admin,
    test: refused(404, 'not-found'),
  },
  {
    name: 'Another administrator',
    op: 'createUser',
    as: admin,
    body: { username: 'pm-office-{{run}}', name: 'Karima Begum' },
    test() {
      const body = pm.response.json();
      pm.test('201, and where it is', () => {
        pm.response.to.have.status(201);
        pm.expect(pm.response.headers.get('Location')).to.eql(`/admin/users/${body.id}`);
        pm.expect(pm.response.headers.get('ETag')).to.match(/^"1/);
        pm.expect(body).to.have.all.keys('id', 'username', 'name', 'phone', 'email', 'role', 'state', 'mustChangePassword', 'mfaEnabled', 'version', 'createdAt', 'updatedAt', 'oneTimePassword');
        pm.expect(body.role).to.eql('admin');
      });
      pm.collectionVariables.set('newAdmin', body.id);
      pm.collectionVariables.set('oneTimePassword', body.oneTimePassword);
    },
  },
  {
    name: 'Another one-time password',
    op: 'resetPassword',
    path: { id: '{{newAdmin}}' },
    as: admin,
    test() {
      const body = pm.response.json();
      pm.test('200, another one', () => {
        pm.response.to.have.status(200);
        pm.expect(body.oneTimePassword).to.be.a('string').and.not.eql(pm.collectionVariables.get('oneTimePassword'));
      });
      pm.collectionVariables.set('oneTimePassword', body.oneTimePassword);
    },
  },
  {
    name: 'The administrator logs in',
    op: 'logIn',
    as: nobody,
    body: { username: 'pm-office-{{run}}', password: '{{oneTimePassword}}' },
    test() {
      const body = pm.response.json();
      pm.test('200', () => {
        pm.response.to.have.status(200);
      });
      pm.collectionVariables.set('firstToken', body.accessToken);
    },
  },
  {
    name: 'And has to change the password too',
    op: 'listUsers',
    as: firstToken,
    test: refused(403, 'password-change-required'),
  },
  {
    name: 'The administrators',
    op: 'listUsers',
    query: { q: '{{run}}' },
    as: admin,
    test() {
      const body = pm.response.json();
      pm.test('200, the new one', () => {
        pm.response.to.have.status(200);
        pm.expect(body.data.map((user) => user.id)).to.eql([Number(pm.collectionVariables.get('newAdmin'))]);
      });
    },
  },
  {
    name: 'Take the administrator away',
    op: 'disableUser',
    path: { id: '{{newAdmin}}' },
    as: admin,
    test() {
      pm.test('204', () => {
        pm.response.to.have.status(204);
      });
    },
  },
  {
    name: 'They are out at once',
    op: 'getMe',
    as: firstToken,
    test: refused(401, 'ended-token'),
  },
  {
    name: 'Nobody takes themselves away',
    op: 'disableUser',
    path: { id: '{{admin}}' },
    as: admin,
    test: refused(409, 'yourself'),
  },
]);
