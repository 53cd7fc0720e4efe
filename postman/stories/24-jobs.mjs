import { admin, expectProblem, pollDelay, rep, story } from '../story.mjs';

const csv = { 'Content-Type': 'text/csv' };

const send = 'Send a file to be cancelled';

/** Polls the job until it is in this state. */
const poll = (name, state) => ({
  name,
  op: 'getJob',
  path: { id: '{{toCancel}}' },
  before: pollDelay,
  test: [
    "const polls = Number(pm.collectionVariables.get('polls')) + 1;",
    "pm.collectionVariables.set('polls', polls);",
    `if (pm.response.json().state !== '${state}' && polls < 150) {`,
    '  pm.execution.setNextRequest(pm.info.requestName);',
    '} else {',
    `  pm.test('200 ${state}', () => pm.expect(pm.response.json().state).to.eql('${state}'));`,
    "  pm.collectionVariables.set('polls', 0);",
    '}',
  ],
});

export default story('Background jobs', {
  description: 'An administrator looks at background work: what ran, what failed, and why.',
  as: admin,
}, [
  {
    name: 'List the jobs',
    op: 'listJobs',
    query: { kind: 'assign-file', state: 'succeeded', limit: '2' },
    test() {
      const body = pm.response.json();
      pm.test('200 with jobs that have succeeded', () => {
        pm.response.to.have.status(200);
        pm.expect(body.data).to.have.lengthOf(2);
        body.data.forEach((job) => pm.expect(job).to.include({ kind: 'assign-file', state: 'succeeded', failure: null }));
      });
      pm.collectionVariables.set('anyJob', body.data[0].id);
    },
  },
  {
    name: 'Get a job',
    op: 'getJob',
    path: { id: '{{anyJob}}' },
    test() {
      const job = pm.response.json();
      pm.test('200 with times and arguments, without the file', () => {
        pm.response.to.have.status(200);
        pm.expect(job.finishedAt).to.be.a('string');
        pm.expect(job.args).to.have.property('action');
        pm.expect(job.args).not.to.have.property('file');
      });
    },
  },
  {
    name: 'List the errors of a job',
    op: 'listJobErrors',
    path: { id: '{{anyJob}}' },
    test() {
      pm.test('200', () => pm.response.to.have.status(200));
    },
  },
  {
    name: 'Cannot cancel a job that has ended',
    op: 'cancelJob',
    path: { id: '{{anyJob}}' },
    test: expectProblem(409, 'job-state'),
  },
  {
    name: 'Cannot retry a job that has succeeded',
    op: 'retryJob',
    path: { id: '{{anyJob}}' },
    test: expectProblem(409, 'job-state'),
  },
  {
    name: send,
    op: 'bulkAssign',
    query: { validateOnly: 'true' },
    raw: 'uid,sales_rep\r\nPF-{{run}}-1,pf1-{{run}}\r\n',
    headers: csv,
    test() {
      pm.test('202', () => pm.response.to.have.status(202));
      pm.collectionVariables.set('toCancel', pm.response.json().id);
      pm.collectionVariables.set('polls', 0);
    },
  },
  {
    name: 'Cancel the job',
    op: 'cancelJob',
    path: { id: '{{toCancel}}' },
    test: [
      '// The job may have ended already; then another file is sent.',
      'if (pm.response.code === 409) {',
      `  pm.execution.setNextRequest('${send}');`,
      '} else {',
      "  pm.test('200 and it will end', () => {",
      '    pm.response.to.have.status(200);',
      "    pm.expect(pm.response.json().cancelRequestedAt).to.be.a('string');",
      '  });',
      '}',
    ],
  },
  poll('Poll the job until it is cancelled', 'cancelled'),
  {
    name: 'Retry the cancelled job',
    op: 'retryJob',
    path: { id: '{{toCancel}}' },
    test() {
      pm.test('200 and queued', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json()).to.include({ state: 'queued', cancelRequestedAt: null });
      });
    },
  },
  poll('Poll the job until it has succeeded', 'succeeded'),
  {
    name: 'Cannot list jobs as a sales rep',
    op: 'listJobs',
    as: rep,
    test: expectProblem(403, 'forbidden'),
  },
]);
