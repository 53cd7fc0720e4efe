import { admin, anonymous, expectProblem, story } from '../story.mjs';

const mfaAdmin = '{{mfaAdminToken}}';

export default story('Two-factor authentication', {
  description: 'Enrolls, uses, resets and disables a second factor. The server needs a key that encrypts the seeds (HAAT_MFA_KEYS); the demo has one.',
}, [
  {
    name: 'Create an administrator who uses MFA',
    op: 'createUser',
    as: admin,
    body: { username: 'pc-{{run}}', name: 'Nasrin Akter', roles: ['admin'] },
    test() {
      const body = pm.response.json();
      pm.test('201', () => pm.response.to.have.status(201));
      pm.collectionVariables.set('mfaAdmin', body.id);
      pm.collectionVariables.set('mfaAdminPassword', body.oneTimePassword);
    },
  },
  {
    name: 'Log in as the MFA administrator',
    op: 'logIn',
    as: anonymous,
    body: { username: 'pc-{{run}}', password: '{{mfaAdminPassword}}' },
    test() {
      pm.test('200', () => pm.response.to.have.status(200));
      pm.collectionVariables.set('mfaAdminToken', pm.response.json().accessToken);
    },
  },
  {
    name: 'Change the password of the MFA administrator',
    op: 'changePassword',
    as: mfaAdmin,
    body: { currentPassword: '{{mfaAdminPassword}}', newPassword: 'Bazar@{{run}}' },
    test() {
      pm.test('200', () => pm.response.to.have.status(200));
      pm.collectionVariables.set('mfaAdminToken', pm.response.json().accessToken);
    },
  },
  {
    name: 'Enroll with an incorrect password',
    op: 'enrollMfa',
    as: mfaAdmin,
    body: { password: 'a guess' },
    test() {
      pm.test('422 incorrect for password', () => {
        pm.response.to.have.status(422);
        pm.expect(pm.response.json().errors[0]).to.include({ field: 'password', code: 'incorrect' });
      });
    },
  },
  {
    name: 'Enroll a second factor',
    op: 'enrollMfa',
    as: mfaAdmin,
    body: { password: 'Bazar@{{run}}' },
    test() {
      const body = pm.response.json();
      pm.test('200 with a seed for the authenticator app', () => {
        pm.response.to.have.status(200);
        pm.expect(body.secret).to.match(/^[A-Z2-7]{32}$/);
        pm.expect(body.uri).to.include(`secret=${body.secret}`);
      });
      pm.collectionVariables.set('seed', body.secret);
    },
  },
  {
    name: 'Verify with an incorrect code',
    op: 'verifyMfa',
    as: mfaAdmin,
    body: { code: '12345' },
    test() {
      pm.test('422 incorrect for code', () => {
        pm.response.to.have.status(422);
        pm.expect(pm.response.json().errors[0]).to.include({ field: 'code', code: 'incorrect' });
      });
    },
  },
  {
    name: 'Verify with the code of the authenticator app',
    op: 'verifyMfa',
    as: mfaAdmin,
    body: { code: '{{code}}' },
    before() {
      // Computes the TOTP code as an authenticator app does (RFC 6238).
      const bits = [...pm.collectionVariables.get('seed')]
        .map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'))
        .join('');
      const key = bits.match(/.{8}/g).map((byte) => parseInt(byte, 2).toString(16).padStart(2, '0')).join('');
      const counter = Math.floor(Date.now() / 30000).toString(16).padStart(16, '0');
      const mac = CryptoJS.HmacSHA1(CryptoJS.enc.Hex.parse(counter), CryptoJS.enc.Hex.parse(key)).toString();
      const offset = parseInt(mac.slice(-1), 16) * 2;
      const code = (parseInt(mac.slice(offset, offset + 8), 16) & 0x7fffffff) % 1000000;
      pm.collectionVariables.set('code', String(code).padStart(6, '0'));
    },
    test() {
      const body = pm.response.json();
      pm.test('200 with MFA enabled and ten recovery codes', () => {
        pm.response.to.have.status(200);
        pm.expect(body.user.mfaEnabled).to.eql(true);
        pm.expect(body.recoveryCodes).to.have.lengthOf(10);
      });
      pm.collectionVariables.set('mfaAdminToken', body.accessToken);
      pm.collectionVariables.set('recovery', body.recoveryCodes[0]);
      pm.collectionVariables.set('secondRecovery', body.recoveryCodes[1]);
    },
  },
  {
    name: 'Log in with the password only',
    op: 'logIn',
    as: anonymous,
    body: { username: 'pc-{{run}}', password: 'Bazar@{{run}}' },
    test() {
      const body = pm.response.json();
      pm.test('401 mfa-required with an MFA token', () => {
        pm.response.to.have.status(401);
        pm.expect(body.code).to.eql('mfa-required');
        pm.expect(body.mfaToken).to.be.a('string');
        pm.expect(pm.response.headers.get('Cache-Control')).to.eql('no-store');
      });
      pm.collectionVariables.set('mfaToken', body.mfaToken);
    },
  },
  {
    name: 'Answer the challenge with a used code',
    op: 'answerMfaChallenge',
    as: anonymous,
    body: { mfaToken: '{{mfaToken}}', code: '{{code}}' },
    test: expectProblem(401, 'wrong-mfa-code'),
  },
  {
    name: 'Answer the challenge with a recovery code',
    op: 'answerMfaChallenge',
    as: anonymous,
    body: { mfaToken: '{{mfaToken}}', code: '{{recovery}}' },
    test() {
      const body = pm.response.json();
      pm.test('200 with the user', () => {
        pm.response.to.have.status(200);
        pm.expect(body.user.username).to.eql(`pc-${pm.collectionVariables.get('run')}`);
      });
      pm.collectionVariables.set('mfaAdminToken', body.accessToken);
      pm.collectionVariables.set('mfaRefreshToken', body.refreshToken);
    },
  },
  {
    name: 'Answer the challenge again after a lost response',
    op: 'answerMfaChallenge',
    as: anonymous,
    body: { mfaToken: '{{mfaToken}}', code: '{{recovery}}' },
    test() {
      pm.test('200 with the same refresh token', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().refreshToken).to.eql(pm.collectionVariables.get('mfaRefreshToken'));
      });
    },
  },
  {
    name: 'Answer the challenge with an access token',
    op: 'answerMfaChallenge',
    as: anonymous,
    body: { mfaToken: '{{mfaAdminToken}}', code: '{{secondRecovery}}' },
    test: expectProblem(401, 'invalid-mfa-token'),
  },
  {
    name: 'Get the settings',
    op: 'getSettings',
    as: admin,
    test() {
      pm.test('200 with MFA not required', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json()).to.eql({ mfaRequiredForAdmins: false });
      });
    },
  },
  {
    name: 'Require MFA without a second factor',
    op: 'updateSettings',
    as: admin,
    body: { mfaRequiredForAdmins: true },
    test: expectProblem(409, 'mfa-not-enabled'),
  },
  {
    name: 'Validate requiring MFA with a second factor',
    op: 'updateSettings',
    query: { validateOnly: 'true' },
    as: mfaAdmin,
    body: { mfaRequiredForAdmins: true },
    test() {
      pm.test('200 with the validated settings', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json()).to.eql({ mfaRequiredForAdmins: true });
      });
    },
  },
  {
    name: 'Disable the second factor',
    op: 'disableMfa',
    as: mfaAdmin,
    body: { password: 'Bazar@{{run}}', code: '{{secondRecovery}}' },
    test() {
      const body = pm.response.json();
      pm.test('200 with MFA disabled', () => {
        pm.response.to.have.status(200);
        pm.expect(body.user.mfaEnabled).to.eql(false);
      });
      pm.collectionVariables.set('mfaAdminToken', body.accessToken);
    },
  },
  {
    name: 'Disable a second factor that is not enabled',
    op: 'disableMfa',
    as: mfaAdmin,
    body: { password: 'Bazar@{{run}}', code: '123456' },
    test: expectProblem(409, 'mfa-not-enabled'),
  },
  {
    name: 'Reset the second factor of a user',
    op: 'resetUserMfa',
    path: { id: '{{mfaAdmin}}' },
    as: admin,
    test() {
      pm.test('204, even without a second factor', () => pm.response.to.have.status(204));
    },
  },
  {
    name: 'Reset your own second factor as an administrator',
    op: 'resetUserMfa',
    path: { id: '{{mfaAdmin}}' },
    as: mfaAdmin,
    test: expectProblem(409, 'cannot-target-self'),
  },
  {
    name: 'Update an administrator',
    op: 'updateUser',
    path: { id: '{{mfaAdmin}}' },
    as: admin,
    body: { name: 'Nasrin Begum', email: 'pc-{{run}}@example.com' },
    test() {
      pm.test('200 with the updated administrator', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json()).to.include({ name: 'Nasrin Begum', mfaEnabled: false });
      });
    },
  },
]);
