// Runs the day of a sales rep and a day in the office through the generated client. Run by scripts/clients:
// node days.js URL
import assert from 'node:assert/strict';
import { createHmac, randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import createClient from 'openapi-fetch';
import type { components, paths } from './api.js';

type Problem = components['schemas']['Problem'];
type Result<T> = { data?: T; error?: Problem; response: Response };

const baseUrl = process.argv[2] ?? 'http://127.0.0.1:8080';
const run = randomUUID().slice(0, 8);

/** A client with this token and device. */
function client(token?: string) {
  const headers: Record<string, string> = { 'X-Device-Id': `typescript-${run}` };
  if (token) headers.Authorization = `Bearer ${token}`;
  return createClient<paths>({ baseUrl, headers });
}

/** The data of a successful response. */
function ok<T>({ data, error, response }: Result<T>): T {
  if (data === undefined) throw new Error(`${response.status} ${response.url}: ${JSON.stringify(error)}`);
  return data;
}

/** The problem of a refused request. */
function refused<T>({ error, response }: Result<T>, status: number, code: Problem['code']): Problem {
  assert.equal(response.status, status);
  assert.equal(error?.code, code);
  return error;
}

/** The six digits of an authenticator app (RFC 6238), `steps` periods of 30 seconds from now. */
function totp(secret: string, steps = 0): string {
  const bits = [...secret].map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'));
  const key = Buffer.from(bits.join('').match(/.{8}/g)!.map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps));
  const mac = createHmac('sha1', key).update(counter).digest();
  const number = mac.readUInt32BE(mac[19]! & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, '0');
}

/** Turns the second factor on and logs in with it. */
async function logInWithMfa(username: string, password: string, token: string) {
  const seed = ok(await client(token).POST('/auth/mfa/enroll', { body: { password } }));
  const enabled = ok(await client(token).POST('/auth/mfa/verify', { body: { code: totp(seed.secret) } }));
  assert.equal(enabled.recoveryCodes.length, 10);
  const first = refused(await client().POST('/auth/login', { body: { username, password } }), 401, 'mfa-required');
  assert(first.mfaToken);
  const body = { mfaToken: first.mfaToken, code: totp(seed.secret, 1) };
  const lost = ok(await client().POST('/auth/mfa/challenge', { body }));
  const again = ok(await client().POST('/auth/mfa/challenge', { body }));
  assert.equal(again.refreshToken, lost.refreshToken);
  return again;
}

async function dayOfASalesRep() {
  const [username, password] = ['sr00001', 'Sr@12345'];
  const first = ok(await client().POST('/auth/login', { body: { username, password } }));
  assert.equal(first.user.username, username);
  const { refreshToken, accessToken } = await logInWithMfa(username, password, first.accessToken);
  let api = client(accessToken);

  const mine = await api.GET('/retailers', { params: { query: { limit: 3, includeTotal: true } } });
  const page = ok(mine);
  assert(page.page.total && page.page.total >= page.data.length);
  const etag = mine.response.headers.get('etag');
  assert(etag);
  const headers = { 'If-None-Match': etag };
  const unchanged = await api.GET('/retailers', { params: { query: { limit: 3, includeTotal: true }, header: headers } });
  assert.equal(unchanged.response.status, 304);

  const name = page.data[0]?.name?.slice(0, 4);
  assert(name);
  const found = ok(await api.GET('/retailers', { params: { query: { q: name, fields: 'uid,name' } } }));
  const uid = found.data[0]?.uid;
  assert(uid && found.data[0]?.points === undefined);
  const visit = { params: { path: { uid }, header: { 'Idempotency-Key': randomUUID() } }, body: { notes: 'Visited' } };
  const visited = ok(await api.PATCH('/retailers/{uid}', visit));
  assert.equal(visited.notes, 'Visited');
  assert.equal(ok(await api.PATCH('/retailers/{uid}', visit)).version, visited.version);
  const invalid = await api.PATCH('/retailers/{uid}', { params: { path: { uid } }, body: { points: -1 } });
  assert.equal(refused(invalid, 422, 'invalid-fields').errors?.[0]?.field, 'points');

  const next = ok(await client().POST('/auth/refresh', { body: { refreshToken } }));
  api = client(next.accessToken);
  assert.equal(ok(await api.GET('/auth/me')).mfaEnabled, true);
  const loggedOut = await client().POST('/auth/logout', { body: { refreshToken: next.refreshToken } });
  assert.equal(loggedOut.response.status, 204);
  refused(await api.GET('/auth/me'), 401, 'token-revoked');
}

/** Creates an administrator and logs in with both factors. */
async function officeClient() {
  const admin = ok(await client().POST('/auth/login', { body: { username: 'admin', password: 'Admin@12345' } }));
  const username = `ts-${run}`;
  const created = ok(await client(admin.accessToken).POST('/users', { body: { username, name: 'Karima Begum', roles: ['admin'] } }));
  const once = created.oneTimePassword;
  assert(once);
  const first = ok(await client().POST('/auth/login', { body: { username, password: once } }));
  assert(first.user.mustChangePassword);
  const body = { currentPassword: once, newPassword: `Bazar@${run}` };
  const changed = ok(await client(first.accessToken).POST('/auth/change-password', { body }));
  return client((await logInWithMfa(username, body.newPassword, changed.accessToken)).accessToken);
}

async function dayInTheOffice() {
  const api = await officeClient();
  const [area] = ok(await api.GET('/areas', { params: { query: { limit: 1 } } })).data;
  assert(area);
  const territory = ok(await api.POST('/admin/territories', { body: { name: `TypeScript ${run}`, area: area.id } }));
  assert(territory.id);
  const uid = `TS-${run}`;
  const retailer = ok(await api.POST('/admin/retailers', { body: { uid, name: 'Rahim Store', territory: territory.id } }));
  assert.deepEqual(retailer.salesReps, []);
  const inUse = await api.DELETE('/admin/territories/{id}', { params: { path: { id: territory.id } } });
  assert.equal(refused(inUse, 409, 'in-use').references?.retailers, 1);

  const plan = ok(await api.POST('/admin/assignments/plans', { body: { assignments: [{ salesRep: 'sr00002', retailers: [uid] }] } }));
  assert('batchId' in plan && plan.batchId);
  const id = plan.batchId;
  assert.equal(ok(await api.POST('/admin/assignments/plans/{id}/apply', { params: { path: { id } } })).assigned, 1);
  const served = ok(await api.GET('/admin/retailers/{uid}', { params: { path: { uid } } }));
  assert.equal(served.salesReps[0]?.username, 'sr00002');
  ok(await api.POST('/admin/assignments/batches/{id}/undo', { params: { path: { id } } }));
  refused(await api.POST('/admin/assignments/plans/{id}/apply', { params: { path: { id } } }), 409, 'already-undone');

  const places = `${area.region.name},${area.name},TypeScript ${run}`;
  const file = `uid,name,region,area,territory\n${uid}-2,Karim Store,${places}\n${uid}-3,,${places}\n`;
  const accepted = ok(await api.POST('/admin/retailers/import', {
    params: { query: { fileName: 'new.csv' } },
    headers: { 'Content-Type': 'text/csv' },
    body: file,
    bodySerializer: (text) => text as string,
  }));
  let job;
  do {
    await setTimeout(100);
    job = ok(await api.GET('/admin/retailers/imports/{id}', { params: { path: { id: accepted.id } } }));
  } while (['QUEUED', 'VALIDATING', 'APPLYING'].includes(job.state));
  assert.equal(job.state, 'PARTIAL');
  assert.equal(job.rows.created, 1);

  const audit = ok(await api.GET('/admin/audit', { params: { query: { entity: 'retailer', entityId: uid } } }));
  assert(audit.data.some((entry) => entry.action === 'retailer.create' && entry.actor?.username === `ts-${run}`));
}

await dayOfASalesRep();
await dayInTheOffice();
