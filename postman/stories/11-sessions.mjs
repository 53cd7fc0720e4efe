import { admin, anonymous, expectProblem, expectStatus, story } from '../story.mjs';

const phone = '{{phoneToken}}';

export default story('Sessions', {
  description: 'Refresh token rotation. A retry after a lost response returns the same refresh token; reuse of an older token ends the session.',
}, [
  {
    name: 'Create a sales rep with a phone',
    op: 'createSalesRep',
    as: admin,
    body: { username: 'ps-{{run}}', name: 'Salma Khatun' },
    test() {
      const body = pm.response.json();
      pm.test('201', () => pm.response.to.have.status(201));
      pm.collectionVariables.set('phoneOwner', body.id);
      pm.collectionVariables.set('phonePassword', body.oneTimePassword);
    },
  },
  {
    name: 'Log in on the phone',
    op: 'logIn',
    as: anonymous,
    headers: { 'X-Device-Id': 'phone-{{run}}' },
    body: { username: 'ps-{{run}}', password: '{{phonePassword}}' },
    test() {
      const body = pm.response.json();
      pm.test('200 with mustChangePassword', () => {
        pm.response.to.have.status(200);
        pm.expect(body.user.mustChangePassword).to.eql(true);
      });
      pm.collectionVariables.set('phoneToken', body.accessToken);
      pm.collectionVariables.set('phoneRefresh', body.refreshToken);
    },
  },
  {
    name: 'Change the password on the phone',
    op: 'changePassword',
    as: phone,
    body: { currentPassword: '{{phonePassword}}', newPassword: 'Bazar@{{run}}' },
    test() {
      const body = pm.response.json();
      pm.test('200 with a new refresh token', () => {
        pm.response.to.have.status(200);
        pm.expect(body.refreshToken).to.match(/^hrt_/);
      });
      pm.collectionVariables.set('phoneToken', body.accessToken);
    },
  },
  {
    name: 'Refresh the tokens',
    op: 'refreshTokens',
    as: anonymous,
    body: { refreshToken: '{{phoneRefresh}}' },
    test() {
      const body = pm.response.json();
      pm.test('200 with a new refresh token', () => {
        pm.response.to.have.status(200);
        pm.expect(body.refreshToken).to.not.eql(pm.collectionVariables.get('phoneRefresh'));
      });
      pm.collectionVariables.set('nextRefresh', body.refreshToken);
    },
  },
  {
    name: 'Refresh again after a lost response',
    op: 'refreshTokens',
    as: anonymous,
    body: { refreshToken: '{{phoneRefresh}}' },
    test() {
      pm.test('200 with the same refresh token', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().refreshToken).to.eql(pm.collectionVariables.get('nextRefresh'));
      });
    },
  },
  {
    name: 'Refresh with the new refresh token',
    op: 'refreshTokens',
    as: anonymous,
    body: { refreshToken: '{{nextRefresh}}' },
    test() {
      const body = pm.response.json();
      pm.test('200', () => pm.response.to.have.status(200));
      pm.collectionVariables.set('phoneToken', body.accessToken);
      pm.collectionVariables.set('lastRefresh', body.refreshToken);
    },
  },
  {
    name: 'Refresh with an invalid refresh token',
    op: 'refreshTokens',
    as: anonymous,
    body: { refreshToken: 'hrt_none' },
    test: expectProblem(401, 'invalid-refresh-token'),
  },
  {
    name: 'Log in on another phone',
    op: 'logIn',
    as: anonymous,
    headers: { 'X-Device-Id': 'other-{{run}}' },
    body: { username: 'ps-{{run}}', password: 'Bazar@{{run}}' },
    test() {
      pm.test('200', () => pm.response.to.have.status(200));
      pm.collectionVariables.set('otherToken', pm.response.json().accessToken);
    },
  },
  {
    name: 'List my sessions',
    op: 'listSessions',
    as: phone,
    test() {
      const sessions = pm.response.json().data;
      const run = pm.collectionVariables.get('run');
      pm.test('200 with both sessions and the current one marked', () => {
        pm.response.to.have.status(200);
        pm.expect(sessions.map((session) => [session.deviceId, session.current])).to.have.deep.members([
          [`phone-${run}`, true],
          [`other-${run}`, false],
        ]);
      });
      pm.collectionVariables.set('otherSession', sessions.find((session) => !session.current).id);
    },
  },
  {
    name: 'End the other session',
    op: 'endSession',
    path: { id: '{{otherSession}}' },
    as: phone,
    test: expectStatus(204),
  },
  {
    name: 'Use the token of the ended session',
    op: 'getMe',
    as: '{{otherToken}}',
    test: expectProblem(401, 'token-revoked'),
  },
  {
    name: 'Reuse an old refresh token',
    op: 'refreshTokens',
    as: anonymous,
    body: { refreshToken: '{{phoneRefresh}}' },
    test: expectProblem(401, 'session-ended'),
  },
  {
    name: 'Refresh after the session ended',
    op: 'refreshTokens',
    as: anonymous,
    body: { refreshToken: '{{lastRefresh}}' },
    test: expectProblem(401, 'session-ended'),
  },
  {
    name: 'Log in after the session ended',
    op: 'logIn',
    as: anonymous,
    body: { username: 'ps-{{run}}', password: 'Bazar@{{run}}' },
    test() {
      pm.test('200', () => pm.response.to.have.status(200));
      pm.collectionVariables.set('phoneToken', pm.response.json().accessToken);
    },
  },
  {
    name: 'Log out',
    op: 'logOut',
    as: phone,
    test: expectStatus(204),
  },
  {
    name: 'Use the token after logout',
    op: 'listRetailers',
    as: phone,
    test: expectProblem(401, 'token-revoked'),
  },
  {
    name: 'Log in after logout',
    op: 'logIn',
    as: anonymous,
    body: { username: 'ps-{{run}}', password: 'Bazar@{{run}}' },
    test() {
      pm.test('200', () => pm.response.to.have.status(200));
      pm.collectionVariables.set('phoneToken', pm.response.json().accessToken);
    },
  },
  {
    name: 'End all sessions of a user whose phone is lost',
    op: 'endUserSessions',
    path: { id: '{{phoneOwner}}' },
    as: admin,
    test: expectStatus(204),
  },
  {
    name: 'Use the token of the lost phone',
    op: 'getMe',
    as: phone,
    test: expectProblem(401, 'token-revoked'),
  },
  {
    name: 'Reset the password of the sales rep',
    op: 'resetPassword',
    path: { id: '{{phoneOwner}}' },
    as: admin,
    test() {
      pm.test('200 with a one-time password and Cache-Control: no-store', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.headers.get('Cache-Control')).to.eql('no-store');
        pm.expect(pm.response.json().oneTimePassword).to.match(/^[a-z0-9]{4}(-[a-z0-9]{4}){2}$/);
      });
    },
  },
]);
