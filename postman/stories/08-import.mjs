import { admin, pollDelay, rep, story } from '../story.mjs';

export default story('Import', {
  description: 'Imports retailers from CSV files and undoes the imports.',
  as: admin,
}, [
  {
    name: 'Import retailers from CSV',
    op: 'importRetailers',
    query: { fileName: 'retailers.csv' },
    raw: 'uid,name,phone,territory_id,colour\r\nPM-{{run}}-i1,রহিম স্টোর,01711234567,{{territory}},red\r\nPM-{{run}}-i2,Karim Store,,{{territory}},red\r\nPM-{{run}}-i3,,,{{territory}},red\r\n',
    headers: { 'Content-Type': 'text/csv' },
    test() {
      const body = pm.response.json();
      pm.test('202 with Location', () => {
        pm.response.to.have.status(202);
        pm.expect(pm.response.headers.get('Location')).to.eql(`/admin/retailers/imports/${body.id}`);
        pm.expect(body).to.have.all.keys('id', 'state', 'fileName', 'sizeBytes', 'rows', 'options', 'warnings', 'errors', 'failure', 'preview', 'sample', 'newPlaces', 'undo', 'batchId', 'requestedBy', 'createdAt', 'startedAt', 'finishedAt');
        pm.expect(body).to.include({ state: 'QUEUED', fileName: 'retailers.csv', failure: null, undo: null });
        pm.expect(body.options).to.eql({ dryRun: false, mode: 'upsert', onError: 'skip', createMissing: false, duplicates: 'error', restoreDeleted: false });
      });
      pm.collectionVariables.set('import', pm.response.headers.get('Location').split('/').pop());
      pm.collectionVariables.set('polls', 0);
    },
  },
  {
    name: 'Poll the import',
    op: 'getImport',
    path: { id: '{{import}}' },
    before: pollDelay,
    test() {
      const body = pm.response.json();
      const polls = Number(pm.collectionVariables.get('polls')) + 1;
      pm.collectionVariables.set('polls', polls);
      const pending = ['QUEUED', 'VALIDATING', 'APPLYING'].includes(body.state) || (body.undo && !body.undo.finished);
      if (pending && polls < 150) {
        pm.execution.setNextRequest(pm.info.requestName);
      } else {
        pm.test('200 with state PARTIAL and one failed row', () => {
          pm.response.to.have.status(200);
          pm.expect(body).to.include({ state: 'PARTIAL', failure: null });
          pm.expect(body.rows).to.eql({ total: 3, processed: 3, created: 2, updated: 0, unchanged: 0, failed: 1 });
          pm.expect(body.warnings).to.eql([{ code: 'extra-columns', columns: ['colour'], rows: null, examples: [] }]);
          pm.expect(body.batchId).to.be.a('number');
        });
      }
    },
  },
  {
    name: 'Get an imported retailer',
    op: 'adminGetRetailer',
    path: { uid: 'PM-{{run}}-i1' },
    test() {
      pm.test('200 with the data from the file', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.json()).to.include({ name: 'রহিম স্টোর', phone: '+8801711234567' });
      });
    },
  },
  {
    name: 'List the failed rows of the import',
    op: 'listImportErrors',
    path: { id: '{{import}}' },
    test() {
      const run = pm.collectionVariables.get('run');
      pm.test('200 with a CSV of only the failed rows', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.headers.get('Content-Type')).to.match(/^text\/csv/);
        pm.expect(pm.response.text()).to.include(`PM-${run}-i3`).and.to.include('required');
        pm.expect(pm.response.text()).not.to.include(`PM-${run}-i1`);
      });
    },
  },
  {
    name: 'List imports',
    op: 'listImports',
    query: { limit: '1' },
    test() {
      const body = pm.response.json();
      pm.test('200, newest first', () => {
        pm.response.to.have.status(200);
        pm.expect(body.data).to.have.length(1);
        pm.expect(body.data[0].id).to.eql(Number(pm.collectionVariables.get('import')));
        pm.expect(body.page.limit).to.eql(1);
      });
    },
  },
  {
    name: 'Stream the events of a finished import',
    op: 'streamImportEvents',
    path: { id: '{{import}}' },
    test() {
      pm.test('200 with an end event', () => {
        pm.response.to.have.status(200);
        pm.expect(pm.response.headers.get('Content-Type')).to.match(/^text\/event-stream/);
        pm.expect(pm.response.text()).to.match(/event: end\ndata: .*"state":"PARTIAL"/);
      });
    },
  },
  {
    name: 'Cancel a finished import',
    op: 'cancelImport',
    path: { id: '{{import}}' },
    test() {
      pm.test('409 import-state', () => {
        pm.response.to.have.status(409);
        const body = pm.response.json();
        pm.expect(body.code).to.eql('import-state');
        pm.expect(body.detail).to.include('PARTIAL');
      });
    },
  },
  {
    name: 'Preview the undo of an import',
    op: 'undoImport',
    path: { id: '{{import}}' },
    body: { validateOnly: true },
    test() {
      const body = pm.response.json();
      pm.test('200 with two retailers to remove', () => {
        pm.response.to.have.status(200);
        pm.expect(body.undoPreview).to.eql({ restored: 0, removed: 2, changed: 0, changedRetailers: [] });
        pm.expect(body).to.include({ state: 'PARTIAL', undo: null });
      });
    },
  },
  {
    name: 'Undo the import',
    op: 'undoImport',
    path: { id: '{{import}}' },
    test() {
      const body = pm.response.json();
      pm.test('202 with Location', () => {
        pm.response.to.have.status(202);
        pm.expect(pm.response.headers.get('Location')).to.eql(`/admin/retailers/imports/${body.id}`);
        pm.expect(body.undoPreview).to.eql(null);
      });
      pm.collectionVariables.set('import', pm.response.headers.get('Location').split('/').pop());
      pm.collectionVariables.set('polls', 0);
    },
  },
  {
    name: 'Poll the undo of the import',
    op: 'getImport',
    path: { id: '{{import}}' },
    before: pollDelay,
    test() {
      const body = pm.response.json();
      const polls = Number(pm.collectionVariables.get('polls')) + 1;
      pm.collectionVariables.set('polls', polls);
      const pending = ['QUEUED', 'VALIDATING', 'APPLYING'].includes(body.state) || (body.undo && !body.undo.finished);
      if (pending && polls < 150) {
        pm.execution.setNextRequest(pm.info.requestName);
      } else {
        pm.test('200 with state UNDONE', () => {
          pm.response.to.have.status(200);
          pm.expect(body.state).to.eql('UNDONE');
          pm.expect(body.undo).to.include({ restored: 0, removed: 2, changed: 0, finished: true });
        });
      }
    },
  },
  {
    name: 'Get the retailer after the undo',
    op: 'adminGetRetailer',
    path: { uid: 'PM-{{run}}-i1' },
    test() {
      pm.test('deleted or not found', () => {
        pm.expect(pm.response.code).to.be.oneOf([200, 404]);
        if (pm.response.code === 200) {
          pm.expect(pm.response.json().deletedAt).to.be.a('string');
        }
      });
    },
  },
  {
    name: 'Import with a dry run',
    op: 'importRetailers',
    query: { dryRun: 'true' },
    raw: 'uid,name,territory_id\r\nPM-{{run}}-i4,Dry Store,{{territory}}\r\n',
    headers: { 'Content-Type': 'text/csv' },
    test() {
      const body = pm.response.json();
      pm.test('202 with Location', () => {
        pm.response.to.have.status(202);
        pm.expect(pm.response.headers.get('Location')).to.eql(`/admin/retailers/imports/${body.id}`);
        pm.expect(body.options.dryRun).to.eql(true);
      });
      pm.collectionVariables.set('import', pm.response.headers.get('Location').split('/').pop());
      pm.collectionVariables.set('polls', 0);
    },
  },
  {
    name: 'Poll the dry run',
    op: 'getImport',
    path: { id: '{{import}}' },
    before: pollDelay,
    test() {
      const body = pm.response.json();
      const polls = Number(pm.collectionVariables.get('polls')) + 1;
      pm.collectionVariables.set('polls', polls);
      const pending = ['QUEUED', 'VALIDATING', 'APPLYING'].includes(body.state) || (body.undo && !body.undo.finished);
      if (pending && polls < 150) {
        pm.execution.setNextRequest(pm.info.requestName);
      } else {
        pm.test('200 with state READY and a preview', () => {
          pm.response.to.have.status(200);
          pm.expect(body).to.include({ state: 'READY', batchId: null });
          pm.expect(body.preview).to.eql({ created: 1, updated: 0, unchanged: 0, failed: 0 });
          pm.expect(body.sample[0]).to.include({ row: 2, action: 'create' });
        });
      }
    },
  },
  {
    name: 'Check that the dry run created no retailer',
    op: 'adminGetRetailer',
    path: { uid: 'PM-{{run}}-i4' },
    test() {
      pm.test('404 not-found', () => {
        pm.response.to.have.status(404);
        const body = pm.response.json();
        pm.expect(body.code).to.eql('not-found');
      });
    },
  },
  {
    name: 'Apply the dry run',
    op: 'applyImport',
    path: { id: '{{import}}' },
    test() {
      const body = pm.response.json();
      pm.test('202 with Location', () => {
        pm.response.to.have.status(202);
        pm.expect(pm.response.headers.get('Location')).to.eql(`/admin/retailers/imports/${body.id}`);
        pm.expect(body.state).to.eql('APPLYING');
      });
      pm.collectionVariables.set('import', pm.response.headers.get('Location').split('/').pop());
      pm.collectionVariables.set('polls', 0);
    },
  },
  {
    name: 'Poll the applied import',
    op: 'getImport',
    path: { id: '{{import}}' },
    before: pollDelay,
    test() {
      const body = pm.response.json();
      const polls = Number(pm.collectionVariables.get('polls')) + 1;
      pm.collectionVariables.set('polls', polls);
      const pending = ['QUEUED', 'VALIDATING', 'APPLYING'].includes(body.state) || (body.undo && !body.undo.finished);
      if (pending && polls < 150) {
        pm.execution.setNextRequest(pm.info.requestName);
      } else {
        pm.test('200 with state SUCCEEDED', () => {
          pm.response.to.have.status(200);
          pm.expect(body.state).to.eql('SUCCEEDED');
          pm.expect(body.rows).to.eql({ total: 1, processed: 1, created: 1, updated: 0, unchanged: 0, failed: 0 });
        });
      }
    },
  },
  {
    name: 'Apply the import again',
    op: 'applyImport',
    path: { id: '{{import}}' },
    test() {
      pm.test('409 import-state', () => {
        pm.response.to.have.status(409);
        const body = pm.response.json();
        pm.expect(body.code).to.eql('import-state');
        pm.expect(body.detail).to.include('SUCCEEDED');
      });
    },
  },
  {
    name: 'Undo the applied import',
    op: 'undoImport',
    path: { id: '{{import}}' },
    test() {
      const body = pm.response.json();
      pm.test('202 with Location', () => {
        pm.response.to.have.status(202);
        pm.expect(pm.response.headers.get('Location')).to.eql(`/admin/retailers/imports/${body.id}`);
        pm.expect(body.undoPreview).to.eql(null);
      });
      pm.collectionVariables.set('import', pm.response.headers.get('Location').split('/').pop());
      pm.collectionVariables.set('polls', 0);
    },
  },
  {
    name: 'Poll the undo of the applied import',
    op: 'getImport',
    path: { id: '{{import}}' },
    before: pollDelay,
    test() {
      const body = pm.response.json();
      const polls = Number(pm.collectionVariables.get('polls')) + 1;
      pm.collectionVariables.set('polls', polls);
      const pending = ['QUEUED', 'VALIDATING', 'APPLYING'].includes(body.state) || (body.undo && !body.undo.finished);
      if (pending && polls < 150) {
        pm.execution.setNextRequest(pm.info.requestName);
      } else {
        pm.test('200 with state UNDONE', () => {
          pm.response.to.have.status(200);
          pm.expect(body.state).to.eql('UNDONE');
          pm.expect(body.undo).to.include({ restored: 0, removed: 1, changed: 0, finished: true });
        });
      }
    },
  },
  {
    name: 'Import with an unknown mode',
    op: 'importRetailers',
    query: { mode: 'delete' },
    raw: 'uid\r\n',
    headers: { 'Content-Type': 'text/csv' },
    test() {
      pm.test('422 invalid-fields', () => {
        pm.response.to.have.status(422);
        const body = pm.response.json();
        pm.expect(body.code).to.eql('invalid-fields');
        pm.expect(body.errors[0].field).to.eql('mode');
      });
    },
  },
  {
    name: 'Import a JSON body',
    op: 'importRetailers',
    body: {},
    test() {
      pm.test('415 unsupported-media-type', () => {
        pm.response.to.have.status(415);
        const body = pm.response.json();
        pm.expect(body.code).to.eql('unsupported-media-type');
      });
    },
  },
  {
    name: 'Get an unknown import',
    op: 'getImport',
    path: { id: '999999999999' },
    test() {
      pm.test('404 not-found', () => {
        pm.response.to.have.status(404);
        const body = pm.response.json();
        pm.expect(body.code).to.eql('not-found');
      });
    },
  },
  {
    name: 'Import as a sales rep',
    op: 'importRetailers',
    as: rep,
    raw: 'uid\r\n',
    headers: { 'Content-Type': 'text/csv' },
    test() {
      pm.test('403 forbidden', () => {
        pm.response.to.have.status(403);
        const body = pm.response.json();
        pm.expect(body.code).to.eql('forbidden');
      });
    },
  },
  {
    name: 'List imports as a sales rep',
    op: 'listImports',
    as: rep,
    test() {
      pm.test('403 forbidden', () => {
        pm.response.to.have.status(403);
        const body = pm.response.json();
        pm.expect(body.code).to.eql('forbidden');
      });
    },
  },
]);
