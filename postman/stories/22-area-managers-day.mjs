import { admin, anonymous, expectProblem, story } from '../story.mjs';

const manager = '{{areaToken}}';

export default story("An area manager's day", {
  description: 'The area manager of the demo works only with the retailers, the team and the activity of their area.',
  as: manager,
}, [
  {
    name: 'Log in as the area manager',
    op: 'logIn',
    as: anonymous,
    body: { username: 'area', password: '{{repPassword}}' },
    test() {
      const body = pm.response.json();
      pm.test('200', () => {
        pm.response.to.have.status(200);
        pm.expect(body.user.role).to.eql('area_manager');
      });
      pm.collectionVariables.set('areaToken', body.accessToken);
    },
  },
  {
    name: 'List the retailers of my area',
    op: 'listRetailers',
    query: { includeTotal: true, limit: 5 },
    test() {
      const { data: retailers, page } = pm.response.json();
      pm.test('200 with retailers of one area', () => {
        pm.response.to.have.status(200);
        pm.expect(page.total).to.be.above(0);
        pm.expect(new Set(retailers.map(({ area }) => area.id)).size).to.eql(1);
      });
      pm.collectionVariables.set('areaId', retailers[0].area.id);
      pm.collectionVariables.set('areaRetailer', retailers[0].uid);
      pm.collectionVariables.set('areaWord', encodeURIComponent(retailers[0].name.split(' ')[0]));
    },
  },
  {
    name: 'Search in my area',
    op: 'listRetailers',
    query: { q: '{{areaWord}}' },
    test() {
      const { data: retailers } = pm.response.json();
      pm.test('200 with matches in the area only', () => {
        pm.response.to.have.status(200);
        pm.expect(retailers.length).to.be.above(0);
        retailers.forEach(({ area }) => pm.expect(area.id).to.eql(Number(pm.collectionVariables.get('areaId'))));
      });
    },
  },
  {
    name: 'Get a retailer of my area',
    op: 'getRetailer',
    path: { uid: '{{areaRetailer}}' },
    test() {
      pm.test('200', () => pm.response.to.have.status(200));
    },
  },
  {
    name: 'Update a retailer of my area',
    op: 'updateRetailer',
    path: { uid: '{{areaRetailer}}' },
    body: { notes: 'Visited with the team leader' },
    test() {
      pm.test('200', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().notes).to.eql('Visited with the team leader');
      });
    },
  },
  {
    name: 'Find a retailer in another area',
    op: 'adminListRetailers',
    query: { limit: 200, sort: '-uid' },
    as: admin,
    test() {
      const area = Number(pm.collectionVariables.get('areaId'));
      const other = pm.response.json().data.find((retailer) => retailer.area.id !== area);
      pm.test('200', () => pm.response.to.have.status(200));
      pm.collectionVariables.set('outsideRetailer', other.uid);
    },
  },
  {
    name: 'Cannot get a retailer outside my area',
    op: 'getRetailer',
    path: { uid: '{{outsideRetailer}}' },
    test: expectProblem(404, 'not-found'),
  },
  {
    name: 'Cannot update a retailer outside my area',
    op: 'updateRetailer',
    path: { uid: '{{outsideRetailer}}' },
    body: { points: 5 },
    test: expectProblem(404, 'not-found'),
  },
  {
    name: 'List the teams of my area',
    op: 'listTeams',
    test() {
      const { data: teams } = pm.response.json();
      pm.test('200 with the team whose home area this is', () => {
        pm.response.to.have.status(200);
        pm.expect(teams.map(({ name }) => name)).to.eql(['Team Meghna']);
        pm.expect(teams[0].area.id).to.eql(Number(pm.collectionVariables.get('areaId')));
        pm.expect(teams[0].leaders.map(({ username }) => username)).to.eql(['leader1']);
      });
      pm.collectionVariables.set('areaTeam', teams[0].id);
    },
  },
  {
    name: 'List the members of the team of my area',
    op: 'listTeamMembers',
    path: { id: '{{areaTeam}}' },
    test() {
      pm.test('200 with sales reps', () => {
        pm.response.to.have.status(200);
        const members = pm.response.json().data;
        pm.expect(members.length).to.be.above(0);
        members.forEach(({ role }) => pm.expect(role).to.eql('sales_rep'));
      });
      pm.collectionVariables.set('areaMember', pm.response.json().data[0].id);
    },
  },
  {
    name: 'Plan an assignment in my area',
    op: 'createPlan',
    body: {
      action: 'assign',
      assignments: [{ salesRep: { unquoted: 'areaMember' }, retailers: ['{{areaRetailer}}', '{{outsideRetailer}}'] }],
    },
    test() {
      const plan = pm.response.json();
      pm.test('201 with the retailer of the area, and the other one not found', () => {
        pm.response.to.have.status(201);
        pm.expect(plan.assigned + plan.alreadyAssigned).to.eql(1);
        pm.expect(plan.notFound).to.eql([pm.collectionVariables.get('outsideRetailer')]);
      });
      pm.collectionVariables.set('areaPlan', plan.batchId);
    },
  },
  {
    name: 'List my plans',
    op: 'listBatches',
    query: { state: 'planned' },
    test() {
      pm.test('200 with my plan', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().data.map(({ id }) => id)).to.include(Number(pm.collectionVariables.get('areaPlan')));
      });
    },
  },
  {
    name: 'List the activity of my team',
    op: 'listActivity',
    query: { from: '2026-01-01', to: '2026-12-31', groupBy: 'team' },
    test() {
      pm.test('200 with no other team', () => {
        pm.response.to.have.status(200);
        const teams = pm.response.json().data.map(({ team }) => team && team.id);
        pm.expect([Number(pm.collectionVariables.get('areaTeam')), null]).to.include.members(teams);
      });
    },
  },
  {
    name: 'Cannot create a retailer as an area manager',
    op: 'createRetailer',
    body: { uid: 'pm-area-{{run}}', name: 'Karim Store', territory: 1 },
    test: expectProblem(403, 'forbidden'),
  },
]);
