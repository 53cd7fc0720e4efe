import { admin, anonymous, expectProblem, story } from '../story.mjs';

const root = '{{rootToken}}';

export default story('Tenants', {
  description: 'A super admin logs in with a second factor, creates a tenant with its administrator, acts in it, and closes it. The demo has the super admin.',
  as: root,
}, [
  {
    name: 'Log in as the super admin',
    op: 'logIn',
    as: anonymous,
    body: { tenant: 'haat-platform', username: 'root', password: 'Root@12345' },
    test() {
      pm.test('401 mfa-required with an MFA token', () => {
        pm.response.to.have.status(401);
        pm.expect(pm.response.json().code).to.eql('mfa-required');
      });
      pm.collectionVariables.set('rootMfaToken', pm.response.json().mfaToken);
    },
  },
  {
    name: 'Answer the challenge of the super admin',
    op: 'answerMfaChallenge',
    as: anonymous,
    body: { mfaToken: '{{rootMfaToken}}', code: '{{rootCode}}' },
    before() {
      // Computes the TOTP code as an authenticator app does (RFC 6238).
      const bits = [...'HAATDEMOHAATDEMOHAATDEMOHAATDEMO']
        .map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'))
        .join('');
      const key = bits.match(/.{8}/g).map((byte) => parseInt(byte, 2).toString(16).padStart(2, '0')).join('');
      const counter = Math.floor(Date.now() / 30000).toString(16).padStart(16, '0');
      const mac = CryptoJS.HmacSHA1(CryptoJS.enc.Hex.parse(counter), CryptoJS.enc.Hex.parse(key)).toString();
      const offset = parseInt(mac.slice(-1), 16) * 2;
      const code = (parseInt(mac.slice(offset, offset + 8), 16) & 0x7fffffff) % 1000000;
      pm.collectionVariables.set('rootCode', String(code).padStart(6, '0'));
    },
    test() {
      pm.test('200', () => pm.response.to.have.status(200));
      pm.collectionVariables.set('rootToken', pm.response.json().accessToken);
    },
  },
  {
    name: 'Read users without naming a tenant',
    op: 'listUsers',
    test: expectProblem(403, 'tenant-required'),
  },
  {
    name: 'Reject a short name of digits',
    op: 'createTenant',
    body: { slug: '2026', name: 'Acme Ltd' },
    test() {
      pm.test('422 invalid for slug', () => {
        pm.response.to.have.status(422);
        pm.expect(pm.response.json().errors[0]).to.include({ field: 'slug', code: 'invalid' });
      });
    },
  },
  {
    name: 'Validate a new tenant',
    op: 'createTenant',
    query: { validateOnly: 'true' },
    body: { slug: 'acme-{{run}}', name: 'Acme Ltd' },
    test() {
      pm.test('200 with a null id', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().id).to.eql(null);
      });
    },
  },
  {
    name: 'Create a tenant with its administrator',
    op: 'createTenant',
    body: {
      slug: 'acme-{{run}}',
      name: 'Acme Ltd',
      timeZone: 'Asia/Dhaka',
      admin: { username: 'karima', name: 'Karima Begum' },
    },
    test() {
      const tenant = pm.response.json();
      pm.test('201 with a one-time password', () => {
        pm.response.to.have.status(201);
        pm.expect(tenant.admin.username).to.eql('karima');
        pm.expect(tenant.oneTimePassword).to.be.a('string');
        pm.expect(pm.response.headers.get('Cache-Control')).to.eql('no-store');
      });
      pm.collectionVariables.set('tenant', tenant.id);
      pm.collectionVariables.set('tenantAdmin', tenant.admin.id);
    },
  },
  {
    name: 'Find the tenant',
    op: 'listTenants',
    query: { q: 'acme-{{run}}', state: 'active' },
    test() {
      pm.test('200 with one tenant', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().data.map((tenant) => tenant.slug)).to.eql([`acme-${pm.variables.get('run')}`]);
      });
    },
  },
  {
    name: 'Get the tenant',
    op: 'getTenant',
    path: { id: '{{tenant}}' },
    test() {
      pm.test('200 with support access', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json()).to.include({ state: 'active', supportAccess: true });
      });
    },
  },
  {
    name: 'Rename the tenant',
    op: 'updateTenant',
    path: { id: '{{tenant}}' },
    body: { name: 'Acme Bangladesh' },
    test() {
      pm.test('200 with the new name', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().name).to.eql('Acme Bangladesh');
      });
    },
  },
  {
    name: 'Change the time zone of the tenant',
    op: 'putTenant',
    path: { id: '{{tenant}}' },
    body: { timeZone: 'Asia/Kolkata' },
    test() {
      pm.test('200 with the other time zone', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json()).to.include({ name: 'Acme Bangladesh', timeZone: 'Asia/Kolkata' });
      });
    },
  },
  {
    name: 'Change the support access as a super admin',
    op: 'updateTenant',
    path: { id: '{{tenant}}' },
    body: { supportAccess: true },
    test: expectProblem(403, 'forbidden'),
  },
  {
    name: 'Read the users of the tenant',
    op: 'listUsers',
    headers: { 'X-Tenant-Id': 'acme-{{run}}' },
    test() {
      pm.test('200 with the administrator', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().data.map((user) => user.username)).to.eql(['karima']);
      });
    },
  },
  {
    name: 'Read the record of the access',
    op: 'listAudit',
    query: { action: 'support.access' },
    headers: { 'X-Tenant-Id': '{{tenant}}' },
    test() {
      const [entry] = pm.response.json().data;
      pm.test('200, and this request is recorded too', () => {
        pm.response.to.have.status(200);
        pm.expect(entry.after).to.eql({ method: 'GET', route: '/admin/audit' });
      });
    },
  },
  {
    name: 'Name a tenant as an administrator',
    op: 'listUsers',
    as: admin,
    headers: { 'X-Tenant-Id': 'default' },
    test: expectProblem(403, 'forbidden'),
  },
  {
    name: 'Validate the closing of the tenant',
    op: 'closeTenant',
    path: { id: '{{tenant}}' },
    query: { validateOnly: 'true' },
    test() {
      pm.test('200 with the closed tenant', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().state).to.eql('closed');
      });
    },
  },
  {
    name: 'Close the tenant',
    op: 'closeTenant',
    path: { id: '{{tenant}}' },
    test() {
      pm.test('204', () => pm.response.to.have.status(204));
    },
  },
  {
    name: 'Act in a closed tenant',
    op: 'getUser',
    path: { id: '{{tenantAdmin}}' },
    headers: { 'X-Tenant-Id': '{{tenant}}' },
    test: expectProblem(404, 'not-found'),
  },
]);
