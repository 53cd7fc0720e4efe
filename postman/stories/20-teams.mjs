import { admin, anonymous, expectProblem, firstToken, story } from '../story.mjs';

const leader = '{{leaderToken}}';

export default story('Teams and a team leader', {
  description: 'An administrator creates a team. Its leader can access the retailers of the members only.',
  as: leader,
}, [
  {
    name: 'Find a sales rep with retailers',
    op: 'listSalesReps',
    query: { sort: '-assignedCount', limit: 200 },
    as: admin,
    test() {
      const rep = pm.response.json().data.find(({ team }) => team === null);
      pm.test('200', () => {
        pm.response.to.have.status(200);
        pm.expect(rep.assignedCount).to.be.above(0);
      });
      pm.collectionVariables.set('member', rep.id);
      pm.collectionVariables.set('memberCount', rep.assignedCount);
    },
  },
  {
    name: 'Find an area for the team',
    op: 'listAreas',
    query: { limit: 1 },
    as: admin,
    test() {
      pm.test('200', () => pm.response.to.have.status(200));
      pm.collectionVariables.set('homeArea', pm.response.json().data[0].id);
    },
  },
  {
    name: 'Validate a new team',
    op: 'createTeam',
    query: { validateOnly: 'true' },
    as: admin,
    body: { name: 'North {{run}}', area: { unquoted: 'homeArea' } },
    test() {
      pm.test('200 with a null id', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().id).to.eql(null);
      });
    },
  },
  {
    name: 'Create a team',
    op: 'createTeam',
    as: admin,
    body: { name: 'North {{run}}', area: { unquoted: 'homeArea' } },
    test() {
      const team = pm.response.json();
      pm.test('201 without leaders and members', () => {
        pm.response.to.have.status(201);
        pm.expect(team).to.include({ state: 'active', memberCount: 0 });
        pm.expect(team.leaders).to.eql([]);
      });
      pm.collectionVariables.set('team', team.id);
    },
  },
  {
    name: 'Create another team',
    op: 'createTeam',
    as: admin,
    body: { name: 'South {{run}}' },
    test() {
      pm.test('201', () => pm.response.to.have.status(201));
      pm.collectionVariables.set('otherTeam', pm.response.json().id);
    },
  },
  {
    name: 'Add members to the other team',
    op: 'addTeamMembers',
    path: { id: '{{otherTeam}}' },
    as: admin,
    body: { users: [{ unquoted: 'member' }] },
    test() {
      pm.test('200', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().added).to.eql([Number(pm.collectionVariables.get('member'))]);
      });
    },
  },
  {
    name: 'Reject a member of another team',
    op: 'addTeamMembers',
    path: { id: '{{team}}' },
    as: admin,
    body: { users: [{ unquoted: 'member' }] },
    test: expectProblem(409, 'in-another-team'),
  },
  {
    name: 'Move members to the team',
    op: 'addTeamMembers',
    path: { id: '{{team}}' },
    as: admin,
    body: { users: [{ unquoted: 'member' }], move: true },
    test() {
      const [moved] = pm.response.json().moved;
      pm.test('200 with the team that the user left', () => {
        pm.response.to.have.status(200);
        pm.expect(moved.from.id).to.eql(Number(pm.collectionVariables.get('otherTeam')));
      });
    },
  },
  {
    name: 'Create a team leader',
    op: 'createUser',
    as: admin,
    body: {
      username: 'pm-leader-{{run}}',
      name: 'Shirin Akter',
      roles: [{ role: 'team_leader', teams: [{ unquoted: 'team' }] }],
    },
    test() {
      const body = pm.response.json();
      pm.test('201', () => pm.response.to.have.status(201));
      pm.collectionVariables.set('leader', body.id);
      pm.collectionVariables.set('oneTimePassword', body.oneTimePassword);
    },
  },
  {
    name: 'Log in as the team leader',
    op: 'logIn',
    as: anonymous,
    body: { username: 'pm-leader-{{run}}', password: '{{oneTimePassword}}' },
    test() {
      const body = pm.response.json();
      pm.test('200', () => pm.response.to.have.status(200));
      pm.collectionVariables.set('firstToken', body.accessToken);
    },
  },
  {
    name: 'Change the password of the team leader',
    op: 'changePassword',
    as: firstToken,
    body: { currentPassword: '{{oneTimePassword}}', newPassword: 'Dol@{{run}}' },
    test() {
      const body = pm.response.json();
      pm.test('200', () => pm.response.to.have.status(200));
      pm.collectionVariables.set('leaderToken', body.accessToken);
    },
  },
  {
    name: 'List the teams of the leader',
    op: 'listTeams',
    query: { state: 'active', leaderless: false },
    test() {
      const [team] = pm.response.json().data;
      pm.test('200 with one team', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().data.length).to.eql(1);
        pm.expect(team.leaders[0].username).to.eql(`pm-leader-${pm.collectionVariables.get('run')}`);
      });
    },
  },
  {
    name: 'List the members of the team',
    op: 'listTeamMembers',
    path: { id: '{{team}}' },
    test() {
      pm.test('200 with one member', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().data.map((member) => member.id)).to.eql([Number(pm.collectionVariables.get('member'))]);
      });
    },
  },
  {
    name: 'Get the team',
    op: 'getTeam',
    path: { id: '{{team}}' },
    test() {
      pm.test('200 with one member', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().memberCount).to.eql(1);
      });
    },
  },
  {
    name: 'Cannot get another team',
    op: 'getTeam',
    path: { id: '{{otherTeam}}' },
    test: expectProblem(404, 'not-found'),
  },
  {
    name: 'List the retailers of the members',
    op: 'listRetailers',
    query: { includeTotal: true, limit: 1 },
    test() {
      const body = pm.response.json();
      pm.test('200 with the retailers of the member', () => {
        pm.response.to.have.status(200);
        pm.expect(body.page.total).to.eql(Number(pm.collectionVariables.get('memberCount')));
      });
      pm.collectionVariables.set('teamRetailer', body.data[0].uid);
    },
  },
  {
    name: 'Update a retailer of the team',
    op: 'updateRetailer',
    path: { uid: '{{teamRetailer}}' },
    body: { points: 7 },
    test() {
      pm.test('200', () => pm.response.to.have.status(200));
    },
  },
  {
    name: 'Cannot add members as a team leader',
    op: 'addTeamMembers',
    path: { id: '{{team}}' },
    body: { users: [{ unquoted: 'leader' }] },
    test: expectProblem(403, 'forbidden'),
  },
  {
    name: 'Rename the team',
    op: 'updateTeam',
    path: { id: '{{team}}' },
    as: admin,
    body: { name: 'North-east {{run}}' },
    test() {
      pm.test('200', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().name).to.eql(`North-east ${pm.collectionVariables.get('run')}`);
      });
    },
  },
  {
    name: 'Clear the home area of the team',
    op: 'putTeam',
    path: { id: '{{team}}' },
    as: admin,
    body: { area: null },
    test() {
      pm.test('200', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().area).to.eql(null);
      });
    },
  },
  {
    name: 'Cannot close a team with members',
    op: 'closeTeam',
    path: { id: '{{team}}' },
    as: admin,
    test: expectProblem(409, 'in-use'),
  },
  {
    name: 'Remove the member',
    op: 'removeTeamMember',
    path: { id: '{{team}}', userId: '{{member}}' },
    as: admin,
    test() {
      pm.test('204', () => pm.response.to.have.status(204));
    },
  },
  {
    name: 'The leader no longer sees retailers',
    op: 'listRetailers',
    query: { includeTotal: true },
    test() {
      pm.test('200 without retailers', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().page.total).to.eql(0);
      });
    },
  },
  {
    name: 'Close the team',
    op: 'closeTeam',
    path: { id: '{{team}}' },
    as: admin,
    test() {
      pm.test('204', () => pm.response.to.have.status(204));
    },
  },
  {
    name: 'Close the other team',
    op: 'closeTeam',
    path: { id: '{{otherTeam}}' },
    as: admin,
    test() {
      pm.test('204', () => pm.response.to.have.status(204));
    },
  },
  {
    name: 'Disable the team leader',
    op: 'disableUser',
    path: { id: '{{leader}}' },
    as: admin,
    test() {
      pm.test('204', () => pm.response.to.have.status(204));
    },
  },
]);
