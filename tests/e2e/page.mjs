// The browser's side: opens the page, waits for screens, and looks at every new one in both languages (axe, screenshot).
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';
import { CHROMIUM, SHOTS, check, leave, pause } from './world.mjs';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage', '--no-proxy-server'];
const PATIENCE = 60000; // a condition's limit on a slow, loaded machine; met, it costs nothing

let browser = null;
let owed = null; // the screens that this theme looks at; null: all
const seen = new Set(); // screen and language
export const looked = () => seen;
export const mine = (screens) => { owed = new Set(screens); };

export async function startBrowser() {
  browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
  return browser;
}

export const stopBrowser = () => browser.close();

// A screen of these, once it came, stays in the page until `page.release()`: what passes by can be looked at in peace.
async function hold(page, screens) {
  const key = () => page.evaluate(() => sessionStorage.getItem('capbu-key'));
  let open = null;
  let kept = Promise.resolve();
  page.release = () => open?.();
  await page.route('**/api/state**', async (route) => {
    let waiting = true;
    void kept.then(() => { waiting = false; });
    await pause(0);
    for (let k = 0; waiting; k++, await pause(50)) // the program must not think that nobody looks
      if (k % 20 === 0) await page.request.get(new URL('/api/state?after=-1', page.url()).href, { headers: { 'Capbu-Key': await key() } }).catch(() => {});
    const answer = await route.fetch().catch(() => null);
    if (!answer) return route.abort();
    const { screen } = answer.ok() ? await answer.json() : {};
    if (screens.includes(screen)) kept = new Promise((done) => { open = done; });
    await route.fulfill({ response: answer });
  });
}

export async function openPage(ui, options = {}) {
  if (!browser.isConnected()) await startBrowser(); // it died: the scene it died in has failed, the others go on
  const context = await browser.newContext({ viewport: { width: 900, height: 1100 }, permissions: ['clipboard-read', 'clipboard-write'], ...options });
  const page = await context.newPage();
  page.clicks = 0;
  page.errors = [];
  page.ui = ui;
  page.setDefaultTimeout(PATIENCE);
  if (options.holds) await hold(page, options.holds);
  page.on('pageerror', (e) => page.errors.push(String(e)));
  page.on('console', (m) => {
    if (m.type() === 'error' && !/ERR_CONNECTION|ERR_EMPTY|409|net::/.test(m.text())) page.errors.push(m.text());
  });
  await page.goto(options.address || ui.url);
  return page;
}

export async function axe(page, name) {
  await page.evaluate(AXE);
  const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  const list = found.violations.map((v) => `${v.id} (${v.nodes.map((n) => n.target).join(' ')})`);
  check(`axe: ${name}`, list.length === 0, list.join('; '));
}

// For people's eyes, when they ask for it.
async function shoot(page, name) {
  if (SHOTS) await page.screenshot({ path: `${SHOTS}/${name}.png`, fullPage: true });
}

async function narrow(page, name) {
  const size = page.viewportSize();
  await page.setViewportSize({ width: 320, height: 900 }); // as 200 % zoom of a 640 pixel window
  const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
  check(`fits 320 pixels: ${name}`, !wide);
  await shoot(page, name + '-narrow');
  await page.setViewportSize(size);
}

// A state of the page that is no screen of the program's.
export async function look(page, name) {
  await shoot(page, name);
  await axe(page, name);
  await narrow(page, name);
}

async function inspect(page, screen, lang) {
  const name = `${screen}-${lang}`;
  if (seen.has(`${screen} ${lang}`) || (owed && !owed.has(screen))) return;
  seen.add(`${screen} ${lang}`);
  await shoot(page, name);
  await axe(page, name);
  if (lang === 'vi') await narrow(page, name);
}

const wait = (page, screen, lang, ms) => page.waitForSelector(`html[lang=${lang || 'vi'}] main[data-screen="${screen}"]`, { timeout: ms }).catch(async () => {
  const now = await page.evaluate(() => document.querySelector('main')?.dataset.screen + ' / ' + document.documentElement.lang + ' / ' + document.body.innerText.slice(0, 300));
  throw new Error(`waited for ${screen} (${lang}), see ${now}; stderr: ${page.ui.stderr.slice(0, 300)}`);
});

export const langOf = (page) => page.evaluate(() => document.documentElement.lang);

async function switchTo(page, screen, lang) {
  await page.click('button.lang');
  await wait(page, screen, lang, PATIENCE);
}

// Waits for a screen; looks at it in both languages the first time, unless it is passing by.
export async function at(page, screen, { ms = PATIENCE, passing = false, once = null, lang = page.lang || 'vi' } = {}) {
  await wait(page, screen, lang, ms);
  if (once) once();
  page.ui.support = await page.textContent('.support');
  if (passing) {
    await inspect(page, screen, lang);
    return;
  }
  if (page.plain || (owed && !owed.has(screen))) return;
  const other = lang === 'vi' ? 'en' : 'vi';
  if (seen.has(`${screen} ${lang}`) && seen.has(`${screen} ${other}`)) return;
  await inspect(page, screen, lang);
  if (seen.has(`${screen} ${other}`)) return;
  await switchTo(page, screen, other);
  await inspect(page, screen, other);
  await switchTo(page, screen, lang);
}

export async function press(page, selector) {
  page.clicks++;
  await page.click(selector);
}

export async function agree(page) {
  await press(page, 'input[type=checkbox]');
  await press(page, 'button.main');
}

export async function typePin(page, pin) {
  await page.fill('#pin', pin);
  await press(page, 'button.main');
}

// The page is closed; that capbu ends with it is waited for later, beside the next scenes.
export async function end(page) {
  check(`no error in the page (${page.errors.length})`, page.errors.length === 0, page.errors.join('; '));
  await page.context().close();
  leave(page.ui);
}
