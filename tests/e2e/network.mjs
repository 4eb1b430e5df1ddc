// Servers that die, proxies that refuse, clocks that are wrong: each put right again.
import net from 'node:net';
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import tls from 'node:tls';
import { readFileSync, writeFileSync } from 'node:fs';
import { DIR, TMP, certificates, check, same, server, within } from './world.mjs';
import { agree, at, end, typePin } from './page.mjs';
import { PIN, begin, full, play, renewed, sceneAlone, scene, toPin } from './scenes.mjs';

sceneAlone('server away', async () => {
  const page = await begin([]);
  await at(page, 'no-token');
  await server.stop('SIGKILL');
  page.ui.plug(['killed']);
  await at(page, 'server-away');
  await server.start();
  await at(page, 'confirm'); // by itself
  await agree(page);
  await at(page, 'pin');
  await server.stop('SIGKILL');
  await typePin(page, PIN);
  await at(page, 'server-away');
  await server.start();
  await page.click('button.main');
  await renewed(page, 'killed'); // with the PIN given before: it was never refused
  same('one login', 1, page.ui.calls('C_Login'));
  await end(page);
});

sceneAlone('network', async () => {
  const proxy = spawn(process.execPath, [fileURLToPath(new URL('../lib/proxy.mjs', import.meta.url)), 'an', 'kế:toán'], { stdio: ['ignore', 'pipe', 'inherit'] });
  let port = '';
  proxy.stdout.on('data', (d) => { port += d; });
  await within(20, 'the proxy is there', () => port.includes('\n'));
  let page = await begin(['proxy'], { env: { https_proxy: `http://127.0.0.1:${parseInt(port, 10)}` } });
  await at(page, 'proxy-refuses');
  await page.click('button.lang');
  await page.waitForSelector('details.technical:has-text("the proxy wants a name")'); // in the language of the moment
  await page.click('button.lang');
  await at(page, 'proxy-refuses');
  const login = async (url, user, password) => {
    await page.fill('#proxy-url', url);
    await page.fill('#proxy-user', user);
    await page.fill('#proxy-password', password);
    await page.click('button.main');
  };
  const told = (text) => page.waitForSelector(`details.technical:has-text("${text}")`);
  await login('https://no proxy', 'an', 'x');
  await told('http://HOST:PORT');
  await login('', 'an', 'another');
  await told('không nhận tên và mật khẩu này');
  await at(page, 'proxy-refuses');
  await login('', 'an', 'kế:toán');
  await at(page, 'confirm'); // the run goes on
  await end(page);
  proxy.kill();
  page = await begin(['proxy'], { ca: TMP + '/future/crt' });
  await at(page, 'not-our-server');
  await end(page);
  const tls = readFileSync(DIR + '/tls.pem');
  await server.stop();
  writeFileSync(DIR + '/tls.pem', readFileSync(TMP + '/future.pem'));
  await server.start();
  page = await begin(['clock'], { ca: TMP + '/future/crt' });
  await at(page, 'clock-wrong');
  const goesBy = new RegExp(`\\d\\d/\\d\\d/${new Date().getFullYear()} \\d\\d:\\d\\d`);
  check('shows the time that the computer goes by', goesBy.test(await page.innerText('main')));
  await end(page);
  await server.stop();
  writeFileSync(DIR + '/tls.pem', tls);
  await server.start({ client_min_version: '"9.0.0"', client_download: '"https://capbu.example.vn/tai-ve"' });
  page = await begin(['clock']);
  await at(page, 'program-too-old'); // before anything is asked of the person
  await page.waitForSelector('a[href="https://capbu.example.vn/tai-ve"]');
  same('no PIN was tried', 0, page.ui.calls('C_Login'));
  await end(page);
  await server.stop();
  await server.start({ client_min_version: '""', client_download: '""' });
});
// A copy of the program that nobody has told of a server: it says so, and asks for nothing.
scene('no server', async () => {
  const page = await begin(['proxy'], { url: null });
  await at(page, 'no-server');
  check('it does not speak of the network', !/mạng|Internet/.test(await page.innerText('main')));
  same('nothing to type', 0, await page.locator('main input').count());
  same('no PIN was tried', 0, page.ui.calls('C_Login'));
  await end(page);
});

// Our own server, and what it says makes no sense: nobody's fault but ours.
scene('nonsense', async () => {
  const pem = readFileSync(DIR + '/tls.pem');
  const answer = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{"serial"';
  const mad = tls.createServer({ key: pem, cert: pem }, (c) => c.on('error', () => {}).once('data', () => c.end(answer)));
  await new Promise((done) => { mad.listen(0, '127.0.0.1', done); });
  const page = await begin(['proxy'], { url: `https://127.0.0.1:${mad.address().port}` });
  await at(page, 'our-fault');
  mad.close();
  await end(page);
});

// How many requests are in what a client sends: each is one TLS record, longer than any that ends a handshake.
function requestCounter() {
  let rest = Buffer.alloc(0);
  return (data) => {
    let requests = 0;
    rest = Buffer.concat([rest, data]);
    for (let len; rest.length >= 5 && rest.length >= (len = 5 + rest.readUInt16BE(3)); rest = rest.subarray(len))
      if (rest[0] === 23 && len > 200) requests++;
    return requests;
  };
}

// A road to the server, which dies at the nth request: before it has come, or when it was done and its answer is on the way.
async function deadlyRoad(n, when) {
  let count = 0;
  const handled = () => server.log.split('\n').filter((l) => /"(route|path)":/.test(l)).length;
  const road = net.createServer((c) => {
    const s = net.connect(server.port, '127.0.0.1');
    const requests = requestCounter();
    const kill = () => server.stop('SIGKILL').then(() => c.destroy());
    let last = false;
    s.on('error', () => {}).on('close', () => last || c.destroy()); // what is held back hangs until the kill
    c.on('error', () => {}).on('close', () => s.destroy());
    c.on('data', (d) => {
      const already = handled();
      const before = count;
      count += requests(d);
      if (before < n && count >= n) {
        last = true;
        if (when === 'before') return void kill();
        void within(60, 'the request is handled', () => handled() > already).then(kill);
      }
      s.write(d);
    });
    s.on('data', (d) => { if (!last) c.write(d); });
  });
  await new Promise((done) => { road.listen(0, '127.0.0.1', done); });
  return road;
}

const STEPS = ['check', 'begin', 'request', 'confirmation'];
for (const [k, step] of STEPS.entries())
  for (const when of ['before', 'after']) {
    if (!full && !(step === 'request' && when === 'after')) continue;
    sceneAlone(`the server dies ${when} the ${step}`, async () => {
      const label = `dies-${k}-${when}`;
      const road = await deadlyRoad(k + 1, when);
      const page = await begin([label], { plain: true, url: `https://127.0.0.1:${road.address().port}` });
      if (step !== 'check') {
        await toPin(page);
        await typePin(page, PIN);
      }
      await at(page, 'server-away');
      await server.start();
      if (step === 'check') {
        await toPin(page); // found by itself
        await typePin(page, PIN);
      }
      await page.waitForSelector('main[data-screen="done"], main[data-screen="already-done"]'); // goes on by itself
      same(`${label}: two certificates`, 2, certificates(label).length);
      same(`${label}: the PIN was asked for once`, true, page.ui.calls('C_Login') <= 2);
      await end(page);
      road.close();
    });
  }

await play('network');
