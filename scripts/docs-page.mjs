// Tests the documentation pages in a browser. Run by scripts/docs-page, which starts the server:
// node scripts/docs-page.mjs URL BROWSER
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const local = new URL('../.local/', import.meta.url);
const { chromium } = createRequire(new URL('playwright-core/', local))('playwright-core');
const [url, executablePath] = process.argv.slice(2);

const browser = await chromium.launch({
  executablePath,
  args: [
    // Chromium refuses to run as root with its sandbox.
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    '--no-proxy-server',
    // No host name resolves, so requests to other hosts fail and are recorded below.
    '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
  ],
});
const page = await browser.newPage({ viewport: { width: 1280, height: 1600 } });
page.setDefaultTimeout(20_000);

// Requests and errors, collected during the whole run.
const requests = [];
const complaints = [];
page.on('request', (request) => requests.push(request.url()));
page.on('websocket', (socket) => requests.push(socket.url()));
page.on('console', (message) => message.type() === 'error' && complaints.push(`console: ${message.text()}`));
page.on('pageerror', (error) => complaints.push(`uncaught: ${error.message}`));
page.on('requestfailed', (request) => complaints.push(`failed: ${request.url()} ${request.failure()?.errorText}`));
await page.exposeFunction('haatRefused', (what) => complaints.push(`content security policy: ${what}`));
await page.addInitScript(() => {
  document.addEventListener('securitypolicyviolation', (event) =>
    window.haatRefused(`${event.effectiveDirective} refuses ${event.blockedURI || event.sample}`),
  );
});

/** Opens an operation, executes it with the page's example values, and returns the JSON that the page shows. */
async function execute(method, path) {
  const summary = page.locator(`.opblock-summary-path[data-path="${path}"]`);
  const block = page.locator(`.opblock-${method}`, { has: summary });
  await block.locator('.opblock-summary-control').click();
  await block.getByRole('button', { name: 'Try it out' }).click();
  await block.getByRole('button', { name: 'Execute' }).click();
  const shown = block.locator('.live-responses-table .response').first();
  const status = (await shown.locator('.response-col_status').innerText()).trim();
  const body = await shown.locator('.highlight-code code').first().textContent();
  assert.equal(status.split(/\s/)[0], '200', `${method} ${path}: ${status} ${body}`);
  return JSON.parse(body);
}

/** Enters a token in the dialog of the Authorize button. */
async function authorize(token) {
  await page.locator('.scheme-container').getByRole('button', { name: 'Authorize' }).click();
  const dialog = page.locator('.modal-ux');
  await dialog.locator('input').fill(token);
  await dialog.getByRole('button', { name: 'Apply credentials' }).click();
  await dialog.getByRole('button', { name: 'Close' }).first().click();
}

/** Returns the tags that have operations, in the order of the document. */
function tagsOf(document) {
  const used = new Set(Object.values(document.paths).flatMap((methods) => Object.values(methods).flatMap((one) => one.tags)));
  const named = document.tags.map((tag) => tag.name);
  assert.deepEqual([...used].filter((tag) => !named.includes(tag)), [], 'tags used by operations but not described in the document');
  return named.filter((tag) => used.has(tag));
}

/** Opens a page, checks its title and its link to the guides, and returns the document that it shows. */
async function open(path, title) {
  const [described] = await Promise.all([
    page.waitForResponse((response) => new URL(response.url()).pathname === '/openapi.json'),
    page.goto(`${url}${path}`),
  ]);
  assert.equal(await page.title(), title);
  await page.locator('a[href$="/guides/"]').first().waitFor();
  return described.json();
}

/** Logs in and lists retailers on Swagger UI. */
async function tryIt() {
  const document = await open('/docs/', 'Haat API: try it');
  await page.locator('.opblock').first().waitFor();

  const shown = await page.locator('.opblock-tag').evaluateAll((tags) => tags.map((tag) => tag.dataset.tag));
  assert.deepEqual(shown, tagsOf(document), 'tags in the order of the document');

  const login = await execute('post', '/auth/login');
  assert.ok(login.accessToken, 'the login response contains a token');
  await authorize(login.accessToken);
  const list = await execute('get', '/retailers');
  assert.ok(list.data.length > 0, `retailers: ${JSON.stringify(list)}`);
  return `${shown.length} tags in order, logged in, authorized, ${list.data.length} retailers`;
}

/** Reads the operations on ReDoc. */
async function read() {
  const document = await open('/redoc', 'Haat API: reference');
  const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods));
  const sections = page.locator('[data-section-id^="tag/"][data-section-id*="/operation/"]');
  await sections.first().waitFor();
  const shown = await sections.count();
  assert.equal(shown, operations.length, 'operations');
  await page.locator('a[href$="/guides/"]').first().evaluate((link) => link.removeAttribute('target'));
  await page.locator('a[href$="/guides/"]').first().click();
  await page.getByRole('heading', { name: 'Guides' }).waitFor();
  return `${shown} operations in the reference`;
}

async function visit() {
  const results = [await tryIt(), await read()];
  const elsewhere = requests.filter((asked) => !/^(data|blob):/.test(asked) && new URL(asked).hostname !== '127.0.0.1');
  assert.deepEqual(elsewhere, [], 'requests to other hosts');
  assert.equal(complaints.length, 0, 'the browser reported errors');
  return `${results.join(', ')}; ${requests.length} requests, all to 127.0.0.1`;
}

try {
  console.log(`The documentation pages work: ${await visit()}.`);
} catch (error) {
  await page.screenshot({ path: fileURLToPath(new URL('docs-page.png', local)) }).catch(() => {});
  console.error(`The documentation pages do not work: ${error.message}`);
  for (const complaint of complaints) console.error(`  ${complaint}`);
  process.exitCode = 1;
} finally {
  await browser.close();
}
