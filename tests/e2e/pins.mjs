// Guards before a PIN try is spent, and what comes after one.
import { check, gates, inMemory, pause, same } from './world.mjs';
import { at, end, press, typePin } from './page.mjs';
import { PIN, begin, play, renewed, scene, toPin } from './scenes.mjs';

scene('pins', async () => {
  const page = await begin(['wrong'], { env: { SHIM_FLAGS: 'count_low' } });
  await toPin(page);
  check('says that tries were lost', (await page.textContent('#pin-warn')).length > 10);
  await typePin(page, 'abc');
  await at(page, 'pin-length');
  await page.fill('#pin', 'mật-khẩu-8');
  check('warns of accented letters, composed', (await page.textContent('#pin-warn')).includes('bộ gõ'));
  await page.fill('#pin', 'ma\u0323t-kha\u0302\u0309u-8'); // NFD
  check('warns of accented letters, decomposed', (await page.textContent('#pin-warn')).includes('bộ gõ'));
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
  await page.click('form .buttons button:not(.main)');
  await at(page, 'cancelled');
  await press(page, 'button.main');
  await toPin(page, 'pin-last-try'); // who stopped is asked again
  await page.click('.tick input');
  await page.click('button[type=submit]');
  await page.waitForSelector('#pin');
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

// Many drivers never set the flag: it is no dead end.
scene('no PIN set', async () => {
  const page = await begin(['locked'], { env: { SHIM_FLAGS: 'no_pin' } });
  await toPin(page);
  await end(page);
});

scene('to be changed', async () => {
  const page = await begin(['locked'], { env: { SHIM_FAIL: 'C_Login:1:PIN_EXPIRED' } });
  await toPin(page);
  await typePin(page, PIN);
  await at(page, 'pin-to-change');
  await end(page);
});

scene('perhaps wrong', async () => {
  const page = await begin(['locked'], { env: { SHIM_FAIL: 'C_Login:1:GENERAL_ERROR' } });
  await toPin(page);
  await typePin(page, PIN);
  await at(page, 'pin-maybe-wrong');
  await pause(300);
  same('it is not tried again by itself', 1, page.ui.calls('C_Login'));
  await end(page);
});

for (const lang of ['vi', 'en'])
  scene('pin pad ' + lang, async () => {
    const gate = gates('pad-' + lang);
    const page = await begin(['pad-' + lang], { args: ['--lang', lang], env: { SHIM_FLAGS: 'pin_pad', SHIM_PAD: PIN, SHIM_GATE: gate.folder } });
    await toPin(page, 'pin-pad');
    same('no PIN is asked on the computer', 0, await page.locator('#pin').count());
    gate.shut('C_Login');
    await press(page, 'button.main');
    await at(page, 'pin-pad-now', { passing: true });
    gate.open('C_Login');
    await renewed(page, 'pad-' + lang);
    await end(page);
  });

// What an input method composed may not be what was pressed, though it is plain ASCII: it is asked about before it costs a try.
scene('composed', async () => {
  const page = await begin(['composed'], { plain: true });
  await toPin(page);
  await page.click('.show input'); // browsers keep input methods out of hidden fields
  await page.focus('#pin');
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Input.imeSetComposition', { text: 'wro', selectionStart: 3, selectionEnd: 3 });
  await cdp.send('Input.insertText', { text: PIN });
  await page.waitForSelector('#pin-warn :text("Unikey")');
  await press(page, 'button.main');
  await page.waitForSelector('#pin-warn :text("Chưa thử")');
  same('it was not tried', 0, page.ui.calls('C_Login'));
  await page.fill('#pin', '');
  await page.fill('#pin', 'wrong-pin-1'); // typed anew, without
  same('no warning is left', '', await page.textContent('#pin-warn'));
  await page.focus('#pin');
  for (let k = 0; k < 8; k++) await page.keyboard.press('Enter');
  await at(page, 'pin-wrong');
  await at(page, 'pin-wrong');
  same('a storm of Enter is one try', 1, page.ui.calls('C_Login'));
  await typePin(page, PIN);
  await renewed(page, 'composed');
  await end(page);
});

// From the request's body to the module's call it lies in locked pages only, and afterwards nowhere.
scene('in memory', async () => {
  const gate = gates('memory');
  const page = await begin(['memory'], { plain: true, env: { SHIM_GATE: gate.folder } });
  await toPin(page);
  await typePin(page, 'wrong-word-7');
  await at(page, 'pin-wrong');
  const wrong = inMemory(page.ui.child.pid, 'wrong-word-7');
  if (wrong) same('a wrong one: nowhere', 0, wrong.locked + wrong.open);
  gate.shut('C_CreateObject');
  await typePin(page, PIN);
  await at(page, 'write');
  const used = inMemory(page.ui.child.pid, PIN);
  gate.open('C_CreateObject');
  await renewed(page, 'memory');
  const after = inMemory(page.ui.child.pid, PIN);
  if (used) check('while it is used: in locked pages', used.locked > 0 && used.open === 0, JSON.stringify(used));
  if (after) same('afterwards: nowhere', 0, after.locked + after.open);
  if (!used) console.log('skipped: this user may not look into another process');
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

await play('pins');
