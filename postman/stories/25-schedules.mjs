import { admin, expectProblem, pollDelay, story } from '../story.mjs';

const prune = { context: 'platform', action: 'prune' };

export default story('Schedules', {
  description: 'A super admin sees what runs at fixed times, pauses a schedule, and runs it now. The token is that of the story "Tenants".',
  as: '{{rootToken}}',
}, [
  {
    name: 'List the schedules',
    op: 'listSchedules',
    test() {
      const body = pm.response.json();
      pm.test('200 with the deletion of old rows', () => {
        pm.response.to.have.status(200);
        pm.expect(body.data.find(({ name }) => name === 'platform/prune')).to.include({ scope: 'platform', cron: '17 * * * *' });
      });
    },
  },
  {
    name: 'Pause a schedule',
    op: 'updateSchedule',
    path: prune,
    body: { enabled: false },
    test() {
      pm.test('200 without a next slot', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json()).to.include({ enabled: false, nextSlot: null });
      });
    },
  },
  {
    name: 'Resume the schedule',
    op: 'updateSchedule',
    path: prune,
    body: { enabled: true },
    test() {
      pm.test('200 with a next slot', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json().nextSlot).to.be.a('string');
      });
    },
  },
  {
    name: 'Run the schedule now',
    op: 'runSchedule',
    path: prune,
    test() {
      pm.test('202 with a job', () => {
        pm.response.to.have.status(202);
        pm.expect(pm.response.json()).to.include({ schedule: 'platform/prune', slot: null });
      });
      pm.collectionVariables.set('pruneJob', pm.response.json().id);
      pm.collectionVariables.set('polls', 0);
    },
  },
  {
    name: 'Poll the job of the schedule',
    op: 'getJob',
    path: { id: '{{pruneJob}}' },
    before: pollDelay,
    test() {
      const polls = Number(pm.collectionVariables.get('polls')) + 1;
      pm.collectionVariables.set('polls', polls);
      if (pm.response.json().finishedAt === null && polls < 150) {
        pm.execution.setNextRequest(pm.info.requestName);
      } else {
        pm.test('200 succeeded', () => pm.expect(pm.response.json().state).to.eql('succeeded'));
      }
    },
  },
  {
    name: 'Cannot pause a schedule of the platform as an administrator of a company',
    op: 'updateSchedule',
    as: admin,
    path: prune,
    body: { enabled: false },
    test: expectProblem(403, 'forbidden'),
  },
]);
