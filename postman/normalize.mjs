// Replaces the values of an example that differ between runs by placeholders of the same form, so that recording again changes
// only the examples of operations that have changed.

/** Placeholders for one-time passwords and recovery codes, which are groups of four characters. */
const CODE_GROUPS = ['abcd', 'efgh', 'jkmn', 'pqrs', 'tuvw', 'xyz2'];
const TOTP_SEED = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
/** The cursor after the retailer RTL-0000001 named Karim Store. */
const CURSOR = 'eyJ2IjoxLCJsIjoibmFtZSIsImsiOlsiS2FyaW0gU3RvcmUiLCJSVEwtMDAwMDAwMSJdfQ';

function jwt(value) {
  return value.length > 40 ? `${value.slice(0, 40)}…` : value;
}

/**
 * Members with secrets, and their placeholders. An access token is cut off after its header, which is always the same. A
 * password or code is replaced if the server generated it, and remains if a story chose it.
 */
const SECRETS = {
  accessToken: jwt,
  access_token: jwt,
  mfaToken: jwt,
  refreshToken: () => 'hrt_AAAAAAAAAAEBoiWfVXF1caFlltI3vpSiEg-y…',
  nextCursor: () => CURSOR,
  secret: () => TOTP_SEED,
  uri: (value) => value.replace(/secret=\w+/, `secret=${TOTP_SEED}`),
  code: (value, generated) => (/^\d{6}$/.test(value) ? '123456' : generated(value)),
  password: (value, generated) => generated(value),
  currentPassword: (value, generated) => generated(value),
  newPassword: (value, generated) => generated(value),
  oneTimePassword: (value, generated) => generated(value),
  recoveryCodes: (value, generated) => generated(value),
};

/** The resource that an id identifies, by the member or path segment it follows, unless both have the same name. */
const RESOURCES = {
  actor: 'users', assignedBy: 'users', endedBy: 'users', from: 'users', requestedBy: 'users', salesRep: 'users',
  'sales-reps': 'users', salesReps: 'users', to: 'users', user: 'users',
  batchId: 'batches', endBatchId: 'batches', plans: 'batches', undoes: 'batches', undoneBy: 'batches',
  region: 'regions', area: 'areas', territory: 'territories', distributor: 'distributors', place: 'places',
};

/** Members whose numbers are counts, whatever their names. */
const COUNTS = new Set(['counts', 'references', 'rows']);

/** Counts of activity, which depend on the speed of the run. */
const TOTALS = { requests: 140, changes: 12, logins: 1 };

const UUID = /\b[0-9a-f]{8}-[0-9a-f]{4}-([0-9a-f])[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}\b/g;
const TIME = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|\+00:00)$/;
const FIRST_TIME = Date.parse('2026-01-31T09:15:00Z');
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** Returns a time in microseconds, or undefined if the value is not a time. */
function microseconds(value) {
  const match = typeof value === 'string' && TIME.exec(value);
  return match ? Date.parse(`${match[1]}Z`) * 1000 + Number((match[2] ?? '').padEnd(6, '0').slice(0, 6)) : undefined;
}

/** Calls a function with every string and number of a value. */
function visit(value, found) {
  if (value && typeof value === 'object') Object.values(value).forEach((member) => visit(member, found));
  else found(value);
}

/**
 * Returns a function that replaces
 *   times of the run      from 2026-01-31T09:15:00Z on, in the same order, a minute apart, or the same number of days
 *   UUIDs and ids         numbered in order of appearance, ids for each resource
 *   secrets and cursors   by constants
 * Times before the run, such as those of the demo data, are the same in every run and remain. The path is that of the request.
 */
export function normalizer(started, path) {
  const uuids = new Map();
  const ids = new Map();
  const codes = new Map();

  function uuid(found, version) {
    if (!uuids.has(found)) uuids.set(found, uuids.size + 1);
    return `00000000-0000-${version}000-8000-${String(uuids.get(found)).padStart(12, '0')}`;
  }

  /** Replaces a generated password or code; the groups of the second one start at another letter. */
  function generated(value) {
    if (!/^[a-z0-9]{4}(-[a-z0-9]{4}){2,5}$/.test(value)) return value;
    if (!codes.has(value)) codes.set(value, codes.size % CODE_GROUPS.length);
    const first = codes.get(value);
    return [...CODE_GROUPS.slice(first), ...CODE_GROUPS.slice(0, first)].slice(0, value.split('-').length).join('-');
  }

  function id(number, resource) {
    // Stories use huge ids for what does not exist.
    if (number > 1e9) return number;
    const numbers = ids.get(resource) ?? new Map();
    ids.set(resource, numbers);
    if (!numbers.has(number)) numbers.set(number, numbers.size + 1);
    return numbers.get(number);
  }

  const ownResource = resourceOf(path.split('/').filter((segment) => segment && !/\d/.test(segment)));

  /** Returns the resource whose id a member is, or undefined if the member is not an id. */
  function resource(name, parent) {
    if (COUNTS.has(parent)) return undefined;
    if (name === 'id') return parent === undefined || parent === 'data' ? ownResource : (RESOURCES[parent] ?? parent);
    const named = /^(\w+)Id$/.exec(name ?? '')?.[1];
    return RESOURCES[name] ?? RESOURCES[named] ?? named;
  }

  /** Replaces the ids in a path. An id follows the name of its resource. */
  function instance(value) {
    const segments = value.split('/');
    return segments
      .map((segment, i) => (/^\d+$/.test(segment) ? id(Number(segment), RESOURCES[segments[i - 1]] ?? segments[i - 1]) : segment))
      .join('/');
  }

  /** Replaces the ids of a CSV file, in columns such as territory_id. */
  function csv(text) {
    const columns = text.split(/\r?\n/, 1)[0].split(',');
    return text.replace(/.+/g, (line) =>
      line
        .split(',')
        .map((cell, i) => {
          const name = /^(\w+)_id$/.exec(columns[i] ?? '')?.[1];
          return name && /^\d+$/.test(cell) ? id(Number(cell), RESOURCES[name] ?? name) : cell;
        })
        .join(','),
    );
  }

  function replace(value, times, name, parent) {
    if (Array.isArray(value)) return value.map((item) => replace(item, times, name, parent));
    if (value && typeof value === 'object') {
      return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, replace(member, times, key, name)]));
    }
    if (typeof value === 'number') {
      if (parent === 'totals' && Object.hasOwn(TOTALS, name)) return TOTALS[name];
      const of = resource(name, parent);
      return of === undefined ? value : id(value, of);
    }
    if (typeof value !== 'string') return value;
    if (name === 'instance') return instance(value);
    if (name === 'day' && Date.parse(value) >= started - 2 * DAY) return '2026-01-31';
    if (name === 'entityId' && /^\d+$/.test(value)) return String(id(Number(value), 'entity'));
    if (Object.hasOwn(SECRETS, name)) return SECRETS[name](value, generated);
    const time = times.get(microseconds(value));
    if (time !== undefined) {
      return value.replace(TIME, (_, __, fraction, zone) => {
        const seconds = new Date(time).toISOString().slice(0, 19);
        return `${seconds}${fraction === undefined ? '' : '.000000'}${zone}`;
      });
    }
    return value.replace(UUID, uuid);
  }

  /** Returns the placeholder for each time of the run. */
  function placeholders(example) {
    const since = (started - 60 * MINUTE) * 1000;
    const found = new Set();
    visit(example, (value) => {
      const time = microseconds(value);
      if (time >= since) found.add(time);
    });
    const times = new Map();
    let [previous, placeholder] = [undefined, FIRST_TIME];
    for (const time of [...found].sort((a, b) => a - b)) {
      if (previous !== undefined) {
        const days = Math.round((time - previous) / 1000 / DAY);
        placeholder += days > 0 ? days * DAY : MINUTE;
      }
      times.set(time, placeholder);
      previous = time;
    }
    return times;
  }

  return ({ request, responses }) => {
    const times = placeholders({ request, responses });
    const bodies = (all) =>
      Object.fromEntries(
        Object.entries(all).map(([key, body]) => [key, key === 'text/csv' ? csv(body) : replace(body, times)]),
      );
    return { request: bodies(request), responses: bodies(responses) };
  };
}

/** Returns the resource of a path without its ids. */
function resourceOf(segments) {
  const verbs = new Set(['apply', 'cancel', 'undo', 'restore', 'errors', 'events', 'changes']);
  const last = segments.filter((segment) => !verbs.has(segment)).at(-1);
  return RESOURCES[last] ?? last;
}
