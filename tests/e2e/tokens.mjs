// Tokens that fail, are full, or are pulled out in the middle and put back.
import { certificates, check, gates, same, server } from './world.mjs';
import { agree, at, end, look, typePin } from './page.mjs';
import { PIN, begin, full, play, renewed, scene, sceneAlone, toPin } from './scenes.mjs';

const pulls = ['C_Login:1', 'C_FindObjectsInit:9', 'C_SignInit:1', 'C_CreateObject:1', 'C_CreateObject:1:after', 'C_Sign:2', 'C_OpenSession:3', 'C_Sign:3'];

for (const [k, call] of pulls.entries())
  scene('pulled at ' + call, async () => {
    if (!full && k % 3 !== 1) return; // of a sample: before the key is found, after the write, at the test signature
    const tried = call.startsWith('C_Login');
    const [name, n, when] = call.split(':');
    const label = `pull-${k}`;
    const page = await begin([label], { env: { SHIM_FAIL: `${name}:${n}:pull${when ? ':' + when : ''}` } });
    await toPin(page);
    await typePin(page, PIN);
    await at(page, 'token-removed');
    same(`${call}: it was pulled`, 0, page.ui.plugged().length);
    page.ui.plug([label]);
    if (tried) {
      await at(page, 'pin');
      await typePin(page, PIN);
    }
    await renewed(page, label);
    await end(page);
  });

// Nobody knows whether the card counted it: so a PIN is asked for again, never tried again.
scene('pulled while a wrong PIN is tried', async () => {
  const page = await begin(['rest-0'], { plain: true, env: { SHIM_FAIL: 'C_Login:1:pull:after' } });
  await toPin(page);
  await typePin(page, 'wrong-pin-1');
  await at(page, 'token-removed');
  page.ui.plug(['rest-0']);
  await at(page, 'pin');
  same('one click, one try', 1, page.ui.calls('C_Login'));
  await end(page);
});

// A driver that does not return from a call: the page says what to do, and closing it ends the program all the same.
scene('a driver that hangs', async () => {
  const gate = gates('hangs');
  gate.shut('C_OpenSession');
  const page = await begin(['hangs'], { plain: true, env: { SHIM_GATE: gate.folder } });
  await at(page, 'looking');
  await page.clock.install();
  await page.reload();
  await at(page, 'looking');
  same('not at once', 0, await page.locator('.warn').count());
  await page.clock.fastForward(50000);
  await page.waitForSelector('.warn:has-text("rút token")');
  await look(page, 'slow');
  await page.context().close();
  same('closing the page ends it, the driver with it', 0, await page.ui.ended);
});

scene('capbu is killed while writing', async () => {
  const gate = gates('killed');
  let page = await begin(['hangs'], { plain: true, env: { SHIM_GATE: gate.folder } });
  await toPin(page);
  gate.shut('C_CreateObject');
  await typePin(page, PIN);
  await at(page, 'write');
  const support = await page.textContent('.support');
  page.ui.child.kill('SIGKILL');
  await page.waitForSelector('main[data-screen=closed]:has-text("giữa chừng")');
  same('the code to read out is still there', support, await page.textContent('.support'));
  await look(page, 'died');
  await page.context().close();
  page = await begin(['hangs'], { plain: true });
  await at(page, 'resume');
  await agree(page);
  await at(page, 'pin');
  await typePin(page, PIN);
  await renewed(page, 'hangs');
  await end(page);
});

// Steps on which the token rests: it may go and come back, or need not come back at all.
if (full) {
  sceneAlone('pulled while asking for a turn', async () => {
    const page = await begin(['rest-0'], { plain: true });
    await toPin(page);
    server.child.kill('SIGSTOP');
    await typePin(page, PIN);
    await at(page, 'request', { once: () => { page.ui.plug([]); server.child.kill('SIGCONT'); } });
    await at(page, 'token-removed');
    page.ui.plug(['rest-0']);
    await renewed(page, 'rest-0');
    same('one login', 1, page.ui.calls('C_Login'));
    await end(page);
  });
  sceneAlone('pulled while telling the server', async () => {
    const gate = gates('rest-1');
    const page = await begin(['rest-1'], { plain: true, env: { SHIM_GATE: gate.folder } });
    await toPin(page);
    gate.shut('C_CreateObject');
    await typePin(page, PIN);
    await at(page, 'write');
    server.child.kill('SIGSTOP');
    gate.open('C_CreateObject');
    await at(page, 'tell-server', { once: () => { page.ui.plug([]); server.child.kill('SIGCONT'); } });
    await page.waitForSelector('main[data-screen="done"], main[data-screen="token-removed"]');
    page.ui.plug(['rest-1']);
    await renewed(page, 'rest-1');
    await end(page);
  });
}

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
  page = await begin(['fault'], { env: { SHIM_FAIL: 'C_Sign:1:DEVICE_ERROR' } });
  await toPin(page);
  await typePin(page, PIN);
  await at(page, 'token-failed');
  await page.click('button.main');
  await at(page, 'pin');
  await typePin(page, PIN);
  await renewed(page, 'fault');
  await end(page);
  page = await begin(['keyless']);
  await toPin(page);
  await typePin(page, PIN);
  await at(page, 'no-key');
  await end(page);
});
// Some modules say nothing but "removed", or "error", for ever once a token was pulled out in their process.
for (const [k, sticky] of ['DEVICE_REMOVED', 'GENERAL_ERROR'].entries())
  scene('a module that never recovers: ' + sticky, async () => {
    const label = `stuck-${k}`;
    const page = await begin([label], { plain: true, env: { SHIM_STICKY: sticky, SHIM_FAIL: 'C_CreateObject:1:pull' } });
    await at(page, 'confirm');
    page.ui.plug([]);
    await at(page, 'no-token');
    page.ui.plug([label]);
    await toPin(page);
    await typePin(page, PIN);
    await at(page, 'token-removed');
    page.ui.plug([label]);
    await renewed(page, label);
    check('the module was started anew', page.ui.calls('C_Finalize') >= 2, String(page.ui.calls('C_Finalize')));
    await end(page);
  });
scene('two windows', async () => {
  const gate = gates('shared');
  const first = await begin(['shared'], { plain: true, env: { SHIM_GATE: gate.folder } });
  await toPin(first);
  gate.shut('C_CreateObject');
  await typePin(first, PIN);
  await at(first, 'write');
  const second = await begin(['shared']);
  await at(second, 'resume');
  await agree(second);
  await at(second, 'pin');
  await typePin(second, PIN);
  await at(second, 'token-in-use');
  same('no PIN was tried', 0, second.ui.calls('C_Login'));
  gate.open('C_CreateObject');
  await renewed(first, 'shared');
  await second.click('button.main');
  await at(second, 'already-done');
  await end(first);
  await end(second);
});

await play('tokens');
