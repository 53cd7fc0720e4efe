import { admin, anonymous, expectProblem, firstToken, story } from '../story.mjs';

const manager = '{{managerToken}}';

export default story('An area manager', {
  description: 'An administrator makes a user an area manager. The manager can access the retailers of that area only.',
  as: manager,
}, [
  {
    name: 'List the roles',
    op: 'listRoles',
    as: admin,
    test() {
      const roles = pm.response.json().data;
      pm.test('200 with nine roles', () => {
        pm.response.to.have.status(200);
        pm.expect(roles.length).to.eql(9);
        const manager = roles.find((role) => role.code === 'area_manager');
        pm.expect(manager).to.include({ scope: 'areas', grantable: true });
      });
    },
  },
  {
    name: 'Find an area with retailers',
    op: 'adminListRetailers',
    query: { limit: 1, sort: 'uid' },
    as: admin,
    test() {
      const [retailer] = pm.response.json().data;
      pm.test('200', () => pm.response.to.have.status(200));
      pm.collectionVariables.set('managedArea', retailer.area.id);
      pm.collectionVariables.set('managedRetailer', retailer.uid);
    },
  },
  {
    name: 'Find a retailer in another area',
    op: 'adminListRetailers',
    query: { limit: 1, sort: '-uid' },
    as: admin,
    test() {
      const [retailer] = pm.response.json().data;
      pm.test('200, and the area is another one', () => {
        pm.response.to.have.status(200);
        pm.expect(retailer.area.id).not.to.eql(Number(pm.collectionVariables.get('managedArea')));
      });
      pm.collectionVariables.set('otherRetailer', retailer.uid);
    },
  },
  {
    name: 'Reject a role without its target',
    op: 'createUser',
    as: admin,
    body: { username: 'pm-area-{{run}}', name: 'Nila Akter', roles: ['area_manager'] },
    test() {
      pm.test('422 target-required', () => {
        pm.response.to.have.status(422);
        const errors = pm.response.json().errors.map((error) => `${error.field}: ${error.code}`);
        pm.expect(errors).to.eql(['roles[0].areas: target-required']);
      });
    },
  },
  {
    name: 'Create a national manager',
    op: 'createUser',
    as: admin,
    body: { username: 'pm-area-{{run}}', name: 'Nila Akter', roles: ['ceo'] },
    test() {
      const body = pm.response.json();
      pm.test('201 with the canonical role name', () => {
        pm.response.to.have.status(201);
        pm.expect(body.roles).to.eql(['national_manager']);
      });
      pm.collectionVariables.set('manager', body.id);
      pm.collectionVariables.set('oneTimePassword', body.oneTimePassword);
    },
  },
  {
    name: 'Replace the role with area manager',
    op: 'replaceUserRoles',
    path: { id: '{{manager}}' },
    as: admin,
    body: { roles: [{ role: 'area_manager', areas: [{ unquoted: 'managedArea' }] }] },
    test() {
      const [grant] = pm.response.json().data;
      pm.test('200 with the area', () => {
        pm.response.to.have.status(200);
        pm.expect(grant.role).to.eql('area_manager');
        pm.expect(grant.target).to.include({ kind: 'area', id: Number(pm.collectionVariables.get('managedArea')) });
        pm.expect(grant.grantedBy.username).to.eql('admin');
      });
    },
  },
  {
    name: 'Reject an incompatible role',
    op: 'addUserRoles',
    path: { id: '{{manager}}' },
    as: admin,
    body: { roles: ['sales_rep'] },
    test: expectProblem(422, 'incompatible-roles'),
  },
  {
    name: 'Add a tenant-wide role',
    op: 'addUserRoles',
    path: { id: '{{manager}}' },
    as: admin,
    body: { roles: ['national_manager'] },
    test() {
      const [grant] = pm.response.json().data;
      pm.test('200 with the higher role first', () => {
        pm.response.to.have.status(200);
        pm.expect(grant.role).to.eql('national_manager');
      });
      pm.collectionVariables.set('grant', grant.id);
    },
  },
  {
    name: 'Remove the tenant-wide role',
    op: 'removeUserRole',
    path: { id: '{{manager}}', grantId: '{{grant}}' },
    as: admin,
    test() {
      pm.test('200 with the other role', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().data.map((grant) => grant.role)).to.eql(['area_manager']);
      });
    },
  },
  {
    name: 'List the roles of the manager',
    op: 'listUserRoles',
    path: { id: '{{manager}}' },
    as: admin,
    test() {
      pm.test('200', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().data.length).to.eql(1);
      });
    },
  },
  {
    name: 'Log in as the manager',
    op: 'logIn',
    as: anonymous,
    body: { username: 'pm-area-{{run}}', password: '{{oneTimePassword}}' },
    test() {
      const body = pm.response.json();
      pm.test('200', () => pm.response.to.have.status(200));
      pm.collectionVariables.set('firstToken', body.accessToken);
    },
  },
  {
    name: 'Change the password of the manager',
    op: 'changePassword',
    as: firstToken,
    body: { currentPassword: '{{oneTimePassword}}', newPassword: 'Elaka@{{run}}' },
    test() {
      const body = pm.response.json();
      pm.test('200', () => pm.response.to.have.status(200));
      pm.collectionVariables.set('managerToken', body.accessToken);
    },
  },
  {
    name: 'List the retailers of the area',
    op: 'listRetailers',
    query: { sort: 'uid', includeTotal: true },
    test() {
      const body = pm.response.json();
      pm.test('200 with retailers of this area only', () => {
        pm.response.to.have.status(200);
        pm.expect(body.page.total).to.be.above(0);
        body.data.forEach((row) => pm.expect(row.area.id).to.eql(Number(pm.collectionVariables.get('managedArea'))));
      });
    },
  },
  {
    name: 'List the retailers with their sales reps',
    op: 'adminListRetailers',
    query: { limit: 1 },
    test() {
      pm.test('200', () => pm.response.to.have.status(200));
    },
  },
  {
    name: 'Get a retailer of the area',
    op: 'getRetailer',
    path: { uid: '{{managedRetailer}}' },
    test() {
      pm.test('200', () => pm.response.to.have.status(200));
    },
  },
  {
    name: 'Cannot get a retailer of another area',
    op: 'getRetailer',
    path: { uid: '{{otherRetailer}}' },
    test: expectProblem(404, 'not-found'),
  },
  {
    name: 'Cannot update a retailer of another area',
    op: 'updateRetailer',
    path: { uid: '{{otherRetailer}}' },
    body: { points: 5 },
    test: expectProblem(404, 'not-found'),
  },
  {
    name: 'Cannot create a user as a manager',
    op: 'createUser',
    body: { username: 'pm-none-{{run}}', name: 'Someone', roles: ['admin'] },
    test: expectProblem(403, 'forbidden'),
  },
  {
    name: 'Disable the manager',
    op: 'disableUser',
    path: { id: '{{manager}}' },
    as: admin,
    test() {
      pm.test('204', () => pm.response.to.have.status(204));
    },
  },
]);
