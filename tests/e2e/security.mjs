// Another local user, another page, another name for this machine: each gets nothing (no data, no command, no second way in).
import http from 'node:http';
import { TMP, check, finish, openUi, pause, same, server } from './world.mjs';
import { at, look, openPage, startBrowser, stopBrowser } from './page.mjs';

function ask(url, { method = 'GET', headers = {}, body } = {}) {
  const u = new URL(url);
  return new Promise((done, failed) => {
    const q = http.request({ host: '127.0.0.1', port: u.port, path: u.pathname + u.search, method, headers: { Host: u.host, ...headers } }, (r) => {
      let text = '';
      r.on('data', (d) => { text += d; });
      r.on('end', () => done({ status: r.statusCode, headers: r.headers, text }));
    });
    q.on('error', failed);
    q.end(body);
  });
}

const refused = (name, answer, status = 403) => {
  same(name, status, answer.status);
  check(`${name}: no data`, !/CÔNG TY|support|seq/.test(answer.text), answer.text.slice(0, 80));
};

await server.start();
await startBrowser();
const ui = await openUi(['proxy']);
const { origin, port } = new URL(ui.url);
const token = new URL(ui.url).searchParams.get('t');
same('127.0.0.1 only', '127.0.0.1', new URL(ui.url).hostname);
check('128 bits of token', /^[0-9A-F]{32}$/i.test(token));

refused('no token', await ask(origin + '/'));
refused('a wrong token', await ask(`${origin}/?t=${'0'.repeat(32)}`));
refused('a part of the token', await ask(`${origin}/?t=${token.slice(0, 31)}`));
refused('a script without cookie', await ask(origin + '/app.js'));
refused('the state without anything', await ask(origin + '/api/state'));
refused('a foreign Host with the right token (DNS rebinding)', await ask(ui.url, { headers: { Host: 'evil.example:' + port } }));
refused('localhost is another name', await ask(ui.url, { headers: { Host: 'localhost:' + port } }));
refused('Host without the port', await ask(ui.url, { headers: { Host: '127.0.0.1' } }));

const page = await openPage(ui);
page.plain = true;
await at(page, 'confirm');
same('the address is clean afterwards', origin + '/', page.url());
refused('the token a second time', await ask(ui.url));

const [cookie] = await page.context().cookies();
const key = await page.evaluate(() => sessionStorage.getItem('capbu-key'));
const seq = await page.getAttribute('main', 'data-seq');
same('HttpOnly', true, cookie.httpOnly);
same('SameSite', 'Strict', cookie.sameSite);
const Cookie = `${cookie.name}=${cookie.value}`;
const good = { Cookie, 'Capbu-Key': key, 'Capbu-Seq': seq, Origin: origin };

const first = await ask(origin + '/', { headers: { Cookie } });
same('the page for its own tab', 200, first.status);
check('the key is told once only', !first.text.includes(key));
same('CSP', "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  first.headers['content-security-policy']);
same('not stored', 'no-store', first.headers['cache-control']);
same('not sniffed', 'nosniff', first.headers['x-content-type-options']);
same('framed by nobody', 'DENY', first.headers['x-frame-options']);

refused('state: a stolen cookie without the key', await ask(origin + '/api/state', { headers: { Cookie } }));
refused('state: the key without the cookie', await ask(origin + '/api/state', { headers: { 'Capbu-Key': key } }));
refused('state: a wrong cookie', await ask(origin + '/api/state', { headers: { Cookie: cookie.name + '=' + '0'.repeat(32), 'Capbu-Key': key } }));
refused('state: another Host', await ask(origin + '/api/state', { headers: { ...good, Host: 'evil.example:' + port } }));
same('state: ours', 200, (await ask(origin + '/api/state', { headers: good })).status);

const post = (name, change, body = '{}') => ask(`${origin}/api/${name}`, { method: 'POST', headers: { ...good, ...change }, body });
refused('POST from another page', await post('cancel', { Origin: 'http://evil.example' }));
refused('POST from another port of this machine', await post('cancel', { Origin: 'http://127.0.0.1:1' }));
refused('POST without Origin', await ask(origin + '/api/cancel', { method: 'POST', headers: { Cookie, 'Capbu-Key': key, 'Capbu-Seq': seq }, body: '{}' }));
refused('POST with Origin null', await post('cancel', { Origin: 'null' }));
refused('POST without the key', await post('cancel', { 'Capbu-Key': '' }));
refused('POST to another Host', await post('cancel', { Host: 'evil.example:' + port }));
same('an unknown command', 404, (await post('frobnicate', {})).status);
same('a body that is no JSON', 400, (await post('lang', {}, 'lang')).status);
same('a body past the limit', 413, (await post('lang', {}, 'x'.repeat(5000))).status);
same('a PIN past the limit', 400, (await post('pin', {}, 'x'.repeat(300))).status);
same('a PIN with a NUL', 400, (await post('pin', {}, 'ab\0cd1234')).status);
same('an answer to a screen that is past', 409, (await post('cancel', { 'Capbu-Seq': '0' })).status);
same('PUT', 405, (await ask(origin + '/', { method: 'PUT', headers: good })).status);
same('a path that is not there', 404, (await ask(origin + '/../../etc/passwd', { headers: good })).status);
await pause(300);
same('none of it did anything', 'confirm', await page.getAttribute('main', 'data-screen'));
same('a command the screen does not offer', 204, (await post('pin', {}, 'some-pin-1')).status);
await pause(500);
same('is not done', 'confirm', await page.getAttribute('main', 'data-screen'));
same('no login', 0, ui.calls('C_Login'));

// A foreign page in the same browser: a form post and a fetch from another origin.
const evil = http.createServer((q, r) => r.setHeader('Content-Type', 'text/html').end(
  `<form id=f method=post action="${origin}/api/cancel"></form><script>fetch('${origin}/api/state',{credentials:'include'}).then(r=>r.text()).then(t=>document.title='read '+t).catch(()=>document.title='blocked')</script>`));
await new Promise((done) => evil.listen(0, '127.0.0.1', done));
const other = await page.context().newPage();
await other.goto(`http://127.0.0.1:${evil.address().port}/`);
await other.waitForFunction(() => document.title !== '');
same('a fetch from another origin reads nothing', 'blocked', await other.title());
await Promise.all([other.waitForURL(origin + '/api/cancel'), other.evaluate(() => document.querySelector('#f').submit())]);
check('a form of another page gets nothing', !/CÔNG TY/.test(await other.content()));
await pause(300);
same('and does nothing', 'confirm', await page.getAttribute('main', 'data-screen'));
const framed = await page.context().newPage();
await framed.setContent(`<iframe src="${origin}/"></iframe>`);
await pause(300);
check('no frame shows it', framed.frames().every((f) => !f.url().startsWith(origin)) || !(await framed.frames()[1]?.content().catch(() => '')).includes('CÔNG TY'));
evil.close();

// A second tab gets no data and says where to go; a second capbu in the same browser (a double click too many) leaves the first alone.
const tab = await page.context().newPage();
await tab.route('**/app.js', (route) => route.abort());
await tab.goto(origin);
check('a browser that cannot run the page is told so', (await tab.innerText('body')).includes('trình duyệt mặc định'));
await tab.unroute('**/app.js');
await tab.goto(origin);
await tab.waitForSelector('main[data-screen=elsewhere]');
await look(tab, 'elsewhere');
check('a second tab: no data', !(await tab.content()).includes('CÔNG TY'));
await tab.close();
await at(page, 'confirm');
const twin = await openUi(['proxy']);
const second = await page.context().newPage();
await second.goto(twin.url);
await second.waitForSelector('main[data-screen=confirm]');
await page.reload();
await at(page, 'confirm');
await second.close();
same('the second one ends with its page', 0, await twin.ended);
await at(page, 'confirm');
await page.context().close();
same('ends with the page', 0, await ui.ended);

// Opened by the desktop: the browser gets a private file, never the address; xdg-open is ours for the test.
const { chmodSync, mkdirSync, readFileSync, writeFileSync, statSync, existsSync } = await import('node:fs');
mkdirSync(TMP + '/bin', { recursive: true });
writeFileSync(TMP + '/bin/xdg-open', `#!/bin/sh\necho "$@" >"${TMP}/opened"\necho $$ >"${TMP}/browser"\nexec sleep 300\n`); // as a browser that runs on
chmodSync(TMP + '/bin/xdg-open', 0o755);
const door = await openUi(['proxy'], { door: true, env: { PATH: TMP + '/bin:' + process.env.PATH } });
for (let k = 0; k < 100 && !existsSync(TMP + '/opened'); k++) await pause(50);
const file = readFileSync(TMP + '/opened', 'utf8').trim();
check('the browser gets a file', file.endsWith('.html') && !file.includes(new URL(door.url).searchParams.get('t')), file);
same('that only this person reads', 0o600, statSync(file).mode & 0o777);
const opened = await openPage(door, { address: 'file://' + file });
opened.plain = true;
await at(opened, 'confirm');
await opened.reload();
await at(opened, 'confirm');
await opened.context().close();
same('ends', 0, await door.ended);
check('and takes the file away', !existsSync(file));
process.kill(Number(readFileSync(TMP + '/browser', 'utf8')));
await stopBrowser();
await server.stop();
finish('security');

