// What comes after: the receipt, the marks that the server learns, one support code on every side, and the old certificate
// taken off the token.
import { execFileSync } from 'node:child_process';
import { copyFileSync, writeFileSync } from 'node:fs';
import { DIR, TMP, capbu, capbuctl, certificates, check, gates, same, server, within } from './world.mjs';
import { at, end, press, typePin } from './page.mjs';
import { PIN, begin, play, renewed, scene, toPin } from './scenes.mjs';

const marks = (support) => server.requests(support).filter((l) => l.path === '/api/v1/marks' && l.status === '200').length;

async function renew(page, label) {
  await toPin(page);
  await typePin(page, PIN);
  await renewed(page, label);
}

async function cleanTo(page, screen) {
  await press(page, '#clean-start');
  await at(page, 'clean-confirm');
  check('the button waits for the tick', await page.isDisabled('form button[type=submit]'));
  await press(page, '.tick input');
  await press(page, 'form button[type=submit]');
  await at(page, screen);
}

scene('receipt and marks', async () => {
  let page = await begin(['stays']);
  await renew(page, 'stays');
  const hex = await page.textContent('#hex');
  await page.waitForSelector('section[aria-labelledby=receipt]');
  const shown = await page.textContent('section[aria-labelledby=receipt]');
  check('the receipt says what was agreed to', shown.includes('Tôi đã kiểm tra'), shown);
  check('when, as it is written everywhere', /đồng ý lúc \d\d\/\d\d\/\d{4} \d\d:\d\d/.test(shown) && /Xác nhận lúc\d\d\/\d\d\/\d{4} \d\d:\d\d/.test(shown), shown);
  const [download] = await Promise.all([page.waitForEvent('download'), page.click('#save-receipt')]);
  check('its name', /^bien-nhan-cap-bu_\d{10}_\d{4}-\d\d-\d\d\.p7m$/.test(download.suggestedFilename()), download.suggestedFilename());
  const file = `${TMP}/saved.p7m`;
  copyFileSync(await download.path(), file);
  const said = JSON.parse(execFileSync('openssl', ['cms', '-verify', '-binary', '-inform', 'DER', '-in', file, '-CAfile', DIR + '/new-ca.pem',
    '-partial_chain', '-purpose', 'any', '-no_check_time'], { stdio: ['ignore', 'pipe', 'ignore'] }));
  same('it speaks of this certificate', hex, said.new_serial);
  const support = await page.textContent('.support');
  same('the renewal took four requests', 4, server.requests(support).length);
  const audit = capbuctl('audit', 'export').split('\n').filter((l) => l.includes(support)).map((l) => JSON.parse(l).kind);
  same('the code on the screen is the audit’s', 'consent reserved issued confirmed', audit.slice(-4).join(' '));
  await page.click('.checklist li:nth-child(1) input');
  await page.click('.checklist li:nth-child(5) input');
  // On a slow machine the pause between two ticks is long enough for the first to be told alone.
  const told = () => capbuctl('audit', 'export').split('\n').filter((l) => l.includes('"marks"')).map((l) => JSON.parse(l)).pop();
  await within(20, 'the server learns those that were ticked', () => told()?.detail.marks.join(' ') === 'tax bank');
  await within(5, 'the log has it under the same code', () => marks(support) > 0);
  await end(page);
  page = await begin(['stays']);
  await at(page, 'already-done');
  await page.waitForSelector('section[aria-labelledby=receipt]'); // kept on this machine
  const next = await page.textContent('.support');
  same('nothing is told twice', 0, marks(next));
  const steps = JSON.parse(capbu('diag')).steps.join('\n');
  check('the hotline finds both codes in what diag tells', steps.includes(support) && steps.includes(next), steps);
  await end(page);
});

for (const lang of ['vi', 'en'])
  scene('the old one goes ' + lang, async () => {
    const label = 'gone-' + lang;
    const gate = gates(label);
    const page = await begin([label], { args: ['--lang', lang], env: { SHIM_GATE: gate.folder }, holds: ['cleaning'] });
    await renew(page, label);
    const hex = await page.textContent('#hex');
    await cleanTo(page, 'clean-pin');
    gate.shut('C_Login');
    await typePin(page, PIN);
    await at(page, 'cleaning', { passing: true });
    check('says not to unplug', await page.isVisible('.keep'));
    page.release();
    gate.open('C_Login');
    await at(page, 'cleaned');
    same('only the new one is left', hex, certificates(label).join(' '));
    check('the checklist is still there', (await page.locator('.checklist input').count()) === 6);
    await press(page, '#restart');
    await at(page, 'already-done');
    check('nothing more to remove', !(await page.isVisible('#clean-start')));
    await end(page);
  });

scene('second thoughts', async () => {
  const page = await begin(['kept']);
  await renew(page, 'kept');
  await cleanTo(page, 'clean-pin');
  await page.getByRole('button', { name: 'Dừng lại' }).click();
  await at(page, 'already-done');
  await cleanTo(page, 'clean-pin');
  await typePin(page, 'wrong-' + PIN);
  await at(page, 'pin-wrong');
  page.ui.plug([]);
  await at(page, 'no-token');
  page.ui.plug(['kept']);
  await at(page, 'clean-pin'); // what was said stays said
  await end(page);
  same('both are there', 2, certificates('kept').length);
});

scene('another person’s token', async () => {
  writeFileSync(TMP + '/ui/next.plug', 'next\n');
  process.env.SHIM_PLUG = TMP + '/ui/next.plug';
  capbu('renew', '--yes', '--pin-file', TMP + '/pin');
  delete process.env.SHIM_PLUG;
  const page = await begin(['sold'], { plain: true });
  await toPin(page);
  await typePin(page, '12345678');
  await renewed(page, 'sold');
  check('its PIN is its maker’s', (await page.textContent('.warn')).includes('mặc định'));
  await cleanTo(page, 'clean-pin');
  page.ui.plug([]);
  await at(page, 'no-token');
  page.ui.plug(['next']);
  await at(page, 'already-done');
  check('its own certificate is shown', certificates('next').includes(await page.textContent('#hex')));
  same('and nothing of the other’s PIN', 0, await page.locator('.warn').count());
  await end(page);
});

scene('it does not go', async () => {
  let page = await begin(['torn']);
  await renew(page, 'torn');
  await end(page);
  page = await begin(['torn'], { env: { SHIM_FAIL: 'C_DestroyObject:1:DEVICE_ERROR' } });
  await at(page, 'already-done');
  await cleanTo(page, 'clean-pin');
  await typePin(page, PIN);
  await at(page, 'clean-failed');
  check('the new one is still there', certificates('torn').length >= 1);
  await page.click('button.main');
  await at(page, 'clean-pin');
  await typePin(page, PIN);
  await at(page, 'cleaned');
  same('then it goes', 1, certificates('torn').length);
  await end(page);
});

await play('after');
