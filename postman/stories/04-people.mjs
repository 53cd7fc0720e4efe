import { admin, anonymous, expectProblem, firstToken, newRep, pollDelay, story } from '../story.mjs';

export default story('Users', {
  description: 'The first login of a new sales rep, and user management by administrators.',
}, [
  {
    name: 'Create a sales rep',
    op: 'createSalesRep',
    as: admin,
    body: { username: 'pm-{{run}}', name: 'Rahim Uddin', employeeCode: 'E-{{run}}', capacity: 5 },
    test() {
      const body = pm.response.json();
      pm.test('201 with Location and ETag', () => {
        pm.response.to.have.status(201);
        pm.expect(pm.response.headers.get('Location')).to.eql(`/admin/sales-reps/${body.id}`);
        pm.expect(pm.response.headers.get('ETag')).to.match(/^"1/);
        pm.expect(body).to.have.all.keys('id', 'username', 'name', 'phone', 'email', 'team', 'employeeCode', 'capacity', 'effectiveCapacity', 'assignedCount', 'state', 'mustChangePassword', 'mfaEnabled', 'version', 'createdAt', 'updatedAt', 'oneTimePassword');
        pm.expect(body).to.include({ state: 'active', capacity: 5, effectiveCapacity: 5, assignedCount: 0, mustChangePassword: true, version: 1 });
        pm.expect(body.oneTimePassword).to.be.a('string').and.not.empty;
      });
      pm.collectionVariables.set('newRep', body.id);
      pm.collectionVariables.set('oneTimePassword', body.oneTimePassword);
    },
  },
  {
    name: 'Create a sales rep with a taken username and employee code',
    op: 'createSalesRep',
    as: admin,
    body: { username: 'PM-{{run}}', name: 'Another Rep', employeeCode: 'E-{{run}}' },
    test() {
      pm.test('409 already-exists', () => {
        pm.response.to.have.status(409);
        pm.expect(pm.response.json().code).to.eql('already-exists');
        const errors = pm.response.json().errors.map((error) => `${error.field}: ${error.code}`);
        pm.expect(errors).to.have.members(['username: taken', 'employeeCode: taken']);
      });
    },
  },
  {
    name: 'Log in with the one-time password',
    op: 'logIn',
    as: anonymous,
    body: { username: 'pm-{{run}}', password: '{{oneTimePassword}}' },
    test() {
      const body = pm.response.json();
      pm.test('200 with mustChangePassword', () => {
        pm.response.to.have.status(200);
        pm.expect(body.user.mustChangePassword).to.eql(true);
      });
      pm.collectionVariables.set('firstToken', body.accessToken);
    },
  },
  {
    name: 'List retailers before changing the password',
    op: 'listRetailers',
    as: firstToken,
    test: expectProblem(403, 'password-change-required'),
  },
  {
    name: 'Change the password with an incorrect current password',
    op: 'changePassword',
    as: firstToken,
    body: { currentPassword: 'not-the-password', newPassword: 'Bazar@{{run}}' },
    test() {
      pm.test('422 invalid-fields', () => {
        pm.response.to.have.status(422);
        pm.expect(pm.response.json().code).to.eql('invalid-fields');
        const errors = pm.response.json().errors.map((error) => `${error.field}: ${error.code}`);
        pm.expect(errors).to.eql(['currentPassword: incorrect']);
      });
    },
  },
  {
    name: 'Change the password',
    op: 'changePassword',
    as: firstToken,
    body: { currentPassword: '{{oneTimePassword}}', newPassword: 'Bazar@{{run}}' },
    test() {
      const body = pm.response.json();
      pm.test('200 with new tokens', () => {
        pm.response.to.have.status(200);
        pm.expect(body).to.have.all.keys('accessToken', 'access_token', 'tokenType', 'expiresIn', 'refreshToken', 'user');
        pm.expect(body.user.mustChangePassword).to.eql(false);
      });
      pm.collectionVariables.set('newRepToken', body.accessToken);
    },
  },
  {
    name: 'Use the token from before the password change',
    op: 'getMe',
    as: firstToken,
    test: expectProblem(401, 'token-revoked'),
  },
  {
    name: 'Use the new token',
    op: 'listRetailers',
    as: newRep,
    test() {
      pm.test('200 with an empty list', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().data).to.eql([]);
      });
    },
  },
  {
    name: 'Log in with the new password',
    op: 'logIn',
    as: anonymous,
    body: { username: 'pm-{{run}}', password: 'Bazar@{{run}}' },
    test() {
      pm.test('200', () => {
        pm.response.to.have.status(200);
      });
    },
  },
  {
    name: 'Disable the sales rep',
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
    name: 'Use the token of a disabled sales rep',
    op: 'listRetailers',
    as: newRep,
    test: expectProblem(401, 'token-revoked'),
  },
  {
    name: 'Log in as a disabled sales rep',
    op: 'logIn',
    as: anonymous,
    body: { username: 'pm-{{run}}', password: 'Bazar@{{run}}' },
    test: expectProblem(401, 'invalid-credentials'),
  },
  {
    name: 'Enable the sales rep',
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
    name: 'Use the revoked token after the sales rep is enabled',
    op: 'listRetailers',
    as: newRep,
    test: expectProblem(401, 'token-revoked'),
  },
  {
    name: 'Log in as the enabled sales rep',
    op: 'logIn',
    as: anonymous,
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
    name: 'Create a sales rep with the default capacity',
    op: 'createSalesRep',
    as: admin,
    body: { username: 'pm2-{{run}}', name: 'Karim Mia' },
    test() {
      const body = pm.response.json();
      pm.test('201 with Location and ETag', () => {
        pm.response.to.have.status(201);
        pm.expect(pm.response.headers.get('Location')).to.eql(`/admin/sales-reps/${body.id}`);
        pm.expect(pm.response.headers.get('ETag')).to.match(/^"1/);
        pm.expect(body.capacity).to.eql(null);
        pm.expect(body.effectiveCapacity).to.be.above(0);
      });
      pm.collectionVariables.set('otherRep', body.id);
    },
  },
  {
    name: 'Set a capacity of three',
    op: 'updateSalesRep',
    path: { id: '{{otherRep}}' },
    as: admin,
    body: { capacity: 3 },
    headers: { 'If-Match': '"1"' },
    test() {
      const body = pm.response.json();
      pm.test('200 with the next version', () => {
        pm.response.to.have.status(200);
        pm.expect(body).to.include({ capacity: 3, effectiveCapacity: 3, version: 2 });
      });
    },
  },
  {
    name: 'Search sales reps',
    op: 'listSalesReps',
    query: { q: '{{run}}', state: 'active' },
    as: admin,
    test() {
      const body = pm.response.json();
      pm.test('200 with both sales reps, sorted by name, with assigned counts', () => {
        pm.response.to.have.status(200);
        pm.expect(body.data.map((rep) => rep.id)).to.eql(['otherRep', 'newRep'].map((name) => Number(pm.collectionVariables.get(name))));
        body.data.forEach((rep) => pm.expect(rep).to.have.all.keys('id', 'username', 'name', 'phone', 'email', 'team', 'employeeCode', 'capacity', 'effectiveCapacity', 'assignedCount', 'state', 'mustChangePassword', 'mfaEnabled', 'version', 'createdAt', 'updatedAt'));
        pm.expect(body.data.map((rep) => [rep.assignedCount, rep.effectiveCapacity])).to.eql([[0, 3], [0, 5]]);
      });
    },
  },
  {
    name: 'Get a sales rep as a user',
    op: 'getUser',
    path: { id: '{{newRep}}' },
    as: admin,
    test() {
      pm.test('200 with the role', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().roles).to.eql(['sales_rep']);
      });
    },
  },
  {
    name: 'Create an administrator',
    op: 'createUser',
    as: admin,
    body: { username: 'pm-admin-{{run}}', firstName: 'Karima', lastName: 'Begum', roles: ['admin'] },
    test() {
      const body = pm.response.json();
      pm.test('201 with Location and ETag', () => {
        pm.response.to.have.status(201);
        pm.expect(pm.response.headers.get('Location')).to.eql(`/users/${body.id}`);
        pm.expect(pm.response.headers.get('ETag')).to.match(/^"1/);
        pm.expect(body).to.have.all.keys('id', 'username', 'name', 'firstName', 'lastName', 'phone', 'email', 'role', 'roles', 'team', 'state', 'mustChangePassword', 'mfaEnabled', 'version', 'createdAt', 'updatedAt', 'oneTimePassword');
        pm.expect(body).to.deep.include({ name: 'Karima Begum', role: 'admin', roles: ['admin'] });
      });
      pm.collectionVariables.set('newAdmin', body.id);
      pm.collectionVariables.set('oneTimePassword', body.oneTimePassword);
    },
  },
  {
    name: 'Reset the password of the administrator',
    op: 'resetPassword',
    path: { id: '{{newAdmin}}' },
    as: admin,
    test() {
      const body = pm.response.json();
      pm.test('200 with a new one-time password', () => {
        pm.response.to.have.status(200);
        pm.expect(body.oneTimePassword).to.be.a('string').and.not.eql(pm.collectionVariables.get('oneTimePassword'));
      });
      pm.collectionVariables.set('oneTimePassword', body.oneTimePassword);
    },
  },
  {
    name: 'Log in as the new administrator',
    op: 'logIn',
    as: anonymous,
    body: { username: 'pm-admin-{{run}}', password: '{{oneTimePassword}}' },
    test() {
      const body = pm.response.json();
      pm.test('200', () => {
        pm.response.to.have.status(200);
      });
      pm.collectionVariables.set('firstToken', body.accessToken);
    },
  },
  {
    name: 'List users before changing the password',
    op: 'listUsers',
    as: firstToken,
    test: expectProblem(403, 'password-change-required'),
  },
  {
    name: 'Search administrators',
    op: 'listUsers',
    query: { q: '{{run}}', role: 'admin' },
    as: admin,
    test() {
      const body = pm.response.json();
      pm.test('200 with only the new administrator', () => {
        pm.response.to.have.status(200);
        pm.expect(body.data.map((user) => user.id)).to.eql([Number(pm.collectionVariables.get('newAdmin'))]);
      });
    },
  },
  {
    name: 'Suspend the administrator',
    op: 'setUserStatus',
    path: { id: '{{newAdmin}}' },
    as: admin,
    body: { status: 'suspended' },
    test() {
      pm.test('200', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().state).to.eql('disabled');
      });
    },
  },
  {
    name: 'Activate the administrator and clear the first name',
    op: 'putUser',
    path: { id: '{{newAdmin}}' },
    as: admin,
    body: { state: 'active', firstName: null },
    test() {
      pm.test('200, and absent members are unchanged', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json()).to.include({ state: 'active', firstName: null, lastName: 'Begum' });
      });
    },
  },
  {
    name: 'Disable the administrator',
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
    name: 'Use the token of a disabled administrator',
    op: 'getMe',
    as: firstToken,
    test: expectProblem(401, 'token-revoked'),
  },
  {
    name: 'Create sales reps from a file',
    op: 'importSalesReps',
    as: admin,
    raw: 'username,name,employee_code\r\npmf-{{run}}-1,Rahim Uddin,F-{{run}}-1\r\npmf-{{run}}-2,করিম,\r\nsr00001,Taken,\r\n',
    headers: { 'Content-Type': 'text/csv' },
    test() {
      const body = pm.response.json();
      pm.test('202 with Location', () => {
        pm.response.to.have.status(202);
        pm.expect(pm.response.headers.get('Location')).to.eql(`/admin/sales-reps/imports/${body.id}`);
      });
      pm.collectionVariables.set('repFile', body.id);
      pm.collectionVariables.set('polls', 0);
    },
  },
  {
    name: 'Poll the file of sales reps',
    op: 'getSalesRepImport',
    path: { id: '{{repFile}}' },
    as: admin,
    before: pollDelay,
    test() {
      const body = pm.response.json();
      const polls = Number(pm.collectionVariables.get('polls')) + 1;
      pm.collectionVariables.set('polls', polls);
      if (['QUEUED', 'RUNNING'].includes(body.state) && polls < 150) {
        pm.execution.setNextRequest(pm.info.requestName);
      } else {
        pm.test('200 with state PARTIAL and two sales reps', () => {
          pm.response.to.have.status(200);
          pm.expect(body).to.include({ state: 'PARTIAL', passwords: 'available', failure: null });
          pm.expect(body.rows).to.eql({ read: 3, failed: 1, created: 2 });
        });
      }
    },
  },
  {
    name: 'List the files of sales reps',
    op: 'listSalesRepImports',
    query: { limit: '1' },
    as: admin,
    test() {
      pm.test('200 with the newest file first', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().data[0].id).to.eql(Number(pm.collectionVariables.get('repFile')));
      });
    },
  },
  {
    name: 'List the rows of the file with errors',
    op: 'listSalesRepImportErrors',
    path: { id: '{{repFile}}' },
    as: admin,
    test() {
      pm.test('200 with a CSV of one row', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.text()).to.include('taken');
        pm.expect(pm.response.text().split('\n').filter((line) => line.trim())).to.have.lengthOf(2);
      });
    },
  },
  {
    name: 'Get the one-time passwords of the file',
    op: 'giveSalesRepPasswords',
    path: { id: '{{repFile}}' },
    as: admin,
    test() {
      pm.test('200 with a CSV of two rows', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.headers.get('Cache-Control')).to.eql('no-store');
        const [header, first] = pm.response.text().replace('\uFEFF', '').split('\r\n');
        pm.expect(header).to.eql('username,name,one_time_password');
        pm.expect(first).to.match(/^pmf-.*-1,Rahim Uddin,[a-z2-9-]{14}$/);
      });
    },
  },
  {
    name: 'Disable your own account',
    op: 'disableUser',
    path: { id: '{{admin}}' },
    as: admin,
    test: expectProblem(409, 'cannot-target-self'),
  },
]);
