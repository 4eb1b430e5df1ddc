// What goes well: from plug-in to done, by mouse and by keyboard, and every step of the work on the way.
import { execFileSync } from 'node:child_process';
import { certificates, check, gates, removeCertificate, same, server } from './world.mjs';
import { agree, at, end, press, typePin } from './page.mjs';
import { PIN, begin, play, renewed, scene, sceneAlone, sceneFirst, toPin } from './scenes.mjs';

sceneFirst('count', async () => {
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
  check('less than 5 s of its own', cpu < 5, String(cpu));
  await end(page);
});

// Whoever closes the page is not left with a program that holds the token.
sceneFirst('closed', async () => {
  const page = await begin([], { plain: true });
  await at(page, 'no-token');
  const from = Date.now();
  await page.context().close();
  same('ends well', 0, await page.ui.ended);
  const took = Date.now() - from;
  check('within 3 s of its page', took <= 3000, `${took} ms`);
});

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
  const [download] = await Promise.all([page.waitForEvent('download'), page.click('#save')]);
  execFileSync('openssl', ['x509', '-inform', 'DER', '-in', await download.path(), '-noout']);
  await page.click('.checklist input');
  await page.waitForSelector('.checklist input:checked');
  await page.reload();
  await at(page, 'done');
  same('the mark stays', 1, await page.locator('.checklist input:checked').count());
  await press(page, '#restart');
  await at(page, 'already-done');
  same('the mark stays in another run', 1, await page.locator('.checklist input:checked').count());
  const hex = await page.textContent('#hex');
  removeCertificate('ok', 'ok');
  page.ui.plug([]);
  await at(page, 'no-token');
  page.ui.plug(['ok']); // with the new certificate only (R2.6)
  await at(page, 'already-done');
  same('the same certificate is shown', hex, await page.textContent('#hex'));
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
  await page.waitForFunction(() => document.activeElement?.id === 'pin'); // without a key pressed
  await page.keyboard.type(PIN);
  await page.keyboard.press('Enter');
  await renewed(page, 'english');
  await end(page);
});

// No card is kept busy while a person thinks or the network works: no session before the login, none of its operations after.
function unbusy(page, when, sessions) {
  const open = page.ui.open();
  same(`${when}: sessions`, sessions, open.sessions);
  same(`${when}: nothing under way on the token`, '0 false', `${open.searches} ${open.signing}`);
}

// The server and the token are held at each step until the page has shown it.
for (const lang of ['vi', 'en'])
  sceneAlone('steps-' + lang, async () => {
    const gate = gates('steps-' + lang);
    const page = await begin(['steps-' + lang], { plain: true, args: ['--lang', lang], env: { SHIM_GATE: gate.folder },
      holds: ['request', 'sign', 'write', 'tell-server'] });
    await at(page, 'confirm');
    unbusy(page, 'the data are read', 0);
    await agree(page);
    await at(page, 'pin');
    unbusy(page, 'the PIN is typed', 0);
    gate.shut('C_Login');
    gate.shut('C_CreateObject');
    const heard = () => server.child.kill('SIGCONT');
    server.child.kill('SIGSTOP');
    await typePin(page, PIN);
    await at(page, 'request', { passing: true, once: () => { unbusy(page, 'waiting for a turn', 0); heard(); } });
    check('nothing is written yet: no warning', !(await page.isVisible('.keep')));
    page.release();
    await at(page, 'sign', { passing: true });
    gate.open('C_Login');
    page.release();
    await at(page, 'write', { passing: true });
    check('says not to unplug', await page.isVisible('.keep'));
    server.child.kill('SIGSTOP');
    gate.open('C_CreateObject');
    page.release();
    await at(page, 'tell-server', { passing: true, once: () => { unbusy(page, 'telling the server', 1); heard(); } });
    page.release();
    await renewed(page, 'steps-' + lang);
    unbusy(page, 'done', 0);
    check('the warning is gone', !(await page.isVisible('.keep')));
    await end(page);
  });

scene('closed while writing', async () => {
  const gate = gates('slow');
  const page = await begin(['slow'], { plain: true, env: { SHIM_GATE: gate.folder } });
  await toPin(page);
  gate.shut('C_CreateObject');
  await typePin(page, PIN);
  await at(page, 'write');
  await page.context().close();
  gate.open('C_CreateObject');
  same('ends by itself', 0, await page.ui.ended);
  same('the write was finished', 2, certificates('slow').length);
});

scene('page closed', async () => {
  const page = await begin(['door']);
  await at(page, 'confirm');
  const from = Date.now();
  await page.close({ runBeforeUnload: true });
  same('ends when the page is closed', 0, await page.ui.ended);
  check('soon', Date.now() - from < 30000, String(Date.now() - from));
});

await play('success');
