// Scenes of one theme: played several at once or alone, and held to the screens that screens.json says the theme shows.
import { readFileSync } from 'node:fs';
import { ASSIST, PIN, certificates, check, ended, finish, openUi, server } from './world.mjs';
import { agree, at, looked, mine, openPage, startBrowser, stopBrowser, typePin } from './page.mjs';

export { ASSIST, PIN };
export const full = process.env.E2E === 'full';

const only = process.env.ONLY;
const first = [];
const together = [];
const alone = []; // what stops or changes the server

// Waits inside a scene are for conditions; this ends one that hangs.
const SCENE_MS = 240000;

function add(name, play, list) {
  if (only && !only.split(',').includes(name)) return;
  list.push(async () => {
    const from = Date.now();
    let timer;
    const late = new Promise((_, fail) => { timer = setTimeout(() => fail(new Error('the scene hangs')), SCENE_MS); });
    try {
      await Promise.race([play(), late]);
      console.log(`  ${name} (${((Date.now() - from) / 1000).toFixed(1)} s)`);
    } catch (e) {
      check(name, false, e.message.split('\n').slice(0, 4).join(' | '));
      await server.revive();
    }
    clearTimeout(timer);
  });
}

// A scene that plays beside others; one that needs the server for itself; one that measures, before all.
export const scene = (name, play) => add(name, play, together);
export const sceneAlone = (name, play) => add(name, play, alone);
export const sceneFirst = (name, play) => add(name, play, first);

async function run(list, width) {
  const next = list[Symbol.iterator]();
  const worker = async () => {
    for (const play of next) await play();
  };
  await Promise.all(Array.from({ length: width }, worker));
}

export async function begin(tokens, options = {}) {
  const ui = await openUi(tokens, options);
  const page = await openPage(ui, options);
  page.lang = options.args?.includes('en') ? 'en' : 'vi';
  page.plain = options.plain;
  return page;
}

export async function toPin(page, screen = 'pin') {
  await at(page, 'confirm');
  await agree(page);
  await at(page, screen);
}

export async function renewed(page, label) {
  await at(page, 'done');
  const hex = await page.textContent('#hex');
  const on = certificates(label);
  check(`${label}: the new certificate is on the token`, on.includes(hex) && on.length === 2, on.join(' '));
}

// The whole of a theme: its own server and browser, then every screen that it owes.
export async function play(theme) {
  const owed = JSON.parse(readFileSync(new URL('screens.json', import.meta.url), 'utf8'))[theme];
  mine(owed);
  await server.start();
  await startBrowser();
  await run(first, 1);
  await run(together, 4);
  await run(alone, 1);
  await ended();
  await stopBrowser();
  await server.stop();
  if (!only)
    for (const screen of owed)
      for (const lang of ['vi', 'en']) check(`${screen} was seen in ${lang}`, looked().has(`${screen} ${lang}`));
  finish(theme);
}
