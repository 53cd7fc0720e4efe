import { admin, anonymous, expectProblem, story } from '../story.mjs';

const leader = '{{leader1Token}}';

export default story("A team leader's day", {
  description: 'The demo has two team leaders. The first one works with the retailers that the members of Team Meghna serve.',
  as: leader,
}, [
  {
    name: 'Log in as the leader of a team',
    op: 'logIn',
    as: anonymous,
    body: { username: 'leader1', password: '{{repPassword}}' },
    test() {
      const body = pm.response.json();
      pm.test('200', () => {
        pm.response.to.have.status(200);
        pm.expect(body.user.role).to.eql('team_leader');
      });
      pm.collectionVariables.set('leader1Token', body.accessToken);
    },
  },
  {
    name: 'List my team',
    op: 'listTeams',
    test() {
      const { data: teams } = pm.response.json();
      pm.test('200 with one team', () => {
        pm.response.to.have.status(200);
        pm.expect(teams.map(({ name }) => name)).to.eql(['Team Meghna']);
      });
      pm.collectionVariables.set('myTeam', teams[0].id);
    },
  },
  {
    name: 'List the members of my team',
    op: 'listTeamMembers',
    path: { id: '{{myTeam}}' },
    test() {
      const { data: members } = pm.response.json();
      pm.test('200 with members', () => {
        pm.response.to.have.status(200);
        pm.expect(members.length).to.be.above(0);
      });
      pm.collectionVariables.set('myMember', members[0].id);
    },
  },
  {
    name: 'List the retailers of my team with their sales reps',
    op: 'adminListRetailers',
    query: { includeTotal: true },
    test() {
      const { data: retailers, page } = pm.response.json();
      pm.test('200 with retailers that have sales reps', () => {
        pm.response.to.have.status(200);
        pm.expect(page.total).to.be.above(0);
        retailers.forEach(({ salesReps }) => pm.expect(salesReps.length).to.be.above(0));
      });
    },
  },
  {
    name: 'List the retailers of my team',
    op: 'listRetailers',
    query: { limit: 5 },
    test() {
      const { data: retailers } = pm.response.json();
      pm.test('200', () => pm.response.to.have.status(200));
      pm.collectionVariables.set('myRetailer', retailers[0].uid);
      pm.collectionVariables.set('myWord', encodeURIComponent(retailers[0].name.split(' ')[0]));
    },
  },
  {
    name: 'Search among the retailers of my team',
    op: 'listRetailers',
    query: { q: '{{myWord}}', limit: 200 },
    test() {
      pm.test('200 with the retailer', () => {
        pm.response.to.have.status(200);
        const uids = pm.response.json().data.map(({ uid }) => uid);
        pm.expect(uids).to.include(pm.collectionVariables.get('myRetailer'));
      });
    },
  },
  {
    name: 'Get a retailer of my team',
    op: 'getRetailer',
    path: { uid: '{{myRetailer}}' },
    test() {
      pm.test('200', () => pm.response.to.have.status(200));
    },
  },
  {
    name: 'Update a retailer of my team',
    op: 'updateRetailer',
    path: { uid: '{{myRetailer}}' },
    body: { points: 120 },
    test() {
      pm.test('200', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().points).to.eql(120);
      });
    },
  },
  {
    name: 'Find a retailer without a sales rep',
    op: 'adminListRetailers',
    query: { assigned: false, limit: 1 },
    as: admin,
    test() {
      pm.test('200', () => pm.response.to.have.status(200));
      pm.collectionVariables.set('unservedRetailer', pm.response.json().data[0].uid);
    },
  },
  {
    name: 'Cannot get a retailer that my team does not serve',
    op: 'getRetailer',
    path: { uid: '{{unservedRetailer}}' },
    test: expectProblem(404, 'not-found'),
  },
  {
    name: 'List the activity of the members',
    op: 'listActivity',
    query: { from: '2026-01-01', to: '2026-12-31', groupBy: 'user' },
    test() {
      pm.test('200 without administrators', () => {
        pm.response.to.have.status(200);
        const usernames = pm.response.json().data.map(({ user }) => user.username);
        pm.expect(usernames).not.to.include('admin');
      });
    },
  },
  {
    name: 'Get the activity of a member',
    op: 'getUserActivity',
    path: { id: '{{myMember}}' },
    query: { from: '2026-01-01', to: '2026-12-31' },
    test() {
      pm.test('200', () => pm.response.to.have.status(200));
    },
  },
  {
    name: 'Assign a retailer of my team; one outside the team is not found',
    op: 'bulkAssign',
    body: {
      assignments: [{ salesRep: { unquoted: 'myMember' }, retailers: ['{{myRetailer}}', '{{unservedRetailer}}'] }],
      validateOnly: true,
    },
    test() {
      const result = pm.response.json();
      pm.test('200 with the retailer of the team, and the other one not found', () => {
        pm.response.to.have.status(200);
        pm.expect(result.assigned + result.alreadyAssigned).to.eql(1);
        pm.expect(result.notFound).to.eql([pm.collectionVariables.get('unservedRetailer')]);
      });
    },
  },
]);
