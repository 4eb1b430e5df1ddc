// Nothing to do here and now: every refusal, several to choose from, drivers and readers that are not what they should be.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { DIR, SHIM, TMP, capbuctl, check, gates, same, server, within } from './world.mjs';
import { agree, at, end, typePin } from './page.mjs';
import { ASSIST, PIN, begin, play, renewed, scene, sceneAlone, toPin } from './scenes.mjs';

scene('refusals', async () => {
  const page = await begin(['suspended']);
  const wanted = [['suspended', 'not-eligible', 'suspended'], ['revoked', 'not-eligible', 'revoked'],
    ['expiry-differs', 'not-eligible', 'expiry-differs'], ['connection-day', 'not-eligible', 'issued-on-connection-day'],
    ['after-connection', 'not-eligible', 'issued-after-connection'], ['contract-short', 'not-eligible', 'contract-not-longer'],
    ['unknown', 'other-certificate', 'unknown-certificate'], ['foreign', 'other-certificate', 'not-old-issuer'],
    ['later', 'not-open-yet', '01/04/2020'], ['held', 'held', 'beyond-new-ca'], ['blank', 'token-empty', ''],
    ['bare', 'certificate-missing', ''], ['ca-only', 'no-certificate', '']];
  for (const [token, screen, text] of wanted) {
    page.ui.plug([token]);
    await within(60, token, async () => (await page.getAttribute('main', 'data-screen')) === screen &&
      (await page.textContent('main')).includes(text));
    await at(page, screen);
    same(`${token}: nothing to spend a PIN on`, 0, await page.locator('#pin').count());
  }
  same('no login', 0, page.ui.calls('C_Login'));
  await end(page);
});

scene('several', async () => {
  const page = await begin(['two-a']);
  await at(page, 'several-certificates');
  page.ui.plug(['two-a', 'one']);
  await at(page, 'several-tokens');
  same('all of them', 3, await page.locator('.choices tbody tr').count());
  await page.click('.choices tr:has-text("CÔNG TY one") button');
  await toPin(page);
  await typePin(page, PIN);
  await renewed(page, 'one');
  await page.click('#restart');
  await at(page, 'several-certificates'); // the other token's two are left
  await end(page);
});

scene('drivers', async () => {
  let page = await begin([], { module: null, env: { CAPBU_MODULES: '' + TMP + '/no-such.so' } });
  await at(page, 'driver-failed');
  await end(page);
  page = await begin([], { module: null, env: { CAPBU_MODULES: ':' } });
  await at(page, 'no-driver');
  check('says whom to call', (await page.textContent('footer')).includes('18008000'));
  await end(page);
  mkdirSync(TMP + '/usb/1-1:1.0', { recursive: true });
  writeFileSync(TMP + '/usb/1-1:1.0/bInterfaceClass', '0b\n');
  page = await begin([], { env: { CAPBU_USB_DEVICES: TMP + '/usb' } });
  await at(page, 'driver-sees-no-token');
  await end(page);
  const broken = gates('unread');
  broken.shut('C_OpenSession');
  page = await begin(['unread'], { env: { SHIM_BROKEN: broken.folder } });
  await at(page, 'token-unreadable');
  await page.waitForSelector('footer:has-text("18008000")');
  broken.open('C_OpenSession');
  await page.click('main[data-screen=token-unreadable] button.main', { timeout: 5000 }).catch(() => {}); // it may be seen by itself first
  await at(page, 'confirm');
  await end(page);
});

// R5.6: what is open with a code and what without are told apart before any PIN; a code alone is no consent (R5.10).
sceneAlone('ways', async () => {
  let page = await begin(['unread']);
  await at(page, 'confirm');
  await page.click('summary');
  await page.fill('#assist', ASSIST);
  await agree(page);
  await at(page, 'self-only');
  await page.click('form button.main');
  await at(page, 'pin', { passing: true });
  await end(page);
  capbuctl('phase', 'open', 'p3-ho-tro');
  capbuctl('phase', 'halt', 'p1');
  page = await begin(['unread']);
  await at(page, 'assisted-only');
  await page.fill('#assist', ASSIST);
  await page.click('form button.main');
  await at(page, 'confirm');
  same('the code is kept', ASSIST, await page.inputValue('#assist'));
  await agree(page);
  await at(page, 'pin', { passing: true });
  same('no login', 0, page.ui.calls('C_Login'));
  await end(page);
  page = await begin(['unread']);
  await at(page, 'assisted-only');
  await page.fill('#assist', '0000-0000');
  await page.click('form button.main');
  await at(page, 'confirm');
  check('nobody is told to leave the code out', !(await page.textContent('main')).includes('tự làm'));
  await agree(page);
  await at(page, 'pin', { passing: true });
  await typePin(page, PIN);
  await at(page, 'assist-code-needed');
  check('nor when the code is wrong', !/tự làm|không cần mã/.test(await page.textContent('main')));
  await page.fill('#assist', ASSIST);
  await page.click('form button.main');
  await at(page, 'pin', { passing: true });
  same('no PIN was tried', 0, page.ui.calls('C_Login'));
  await end(page);
  capbuctl('phase', 'resume', 'p1');
});

// Nothing works but a driver that does not load; the server's newer list names one that does.
sceneAlone('a driver that the server tells of', async () => {
  const drivers = TMP + '/drivers';
  mkdirSync(drivers);
  writeFileSync(drivers + '/broken.so', 'no library');
  copyFileSync(SHIM, drivers + '/new.so');
  const publish = (version, ...names) => {
    writeFileSync(DIR + '/devices.conf', `linux_folders = "${drivers}"\n` + names.map((n) => `device "${n}" {\n  linux = "${n}.so"\n}\n`).join(''));
    capbuctl('devices', 'publish');
    return within(20, 'capbud names it', () => execFileSync('curl', ['-s', '--cacert', DIR + '/server-ca.pem', server.url + '/api/v1/client'])
      .toString().includes(`"devices_version":${version}`));
  };
  await publish(1, 'broken');
  let page = await begin(['unread'], { plain: true });
  await at(page, 'confirm'); // that list is kept now
  await end(page);
  await publish(2, 'broken', 'new');
  page = await begin(['unread'], { plain: true, module: null });
  await at(page, 'confirm');
  await end(page);
});

await play('refusals');
