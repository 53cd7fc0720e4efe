import { admin, nobody, refused, story } from '../story.mjs';

const careful = '{{carefulToken}}';

export default story('The second factor', {
  description: 'Set up, asked for, lost and taken away. The server needs a key to seal seeds with (HAAT_MFA_KEYS), which the demo has.',
}, [
  {
    name: 'An administrator who is careful',
    op: 'createUser',
    as: admin,
    body: { username: 'pc-{{run}}', name: 'Nasrin Akter' },
    test() {
      const body = pm.response.json();
      pm.test('201', () => pm.response.to.have.status(201));
      pm.collectionVariables.set('careful', body.id);
      pm.collectionVariables.set('carefulPassword', body.oneTimePassword);
    },
  },
  {
    name: 'They log in',
    op: 'logIn',
    as: nobody,
    body: { username: 'pc-{{run}}', password: '{{carefulPassword}}' },
    test() {
      pm.test('200', () => pm.response.to.have.status(200));
      pm.collectionVariables.set('carefulToken', pm.response.json().accessToken);
    },
  },
  {
    name: 'And change the password',
    op: 'changePassword',
    as: careful,
    body: { currentPassword: '{{carefulPassword}}', newPassword: 'Office@{{run}}' },
    test() {
      pm.test('200', () => pm.response.to.have.status(200));
      pm.collectionVariables.set('carefulToken', pm.response.json().accessToken);
    },
  },
  {
    name: 'Whoever finds the page open begins nothing',
    op: 'enrollMfa',
    as: careful,
    body: { password: 'a guess' },
    test() {
      pm.test('422, the password', () => {
        pm.response.to.have.status(422);
        pm.expect(pm.response.json().errors[0]).to.include({ field: 'password', code: 'wrong' });
      });
    },
  },
  {
    name: 'Begin',
    op: 'enrollMfa',
    as: careful,
    body: { password: 'Office@{{run}}' },
    test() {
      const body = pm.response.json();
      pm.test('200, a seed for the app', () => {
        pm.response.to.have.status(200);
        pm.expect(body.secret).to.match(/^[A-Z2-7]{32}$/);
        pm.expect(body.uri).to.include(`secret=${body.secret}`);
      });
      pm.collectionVariables.set('seed', body.secret);
    },
  },
  {
    name: 'A wrong code',
    op: 'verifyMfa',
    as: careful,
    body: { code: '12345' },
    test() {
      pm.test('422, the code', () => {
        pm.response.to.have.status(422);
        pm.expect(pm.response.json().errors[0]).to.include({ field: 'code', code: 'wrong' });
      });
    },
  },
  {
    name: 'The code of the app',
    op: 'verifyMfa',
    as: careful,
    body: { code: '{{code}}' },
    before() {
      // What an authenticator app does (RFC 6238).
      const bits = [...pm.collectionVariables.get('seed')]
        .map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'))
        .join('');
      const key = bits.match(/.{8}/g).map((byte) => parseInt(byte, 2).toString(16).padStart(2, '0')).join('');
      const step = Math.floor(Date.now() / 30000).toString(16).padStart(16, '0');
      const mac = CryptoJS.HmacSHA1(CryptoJS.enc.Hex.parse(step), CryptoJS.enc.Hex.parse(key)).toString();
      const at = parseInt(mac.slice(-1), 16) * 2;
      const code = (parseInt(mac.slice(at, at + 8), 16) & 0x7fffffff) % 1000000;
      pm.collectionVariables.set('code', String(code).padStart(6, '0'));
    },
    test() {
      const body = pm.response.json();
      pm.test('200, it is on, with ten recovery codes', () => {
        pm.response.to.have.status(200);
        pm.expect(body.user.mfaEnabled).to.eql(true);
        pm.expect(body.recoveryCodes).to.have.lengthOf(10);
      });
      pm.collectionVariables.set('carefulToken', body.accessToken);
      pm.collectionVariables.set('recovery', body.recoveryCodes[0]);
      pm.collectionVariables.set('secondRecovery', body.recoveryCodes[1]);
    },
  },
  {
    name: 'The password alone logs nobody in',
    op: 'logIn',
    as: nobody,
    body: { username: 'pc-{{run}}', password: 'Office@{{run}}' },
    test() {
      const body = pm.response.json();
      pm.test('401 mfa-required, and what to answer with', () => {
        pm.response.to.have.status(401);
        pm.expect(body.code).to.eql('mfa-required');
        pm.expect(body.mfaToken).to.be.a('string');
        pm.expect(pm.response.headers.get('Cache-Control')).to.eql('no-store');
      });
      pm.collectionVariables.set('mfaToken', body.mfaToken);
    },
  },
  {
    name: 'The code that was used',
    op: 'answerMfaChallenge',
    as: nobody,
    body: { mfaToken: '{{mfaToken}}', code: '{{code}}' },
    test: refused(401, 'wrong-mfa-code'),
  },
  {
    name: 'A recovery code',
    op: 'answerMfaChallenge',
    as: nobody,
    body: { mfaToken: '{{mfaToken}}', code: '{{recovery}}' },
    test() {
      const body = pm.response.json();
      pm.test('200, logged in', () => {
        pm.response.to.have.status(200);
        pm.expect(body.user.username).to.eql(`pc-${pm.collectionVariables.get('run')}`);
      });
      pm.collectionVariables.set('carefulToken', body.accessToken);
    },
  },
  {
    name: 'An access token is no login that waits',
    op: 'answerMfaChallenge',
    as: nobody,
    body: { mfaToken: '{{carefulToken}}', code: '{{secondRecovery}}' },
    test: refused(401, 'invalid-mfa-token'),
  },
  {
    name: 'The settings of the company',
    op: 'getSettings',
    as: admin,
    test() {
      pm.test('200, nothing is required', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json()).to.eql({ mfaRequiredForAdmins: false });
      });
    },
  },
  {
    name: 'Who has none does not require it of others',
    op: 'updateSettings',
    as: admin,
    body: { mfaRequiredForAdmins: true },
    test: refused(409, 'mfa-not-enabled'),
  },
  {
    name: 'Who has one may, on trial',
    op: 'updateSettings',
    query: { validateOnly: 'true' },
    as: careful,
    body: { mfaRequiredForAdmins: true },
    test() {
      pm.test('200, as it would be', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json()).to.eql({ mfaRequiredForAdmins: true });
      });
    },
  },
  {
    name: 'Turn it off',
    op: 'disableMfa',
    as: careful,
    body: { password: 'Office@{{run}}', code: '{{secondRecovery}}' },
    test() {
      const body = pm.response.json();
      pm.test('200, it is off', () => {
        pm.response.to.have.status(200);
        pm.expect(body.user.mfaEnabled).to.eql(false);
      });
      pm.collectionVariables.set('carefulToken', body.accessToken);
    },
  },
  {
    name: 'There is none to turn off',
    op: 'disableMfa',
    as: careful,
    body: { password: 'Office@{{run}}', code: '123456' },
    test: refused(409, 'mfa-not-enabled'),
  },
  {
    name: 'Take away what somebody has lost',
    op: 'resetUserMfa',
    path: { id: '{{careful}}' },
    as: admin,
    test() {
      pm.test('204, also where there is none', () => pm.response.to.have.status(204));
    },
  },
  {
    name: 'Nobody takes their own away like this',
    op: 'resetUserMfa',
    path: { id: '{{careful}}' },
    as: careful,
    test: refused(409, 'yourself'),
  },
  {
    name: 'Another name for the administrator',
    op: 'updateUser',
    path: { id: '{{careful}}' },
    as: admin,
    body: { name: 'Nasrin Begum', email: 'pc-{{run}}@example.com' },
    test() {
      pm.test('200, changed', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json()).to.include({ name: 'Nasrin Begum', mfaEnabled: false });
      });
    },
  },
]);
