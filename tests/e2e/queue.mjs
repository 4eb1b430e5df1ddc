// A server that makes people wait, has halted, refuses, or credits an account manager.
import { execFileSync } from 'node:child_process';
import { DIR, TMP, capbu, capbuctl, check, gates, same, server, within } from './world.mjs';
import { agree, at, end, press, typePin } from './page.mjs';
import { ASSIST, PIN, begin, play, renewed, sceneAlone, toPin } from './scenes.mjs';

sceneAlone('waiting room', async () => {
  await server.stop();
  await server.start({ max_active: 1 });
  const gate = gates('holds'); // another computer has its turn, and stands before its token
  gate.shut('C_Login');
  const holder = await begin(['holds'], { plain: true, env: { SHIM_GATE: gate.folder } });
  await toPin(holder);
  await typePin(holder, PIN);
  await within(20, 'it has the place', () => server.log.split('\n').some((l) => l.includes('"/api/v1/begin"') && l.includes('"200"')));
  const page = await begin(['waits']);
  await toPin(page);
  await typePin(page, PIN);
  await at(page, 'waiting');
  check('says the place', (await page.textContent('.big')).includes(': 1'));
  const behind = await begin(['again'], { plain: true });
  await toPin(behind);
  await typePin(behind, PIN);
  await at(behind, 'waiting');
  const told = await behind.textContent('.big');
  check('another one stands behind, and is told the whole time', told.includes(': 2') && told.includes('21 giây'), told);
  check('it waits for the first step', (await behind.textContent('.steps .current')).includes('Gửi yêu cầu'));
  await press(behind, '.buttons button');
  await at(behind, 'cancelled');
  await end(behind);
  await page.reload();
  await at(page, 'waiting');
  check('the place is kept', (await page.textContent('.big')).includes(': 1'), await page.textContent('.big'));
  gate.open('C_Login');
  await renewed(holder, 'holds');
  await end(holder);
  await renewed(page, 'waits');
  await end(page);
  await server.stop();
  await server.start({ max_active: 256 });
});

sceneAlone('server says no', async () => {
  let page = null;
  for (const lang of ['en', 'vi']) {
    server.child.kill('SIGSTOP');
    page = await begin(['late'], { args: ['--lang', lang], holds: ['looking'] });
    await at(page, 'looking', { passing: true, once: () => server.child.kill('SIGCONT') });
    page.release();
    await at(page, 'confirm');
    if (lang === 'en') await end(page);
  }
  await toPin(page);
  capbuctl('import', TMP + '/late.csv'); // suspended meanwhile
  await typePin(page, PIN);
  await at(page, 'server-refused');
  check('the reason is shown', (await page.textContent('main')).includes('suspended'));
  check('in words, without opening anything', (await page.innerText('.reason')).startsWith('Chứng thư số này'));
  same('nothing was tried or written', 0, page.ui.calls('C_Login'));
  await end(page);
  await server.stop();
  await server.start({ requests_per_minute: 1 });
  const often = Array(60).fill(server.url + '/readyz'); // empties this address's bucket
  execFileSync('curl', ['-s', '--cacert', DIR + '/server-ca.pem', ...often]);
  const busy = await begin(['clock']);
  try {
    await at(busy, 'server-busy');
    await end(busy);
  } finally {
    await server.stop();
    await server.start({ requests_per_minute: 1200 });
  }
});

sceneAlone('halted', async () => {
  capbuctl('phase', 'halt', 'p1');
  const page = await begin(['clock']);
  await at(page, 'halted');
  check('a halted phase names no day', !(await page.textContent('main')).includes('01/05/2020'));
  capbuctl('phase', 'resume', 'p1');
  await page.click('button.main');
  await at(page, 'confirm');
  await end(page);
});

sceneAlone('assisted', async () => {
  capbuctl('phase', 'open', 'p3-ho-tro');
  const page = await begin(['assisted']);
  await at(page, 'confirm');
  await page.click('summary');
  await page.evaluate(() => document.querySelector('#assist').removeAttribute('maxlength'));
  await page.fill('#assist', 'K'.repeat(64));
  await agree(page);
  await at(page, 'assist-code'); // no code is that long: said before any PIN
  await page.fill('#assist', '0000-0000');
  await page.click('form button.main');
  await at(page, 'confirm');
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
  await page.click('#restart');
  await at(page, 'already-done');
  check('the code of a run begun anew is in what diag tells', capbu('diag').includes(page.ui.support));
  page.ui.plug(['again']);
  await toPin(page); // the next customer, the same code
  await typePin(page, PIN);
  await renewed(page, 'again');
  await end(page);
});

await play('queue');
