import { admin, answers, nobody, refused, story } from '../story.mjs';

const phone = '{{phoneToken}}';

export default story('Sessions', {
  description: 'Tokens follow one another, a lost answer logs nobody out, and whoever shows an old one ends the session.',
}, [
  {
    name: 'A representative with a phone',
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
    name: 'They log in on it',
    op: 'logIn',
    as: nobody,
    headers: { 'X-Device-Id': 'phone-{{run}}' },
    body: { username: 'ps-{{run}}', password: '{{phonePassword}}' },
    test() {
      const body = pm.response.json();
      pm.test('200, to change the password', () => {
        pm.response.to.have.status(200);
        pm.expect(body.user.mustChangePassword).to.eql(true);
      });
      pm.collectionVariables.set('phoneToken', body.accessToken);
      pm.collectionVariables.set('phoneRefresh', body.refreshToken);
    },
  },
  {
    name: 'And change the password',
    op: 'changePassword',
    as: phone,
    body: { currentPassword: '{{phonePassword}}', newPassword: 'Bazar@{{run}}' },
    test() {
      const body = pm.response.json();
      pm.test('200, the refresh token is still good', () => {
        pm.response.to.have.status(200);
        pm.expect(body).to.not.have.property('refreshToken');
      });
      pm.collectionVariables.set('phoneToken', body.accessToken);
    },
  },
  {
    name: 'Refresh',
    op: 'refresh',
    as: nobody,
    body: { refreshToken: '{{phoneRefresh}}' },
    test() {
      const body = pm.response.json();
      pm.test('200, both tokens are new', () => {
        pm.response.to.have.status(200);
        pm.expect(body.refreshToken).to.not.eql(pm.collectionVariables.get('phoneRefresh'));
      });
      pm.collectionVariables.set('nextRefresh', body.refreshToken);
    },
  },
  {
    name: 'The answer was lost: refresh again',
    op: 'refresh',
    as: nobody,
    body: { refreshToken: '{{phoneRefresh}}' },
    test() {
      pm.test('200, the same refresh token', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().refreshToken).to.eql(pm.collectionVariables.get('nextRefresh'));
      });
    },
  },
  {
    name: 'Go on with the new one',
    op: 'refresh',
    as: nobody,
    body: { refreshToken: '{{nextRefresh}}' },
    test() {
      const body = pm.response.json();
      pm.test('200', () => pm.response.to.have.status(200));
      pm.collectionVariables.set('phoneToken', body.accessToken);
      pm.collectionVariables.set('lastRefresh', body.refreshToken);
    },
  },
  {
    name: 'No refresh token',
    op: 'refresh',
    as: nobody,
    body: { refreshToken: 'hrt_none' },
    test: refused(401, 'invalid-refresh-token'),
  },
  {
    name: 'They log in on another phone',
    op: 'logIn',
    as: nobody,
    headers: { 'X-Device-Id': 'other-{{run}}' },
    body: { username: 'ps-{{run}}', password: 'Bazar@{{run}}' },
    test() {
      pm.test('200', () => pm.response.to.have.status(200));
      pm.collectionVariables.set('otherToken', pm.response.json().accessToken);
    },
  },
  {
    name: 'Where they are logged in',
    op: 'listSessions',
    as: phone,
    test() {
      const sessions = pm.response.json().data;
      const run = pm.collectionVariables.get('run');
      pm.test('200, both phones, this one marked', () => {
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
    name: 'End the other one',
    op: 'endSession',
    path: { id: '{{otherSession}}' },
    as: phone,
    test: answers(204),
  },
  {
    name: 'It is out',
    op: 'getMe',
    as: '{{otherToken}}',
    test: refused(401, 'ended-token'),
  },
  {
    name: 'An old refresh token is shown: two have it',
    op: 'refresh',
    as: nobody,
    body: { refreshToken: '{{phoneRefresh}}' },
    test: refused(401, 'ended-session'),
  },
  {
    name: 'So the session is over for both',
    op: 'refresh',
    as: nobody,
    body: { refreshToken: '{{lastRefresh}}' },
    test: refused(401, 'ended-session'),
  },
  {
    name: 'They log in again',
    op: 'logIn',
    as: nobody,
    body: { username: 'ps-{{run}}', password: 'Bazar@{{run}}' },
    test() {
      pm.test('200', () => pm.response.to.have.status(200));
      pm.collectionVariables.set('phoneToken', pm.response.json().accessToken);
    },
  },
  {
    name: 'And out',
    op: 'logOut',
    as: phone,
    test: answers(204),
  },
  {
    name: 'They are out',
    op: 'listRetailers',
    as: phone,
    test: refused(401, 'ended-token'),
  },
  {
    name: 'In once more',
    op: 'logIn',
    as: nobody,
    body: { username: 'ps-{{run}}', password: 'Bazar@{{run}}' },
    test() {
      pm.test('200', () => pm.response.to.have.status(200));
      pm.collectionVariables.set('phoneToken', pm.response.json().accessToken);
    },
  },
  {
    name: 'The phone is lost: the office ends all of theirs',
    op: 'endUserSessions',
    path: { id: '{{phoneOwner}}' },
    as: admin,
    test: answers(204),
  },
  {
    name: 'Whoever found it is out',
    op: 'getMe',
    as: phone,
    test: refused(401, 'ended-token'),
  },
  {
    name: 'Their password is reset',
    op: 'resetPassword',
    path: { id: '{{phoneOwner}}' },
    as: admin,
    test() {
      pm.test('200, told once', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.headers.get('Cache-Control')).to.eql('no-store');
        pm.expect(pm.response.json().oneTimePassword).to.match(/^[a-z0-9]{4}(-[a-z0-9]{4}){2}$/);
      });
    },
  },
]);
