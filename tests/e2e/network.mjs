// Servers that die, proxies that refuse, clocks that are wrong: each put right again.
import net from 'node:net';
import tls from 'node:tls';
import { readFileSync, writeFileSync } from 'node:fs';
import { DIR, TMP, same, server } from './world.mjs';
import { agree, at, end, typePin } from './page.mjs';
import { PIN, begin, play, renewed, sceneAlone, scene, toPin } from './scenes.mjs';

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
  await server.start({ client_min_version: '"9.0.0"' });
  page = await begin(['clock']);
  await toPin(page);
  await typePin(page, PIN);
  await at(page, 'program-too-old');
  await end(page);
  await server.stop();
  await server.start({ client_min_version: '""' });
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

await play('network');
