import { admin, anonymous, expectProblem, expectStatus, story } from '../story.mjs';

const phone = '{{lostToken}}';
const device = { 'X-Device-Id': 'lost-{{run}}' };

export default story('Lost responses', {
  description: 'A phone on a bad network repeats a request whose response it has lost, and gets the same refresh token.',
}, [
  {
    name: 'Create a sales rep with a bad network',
    op: 'createSalesRep',
    as: admin,
    body: { username: 'pl-{{run}}', name: 'Salma Khatun' },
    test() {
      pm.test('201', () => pm.response.to.have.status(201));
      pm.collectionVariables.set('lostPassword', pm.response.json().oneTimePassword);
    },
  },
  {
    name: 'Log in on a phone whose response is lost',
    op: 'logIn',
    as: anonymous,
    headers: device,
    body: { username: 'pl-{{run}}', password: '{{lostPassword}}' },
    test() {
      pm.test('200', () => pm.response.to.have.status(200));
      pm.collectionVariables.set('orphanToken', pm.response.json().refreshToken);
    },
  },
  {
    name: 'Log in again on the same phone',
    op: 'logIn',
    as: anonymous,
    headers: device,
    body: { username: 'pl-{{run}}', password: '{{lostPassword}}' },
    test() {
      pm.test('200', () => pm.response.to.have.status(200));
      pm.collectionVariables.set('lostToken', pm.response.json().accessToken);
    },
  },
  {
    name: 'Refresh the earlier session of the phone',
    op: 'refreshTokens',
    as: anonymous,
    body: { refreshToken: '{{orphanToken}}' },
    test: expectProblem(401, 'session-ended'),
  },
  {
    name: 'Change the password and lose the response',
    op: 'changePassword',
    as: phone,
    body: { currentPassword: '{{lostPassword}}', newPassword: 'Bazar@{{run}}' },
    test() {
      pm.test('200', () => pm.response.to.have.status(200));
      pm.collectionVariables.set('lostRefreshToken', pm.response.json().refreshToken);
    },
  },
  {
    name: 'Change the password again with the same request',
    op: 'changePassword',
    as: phone,
    body: { currentPassword: '{{lostPassword}}', newPassword: 'Bazar@{{run}}' },
    test() {
      pm.test('200 with the same refresh token', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().refreshToken).to.eql(pm.collectionVariables.get('lostRefreshToken'));
      });
    },
  },
  {
    name: 'Change the password to another one with the revoked token',
    op: 'changePassword',
    as: phone,
    body: { currentPassword: 'Bazar@{{run}}', newPassword: 'another one {{run}}' },
    test: expectProblem(401, 'token-revoked'),
  },
  {
    name: 'Log out with the refresh token alone',
    op: 'logOut',
    as: anonymous,
    body: { refreshToken: '{{lostRefreshToken}}' },
    test: expectStatus(204),
  },
  {
    name: 'Log out again with the refresh token',
    op: 'logOut',
    as: anonymous,
    body: { refreshToken: '{{lostRefreshToken}}' },
    test: expectStatus(204),
  },
  {
    name: 'Log out with an unknown refresh token',
    op: 'logOut',
    as: anonymous,
    body: { refreshToken: 'hrt_unknown' },
    test: expectProblem(401, 'invalid-refresh-token'),
  },
]);
