// The guided run as a person meets it: success, every refusal, every trouble, each put right again.
import net from 'node:net';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { ASSIST, DIR, PIN, TMP, base64Der, capbu, capbuctl, certificates, check, finish, openUi, pause, same, server, within } from './world.mjs';
import { agree, at, end, looked, openPage, press, startBrowser, stopBrowser, typePin } from './page.mjs';

const only = process.env.ONLY;
const together = [];
const alone = []; // what stops or changes the server, or measures

function scene(name, play, list = together) {
  if (only && !only.split(',').includes(name)) return;
  list.push(async () => {
    const from = Date.now();
    try {
      await play();
      console.log(`  ${name} (${((Date.now() - from) / 1000).toFixed(1)} s)`);
    } catch (e) {
      check(name, false, e.message.split('\n')[0]);
      server.child.kill('SIGCONT');
    }
  });
}

async function run(list, width) {
  const next = list[Symbol.iterator]();
  const worker = async () => {
    for (const play of next) await play();
  };
  await Promise.all(Array.from({ length: width }, worker));
}

async function begin(tokens, options = {}) {
  const ui = await openUi(tokens, options);
  const page = await openPage(ui, options.page);
  page.lang = options.args?.includes('en') ? 'en' : 'vi';
  page.plain = options.plain;
  return page;
}

async function toPin(page, screen = 'pin') {
  await at(page, 'confirm');
  await agree(page);
  await at(page, screen);
}

async function renewed(page, label) {
  await at(page, 'done', { ms: 30000 });
  const hex = await page.textContent('#hex');
  const on = certificates(label);
  check(`${label}: the new certificate is on the token`, on.includes(hex) && on.length === 2, on.join(' '));
}

await server.start();
await startBrowser();

scene('count', async () => {
  const page = await begin(['count'], { plain: true });
  await at(page, 'confirm');
  await agree(page);
  await at(page, 'pin');
  const from = Date.now();
  await typePin(page, PIN);
  await at(page, 'done');
  const took = Date.now() - from;
  await renewed(page, 'count');
  const requests = server.requests(page.ui.support).length;
  const cpu = page.ui.cpu();
  same('one login', 1, page.ui.calls('C_Login'));
  console.log(`figures: ${requests} requests to capbud, ${page.clicks} clicks, 1 PIN, ${cpu.toFixed(2)} s of processor time, ${took} ms from PIN to done`);
  check('at most 4 requests', requests > 0 && requests <= 4, String(requests));
  check('at most 3 clicks', page.clicks <= 3, String(page.clicks));
  check('less than 5 s', cpu < 5 && took < 5000);
  await end(page);
}, alone);

scene('ok', async () => {
  const page = await begin([]);
  await at(page, 'no-token');
  page.ui.plug(['ok']);
  await at(page, 'confirm');
  check('the button waits for the tick', await page.isDisabled('button.main'));
  check('the data are shown', (await page.textContent('main')).includes('CÔNG TY ok'));
  await page.reload();
  await at(page, 'confirm');
  page.ui.plug([]);
  await at(page, 'no-token');
  page.ui.plug(['ok']);
  await toPin(page);
  page.ui.plug([]);
  await at(page, 'no-token');
  page.ui.plug(['ok']);
  await at(page, 'pin'); // what was confirmed stays confirmed
  await page.reload();
  await at(page, 'pin');
  await typePin(page, PIN);
  await renewed(page, 'ok');
  await page.click('button.small');
  same('the serial is copied', await page.textContent('#hex'), await page.evaluate(() => navigator.clipboard.readText()));
  const [download] = await Promise.all([page.waitForEvent('download'), page.click('main section button:not(.small)')]);
  execFileSync('openssl', ['x509', '-inform', 'DER', '-in', await download.path(), '-noout']);
  await page.click('.checklist input');
  await page.waitForSelector('.checklist input:checked');
  await page.reload();
  await at(page, 'done');
  same('the mark stays', 1, await page.locator('.checklist input:checked').count());
  await press(page, 'main > .buttons button, main .buttons button');
  await at(page, 'already-done');
  same('the mark stays in another run', 1, await page.locator('.checklist input:checked').count());
  await end(page);
});

scene('keyboard', async () => {
  const page = await begin(['english'], { plain: true, args: ['--lang', 'en'] });
  await at(page, 'confirm');
  for (let k = 0; k < 12; k++) {
    await page.keyboard.press('Tab');
    if (await page.evaluate(() => document.activeElement?.matches('.tick input'))) break;
  }
  await page.keyboard.press('Space');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await at(page, 'pin');
  same('the focus is on the new heading', 'H1', await page.evaluate(() => document.activeElement?.tagName));
  await page.keyboard.press('Tab');
  check('Tab leads to the PIN', await page.evaluate(() => document.activeElement?.id === 'pin'));
  await page.keyboard.type(PIN);
  await page.keyboard.press('Enter');
  await renewed(page, 'english');
  await end(page);
});

for (const lang of ['vi', 'en']) {
  scene('slow-' + lang, async () => {
    const page = await begin(['slow-' + lang], { plain: true, args: ['--lang', lang], env: { SHIM_SLOW: 'C_CreateObject:2500' } });
    await toPin(page);
    await typePin(page, PIN);
    await at(page, 'write', { passing: true });
    check('says not to unplug', await page.isVisible('.keep'));
    await page.context().pages()[0].close({ runBeforeUnload: false }); // the page goes: the write is finished all the same
    same('ends by itself', 0, await page.ui.ended);
    same('the write was finished', 2, certificates('slow-' + lang).length);
    await page.context().close();
  });
  scene('tell-' + lang, async () => {
    const page = await begin(['tell-' + lang], { plain: true, args: ['--lang', lang], env: { SHIM_SLOW: 'C_Login:2500' } });
    await toPin(page);
    await typePin(page, PIN);
    await at(page, 'sign', { passing: true });
    page.ui.child.kill('SIGSTOP');
    page.ui.child.kill('SIGCONT');
    await end({ ...page, errors: page.errors, ui: page.ui, context: () => ({ close: async () => { await renewed(page, 'tell-' + lang); await page.context().close(); } }) });
  });
  scene('request-' + lang, async () => {
    const page = await begin(['request-' + lang], { plain: true, args: ['--lang', lang], env: { SHIM_SLOW: 'C_CreateObject:1500' } });
    await toPin(page);
    server.child.kill('SIGSTOP');
    await typePin(page, PIN);
    await at(page, 'request', { passing: true });
    check('nothing is written yet: no warning', !(await page.isVisible('.keep')));
    server.child.kill('SIGCONT');
    await at(page, 'write', { passing: true });
    server.child.kill('SIGSTOP');
    await at(page, 'tell-server', { passing: true });
    server.child.kill('SIGCONT');
    await renewed(page, 'request-' + lang);
    await end(page);
  }, alone);
}

scene('refusals', async () => {
  const page = await begin(['suspended']);
  const wanted = [['suspended', 'not-eligible', 'suspended'], ['revoked', 'not-eligible', 'revoked'],
    ['expiry-differs', 'not-eligible', 'expiry-differs'], ['connection-day', 'not-eligible', 'issued-on-connection-day'],
    ['after-connection', 'not-eligible', 'issued-after-connection'], ['contract-short', 'not-eligible', 'contract-not-longer'],
    ['unknown', 'other-certificate', 'unknown-certificate'], ['foreign', 'other-certificate', 'not-old-issuer'],
    ['later', 'not-open-yet', '01/04/2020'], ['held', 'held', 'beyond-new-ca'], ['blank', 'no-certificate', '']];
  for (const [token, screen, text] of wanted) {
    page.ui.plug([token]);
    await within(15, token, async () => (await page.getAttribute('main', 'data-screen')) === screen &&
      (await page.textContent('main')).includes(text));
    await at(page, screen);
    same(`${token}: nothing to spend a PIN on`, 0, await page.locator('#pin').count());
  }
  same('no login', 0, page.ui.calls('C_Login'));
  await end(page);
});

scene('pins', async () => {
  const page = await begin(['wrong'], { env: { SHIM_FLAGS: 'count_low' } });
  await toPin(page);
  check('says that tries were lost', (await page.textContent('#pin-warn')).length > 10);
  await typePin(page, 'abc');
  await at(page, 'pin-length');
  await page.fill('#pin', 'mật-khẩu-8');
  check('warns of accented letters', (await page.textContent('#pin-warn')).includes('bộ gõ'));
  await press(page, 'button.main');
  await at(page, 'pin-characters');
  same('guarded PINs are not tried', 0, page.ui.calls('C_Login'));
  await page.fill('#pin', 'wrong-pin-1');
  await page.evaluate(() => { const b = document.querySelector('button.main'); b.click(); b.click(); });
  await at(page, 'pin-wrong');
  await pause(300);
  same('a double click is one try', 1, page.ui.calls('C_Login'));
  await page.click('form .buttons button:not(.main)');
  await at(page, 'cancelled');
  await press(page, 'button.main');
  await toPin(page);
  await page.focus('#pin');
  await page.evaluate(() => document.querySelector('#pin').dispatchEvent(new KeyboardEvent('keydown', { key: 'A', bubbles: true, modifierCapsLock: true })));
  check('warns of Caps Lock', (await page.textContent('#pin-warn')).includes('Caps Lock'));
  await typePin(page, PIN);
  await renewed(page, 'wrong');
  await end(page);
});

scene('last try', async () => {
  const page = await begin(['last'], { env: { SHIM_FLAGS: 'final_try' } });
  await toPin(page, 'pin-last-try');
  check('asks twice', await page.isDisabled('button[type=submit]'));
  await page.click('.tick input');
  await page.click('button[type=submit]');
  await page.waitForSelector('#pin');
  check('says that it is the last', (await page.textContent('#pin-warn')).includes('CUỐI CÙNG'));
  await typePin(page, PIN);
  await renewed(page, 'last');
  await end(page);
});

scene('locked', async () => {
  const page = await begin(['locked'], { env: { SHIM_FLAGS: 'locked' } });
  await toPin(page, 'pin-locked');
  same('locked: not tried', 0, page.ui.calls('C_Login'));
  await end(page);
});

scene('locks now', async () => {
  const page = await begin(['locked'], { env: { SHIM_FAIL: 'C_Login:1:PIN_LOCKED' } });
  await toPin(page);
  await typePin(page, PIN);
  await at(page, 'pin-locked');
  await end(page);
});

const pulls = ['C_Login:1', 'C_FindObjectsInit:9', 'C_SignInit:1', 'C_CreateObject:1', 'C_CreateObject:1:after', 'C_Sign:2', 'C_OpenSession:3', 'C_Sign:3'];
scene('pin pad', async () => {
  let page = await begin(['locked'], { env: { SHIM_FLAGS: 'no_pin' } });
  await toPin(page, 'pin-not-set');
  await end(page);
  page = await begin(['pad'], { env: { SHIM_FLAGS: 'pin_pad', SHIM_PAD: PIN } });
  await toPin(page, 'pin-pad');
  same('no PIN is asked on the computer', 0, await page.locator('#pin').count());
  await press(page, 'button.main');
  await renewed(page, 'pad');
  await end(page);
});

scene('factory PIN', async () => {
  const page = await begin(['factory']);
  await toPin(page);
  await typePin(page, '12345678');
  await renewed(page, 'factory');
  check('recommends to change it', (await page.textContent('.warn')).includes('mặc định'));
  await end(page);
});

for (const [k, call] of pulls.entries())
  scene('pulled at ' + call, async () => {
    const [name, n, when] = call.split(':');
    const label = `pull-${k}`;
    const page = await begin([label], { plain: k > 0, env: { SHIM_FAIL: `${name}:${n}:pull${when ? ':' + when : ''}` } });
    await toPin(page);
    await typePin(page, PIN);
    await at(page, 'token-removed', { ms: 25000 });
    same(`${call}: it was pulled`, 0, page.ui.plugged().length);
    page.ui.plug([label]);
    await renewed(page, label);
    await end(page);
  });

scene('server away', async () => {
  const page = await begin([]);
  await at(page, 'no-token');
  await server.stop('SIGKILL');
  page.ui.plug(['killed']);
  await at(page, 'server-away', { ms: 20000 });
  await server.start();
  await at(page, 'confirm', { ms: 30000 }); // by itself
  await agree(page);
  await at(page, 'pin');
  await server.stop('SIGKILL');
  await typePin(page, PIN);
  await at(page, 'server-away', { ms: 20000 });
  await server.start();
  await page.click('button.main');
  await renewed(page, 'killed'); // with the PIN given before: it was never refused
  same('one login', 1, page.ui.calls('C_Login'));
  await end(page);
}, alone);

scene('waiting room', async () => {
  await server.stop();
  await server.start({ max_active: 1 });
  const page = await begin(['waits']);
  await toPin(page);
  const body = JSON.stringify({ certificate: base64Der('holds'), consent: { text_id: 'data-confirmed-1', given: true }, client_version: '0.1.0', device_model: 'x', channel: 'self' });
  execFileSync('curl', ['-sSf', '--cacert', DIR + '/server-ca.pem', server.url + '/api/v1/begin', '-H', 'Content-Type: application/json', '--data-binary', body]);
  await typePin(page, PIN);
  await at(page, 'waiting');
  check('says the place', (await page.textContent('.big')).includes(': 1'));
  await page.reload();
  await at(page, 'waiting');
  writeFileSync(TMP + '/ui/holds.plug', 'holds\n');
  process.env.SHIM_PLUG = TMP + '/ui/holds.plug';
  capbu('renew', '--yes', '--pin-file', TMP + '/pin');
  delete process.env.SHIM_PLUG;
  await renewed(page, 'waits');
  await end(page);
  await server.stop();
  await server.start({ max_active: 256 });
}, alone);

scene('several', async () => {
  const page = await begin(['two-a']);
  await at(page, 'several-certificates');
  page.ui.plug(['two-a', 'one']);
  await at(page, 'several-tokens');
  same('all of them', 3, await page.locator('.choices li').count());
  await page.click('.choices li:has-text("CÔNG TY one") button');
  await toPin(page);
  await typePin(page, PIN);
  await renewed(page, 'one');
  await page.click('.buttons button');
  await at(page, 'several-certificates'); // the other token's two are left
  await end(page);
});

scene('token troubles', async () => {
  let page = await begin(['full'], { env: { SHIM_FAIL: 'C_CreateObject:1:DEVICE_MEMORY' } });
  await toPin(page);
  await typePin(page, PIN);
  await at(page, 'token-full');
  same('the old one is intact', 1, certificates('full').length);
  await end(page);
  page = await begin(['full']);
  await at(page, 'resume'); // issued, not on this token
  await agree(page);
  await at(page, 'pin');
  await typePin(page, PIN);
  await renewed(page, 'full');
  await end(page);
  page = await begin(['fault'], { env: { SHIM_FAIL: 'C_Login:1:FUNCTION_FAILED' } });
  await toPin(page);
  await typePin(page, PIN);
  await at(page, 'token-failed');
  await page.click('button.main');
  await at(page, 'pin');
  await typePin(page, PIN);
  await renewed(page, 'fault');
  await end(page);
  page = await begin(['keyless2']);
  await toPin(page);
  await typePin(page, PIN);
  await at(page, 'no-key');
  await end(page);
});

scene('drivers', async () => {
  let page = await begin([], { module: null, env: { CAPBU_MODULES: '' + TMP + '/no-such.so' } });
  await at(page, 'driver-failed');
  await end(page);
  page = await begin([], { module: null, env: { CAPBU_MODULES: ':' } });
  await at(page, 'no-driver');
  await end(page);
  mkdirSync(TMP + '/usb/1-1:1.0', { recursive: true });
  writeFileSync(TMP + '/usb/1-1:1.0/bInterfaceClass', '0b\n');
  page = await begin([], { env: { CAPBU_USB_DEVICES: TMP + '/usb' } });
  await at(page, 'driver-sees-no-token');
  await end(page);
  page = await begin(['unread'], { env: { SHIM_FAIL: 'C_OpenSession:1:DEVICE_ERROR' } });
  await at(page, 'token-unreadable');
  await page.click('button.main');
  await at(page, 'confirm');
  await end(page);
});

scene('network', async () => {
  const proxy = net.createServer((c) => c.on('error', () => {}).once('data', () => c.end('HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="x"\r\nContent-Length: 0\r\n\r\n')));
  await new Promise((done) => proxy.listen(0, '127.0.0.1', done));
  let page = await begin(['proxy'], { env: { https_proxy: `http://127.0.0.1:${proxy.address().port}` } });
  await at(page, 'proxy-refuses');
  await end(page);
  proxy.close();
  page = await begin(['proxy'], { ca: TMP + '/future/crt' });
  await at(page, 'not-our-server');
  await end(page);
  const tls = readFileSync(DIR + '/tls.pem');
  await server.stop();
  writeFileSync(DIR + '/tls.pem', readFileSync(TMP + '/future.pem'));
  await server.start();
  page = await begin(['clock'], { ca: TMP + '/future/crt' });
  await at(page, 'clock-wrong');
  await end(page);
  await server.stop();
  writeFileSync(DIR + '/tls.pem', tls);
  await server.start({ min_client: '"9.0.0"' });
  page = await begin(['clock']);
  await toPin(page);
  await typePin(page, PIN);
  await at(page, 'program-too-old');
  await end(page);
  await server.stop();
  await server.start({ min_client: '""' });
}, alone);

scene('server says no', async () => {
  let page = null;
  for (const lang of ['en', 'vi']) {
    server.child.kill('SIGSTOP');
    page = await begin(['late'], { args: ['--lang', lang] });
    await at(page, 'looking', { passing: true });
    server.child.kill('SIGCONT');
    await at(page, 'confirm');
    if (lang === 'en') await end(page);
  }
  await toPin(page);
  capbuctl('import', TMP + '/late.csv'); // suspended meanwhile
  await typePin(page, PIN);
  await at(page, 'server-refused');
  check('the reason is shown', (await page.textContent('main')).includes('suspended'));
  same('nothing was tried or written', 0, page.ui.calls('C_Login'));
  await end(page);
  await server.stop();
  await server.start({ requests_per_minute: 1 });
  const often = Array(60).fill(server.url + '/readyz'); // empties this address's bucket
  execFileSync('curl', ['-s', '--cacert', DIR + '/server-ca.pem', ...often]);
  const busy = await begin(['clock']);
  try {
    await at(busy, 'server-busy', { ms: 20000 });
    await end(busy);
  } finally {
    await server.stop();
    await server.start({ requests_per_minute: 1200 });
  }
}, alone);

scene('halted', async () => {
  capbuctl('phase', 'halt', 'p1');
  const page = await begin(['clock']);
  await at(page, 'halted');
  capbuctl('phase', 'resume', 'p1');
  await page.click('button.main');
  await at(page, 'confirm');
  await end(page);
}, alone);

scene('assisted', async () => {
  capbuctl('phase', 'open', 'p3-ho-tro');
  const page = await begin(['assisted']);
  await at(page, 'confirm');
  await page.click('summary');
  await page.fill('#assist', '0000-0000');
  await agree(page);
  await at(page, 'pin');
  await typePin(page, PIN);
  await at(page, 'assist-code');
  await page.fill('#assist', ASSIST);
  await page.click('form button.main');
  await at(page, 'pin');
  await typePin(page, PIN);
  await renewed(page, 'assisted');
  const report = capbuctl('report', '--by', 'channel', '--json');
  check('credited to the account manager', /"am"/.test(report), report.slice(0, 200));
  await page.click('.buttons button');
  page.ui.plug(['again']);
  await toPin(page); // the next customer, the same code
  await typePin(page, PIN);
  await renewed(page, 'again');
  await end(page);
}, alone);

scene('page closed', async () => {
  const page = await begin(['door']);
  await at(page, 'confirm');
  const from = Date.now();
  await page.close({ runBeforeUnload: true });
  same('ends when the page is closed', 0, await page.ui.ended);
  check('soon', Date.now() - from < 8000, String(Date.now() - from));
});

await run(alone.splice(0, 1), 1);
await run(together, 4);
await run(alone, 1);
await stopBrowser();
await server.stop();
const all = ['no-driver', 'driver-failed', 'no-token', 'driver-sees-no-token', 'token-unreadable', 'no-certificate', 'several-tokens',
  'several-certificates', 'other-certificate', 'not-eligible', 'not-open-yet', 'halted', 'held', 'confirm', 'resume', 'pin', 'pin-length',
  'pin-characters', 'pin-wrong', 'pin-last-try', 'pin-locked', 'pin-not-set', 'pin-pad', 'looking', 'server-busy', 'server-refused', 'waiting', 'request', 'sign', 'write', 'tell-server', 'token-removed',
  'token-full', 'token-failed', 'no-key', 'server-away', 'proxy-refuses', 'clock-wrong', 'not-our-server', 'program-too-old', 'assist-code',
  'cancelled', 'done', 'already-done'];
if (!only)
  for (const screen of all)
    for (const lang of ['vi', 'en']) check(`${screen} was seen in ${lang}`, looked().has(`${screen} ${lang}`));
console.log(`${looked().size} screens looked at (screen and language)`);
finish('flow');
