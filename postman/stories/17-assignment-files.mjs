import { admin, pollDelay, story, unquoted } from '../story.mjs';

const csv = { 'Content-Type': 'text/csv' };

/** A form with a file and options. */
const form = (options, rows) => ({
  raw: [
    ...Object.entries(options).map(([name, value]) => `--haat\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`),
    `--haat\r\nContent-Disposition: form-data; name="file"; filename="sales reps.csv"\r\nContent-Type: text/csv\r\n\r\n${rows}\r\n`,
    '--haat--\r\n',
  ].join(''),
  headers: { 'Content-Type': 'multipart/form-data; boundary=haat' },
});

const accepted = [
  "pm.test('202 with Location', () => {",
  '  pm.response.to.have.status(202);',
  "  pm.expect(pm.response.headers.get('Location')).to.eql(`/admin/assignments/jobs/${pm.response.json().id}`);",
  '});',
  "pm.collectionVariables.set('job', pm.response.json().id);",
  "pm.collectionVariables.set('polls', 0);",
];

/** Polls the job, and then expects this of it. */
const poll = (name, expected) => ({
  name,
  op: 'getAssignmentJob',
  path: { id: '{{job}}' },
  before: pollDelay,
  test: [
    'const body = pm.response.json();',
    "const polls = Number(pm.collectionVariables.get('polls')) + 1;",
    "pm.collectionVariables.set('polls', polls);",
    "if (['QUEUED', 'RUNNING'].includes(body.state) && polls < 150) {",
    '  pm.execution.setNextRequest(pm.info.requestName);',
    '} else {',
    `  pm.test('200 ${expected.state}', () => {`,
    '    pm.response.to.have.status(200);',
    `    pm.expect(body).to.include(${JSON.stringify({ state: expected.state, outcome: expected.outcome })});`,
    `    pm.expect(body.rows).to.include(${JSON.stringify(expected.rows)});`,
    `    pm.expect(body.counts).to.include(${JSON.stringify(expected.counts)});`,
    '  });',
    '}',
  ],
});

const createRep = (number) => ({
  name: `Create sales rep ${number} for the files`,
  op: 'createSalesRep',
  body: { username: `pf${number}-{{run}}`, name: 'File Rep', capacity: 5 },
  test: ["pm.test('201', () => pm.response.to.have.status(201));"],
});

const createRetailer = (number) => ({
  name: `Create retailer ${number} for the files`,
  op: 'createRetailer',
  body: { uid: `PF-{{run}}-${number}`, name: 'File Store {{run}}', territory: unquoted('fileTerritory') },
  test: ["pm.test('201', () => pm.response.to.have.status(201));"],
});

export default story('Assignment files', {
  description: 'An administrator assigns retailers with a form, corrects the rows with errors, edits an export and sends it back.',
  as: admin,
}, [
  createRep(1),
  createRep(2),
  {
    name: 'Find a territory for the files',
    op: 'listTerritories',
    query: { limit: '1' },
    test() {
      pm.test('200', () => pm.response.to.have.status(200));
      pm.collectionVariables.set('fileTerritory', pm.response.json().data[0].id);
    },
  },
  createRetailer(1),
  createRetailer(2),
  createRetailer(3),
  {
    name: 'Assign retailers with a form',
    op: 'bulkAssign',
    ...form({ ifAssigned: 'move' }, 'uid,sales_rep\r\nPF-{{run}}-1,pf1-{{run}}\r\nPF-{{run}}-2,pf1-{{run}}\r\nPF-{{run}}-9,pf1-{{run}}'),
    test: accepted,
  },
  poll('Poll the job of the form', {
    state: 'PARTIAL', outcome: 'partial', rows: { read: 3, failed: 1 }, counts: { assigned: 2 },
  }),
  {
    name: 'List the rows of the form with errors',
    op: 'listAssignmentJobErrors',
    path: { id: '{{job}}' },
    test() {
      const run = pm.collectionVariables.get('run');
      const rows = pm.response.text().replace('\uFEFF', '').split('\r\n');
      pm.test('200 with the original cells and the error', () => {
        pm.response.to.have.status(200);
        pm.expect(rows[0]).to.eql('uid,sales_rep,row,code,field,message,message_bn');
        pm.expect(rows[1].startsWith(`PF-${run}-9,pf1-${run},4,not-found,uid,`)).to.eql(true);
      });
      pm.collectionVariables.set('corrected', pm.response.text().replace(`PF-${run}-9`, `PF-${run}-3`));
    },
  },
  {
    name: 'Send the corrected rows again',
    op: 'bulkAssign',
    raw: '{{corrected}}',
    headers: csv,
    test: accepted,
  },
  poll('Poll the job of the corrected rows', {
    state: 'SUCCEEDED', outcome: 'complete', rows: { read: 1, failed: 0 }, counts: { assigned: 1 },
  }),
  {
    name: 'Export the retailers with their sales reps',
    op: 'exportRetailers',
    query: { salesRep: 'pf1-{{run}}' },
    test() {
      const run = pm.collectionVariables.get('run');
      const rows = pm.response.text().split('\r\n').filter((row) => row !== '');
      pm.test('200 with the sales rep of each retailer', () => {
        pm.response.to.have.status(200);
        pm.expect(rows).to.have.lengthOf(4);
        pm.expect(rows[0].endsWith(',sales_reps')).to.eql(true);
        rows.slice(1).forEach((row) => pm.expect(row.endsWith(`,pf1-${run}`)).to.eql(true));
      });
      // Retailer 1 gets a second sales rep, retailer 2 another one, and retailer 3 loses its only one.
      const edited = rows.map((row) => row
        .replace(new RegExp(`^(PF-.*-1,.*),pf1-${run}$`), `$1,pf1-${run};pf2-${run}`)
        .replace(new RegExp(`^(PF-.*-2,.*),pf1-${run}$`), `$1,pf2-${run}`)
        .replace(new RegExp(`^(PF-.*-3,.*),pf1-${run}$`), '$1,'));
      pm.collectionVariables.set('edited', `${edited.join('\r\n')}\r\n`);
    },
  },
  {
    name: 'Send the edited export back',
    op: 'bulkAssign',
    query: { ifAssigned: 'move' },
    raw: '{{edited}}',
    headers: csv,
    test: accepted,
  },
  poll('Poll the job of the edited export', {
    state: 'SUCCEEDED', outcome: 'complete', rows: { read: 3, failed: 0 }, counts: { assigned: 1, alreadyAssigned: 1, moved: 1, unassigned: 1 },
  }),
  {
    name: 'Transfer retailers with a file',
    op: 'transferRetailers',
    raw: 'uid,from,to\r\nPF-{{run}}-2,pf2-{{run}},pf1-{{run}}\r\nPF-{{run}}-3,pf2-{{run}},pf1-{{run}}\r\n',
    headers: csv,
    test: accepted,
  },
  poll('Poll the job of the transfers', {
    state: 'PARTIAL', outcome: 'partial', rows: { read: 2, failed: 1 }, counts: { moved: 1 },
  }),
  {
    name: 'Unassign retailers with a file',
    op: 'bulkUnassign',
    raw: 'uid,sales_rep\r\nPF-{{run}}-1,pf2-{{run}}\r\nPF-{{run}}-3,pf2-{{run}}\r\n',
    headers: csv,
    test: accepted,
  },
  poll('Poll the job of the unassignments', {
    state: 'SUCCEEDED', outcome: 'complete', rows: { read: 2, failed: 0 }, counts: { unassigned: 1, notAssigned: 1 },
  }),
]);
