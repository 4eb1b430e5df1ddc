// The browser's side: opens the page, waits for screens, and looks at every new one in both languages (axe, screenshot).
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';
import { CHROMIUM, SHOTS, check, server } from './world.mjs';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage', '--no-proxy-server'];

let browser = null;
const seen = new Set(); // screen and language
export const reached = () => new Set([...seen].map((s) => s.split(' ')[0]));
export const looked = () => seen;

export async function startBrowser() {
  browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
  return browser;
}

export const stopBrowser = () => browser.close();

export async function openPage(ui, options = {}) {
  if (!browser.isConnected()) await startBrowser(); // it died: the scene it died in has failed, the others go on
  const context = await browser.newContext({ viewport: { width: 900, height: 1100 }, permissions: ['clipboard-read', 'clipboard-write'], ...options });
  const page = await context.newPage();
  page.clicks = 0;
  page.errors = [];
  page.ui = ui;
  page.on('pageerror', (e) => page.errors.push(String(e)));
  page.on('console', (m) => {
    if (m.type() === 'error' && !/ERR_CONNECTION|ERR_EMPTY|409|net::/.test(m.text())) page.errors.push(m.text());
  });
  await page.goto(options.address || ui.url);
  return page;
}

async function axe(page, name) {
  await page.evaluate(AXE);
  const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  const list = found.violations.map((v) => `${v.id} (${v.nodes.map((n) => n.target).join(' ')})`);
  check(`axe: ${name}`, list.length === 0, list.join('; '));
}

async function narrow(page, name) {
  const size = page.viewportSize();
  await page.setViewportSize({ width: 320, height: 900 }); // as 200 % zoom of a 640 pixel window
  const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
  check(`fits 320 pixels: ${name}`, !wide);
  await page.screenshot({ path: `${SHOTS}/${name}-narrow.png`, fullPage: true });
  await page.setViewportSize(size);
}

async function inspect(page, screen, lang) {
  const name = `${screen}-${lang}`;
  if (seen.has(`${screen} ${lang}`)) return;
  seen.add(`${screen} ${lang}`);
  await page.screenshot({ path: `${SHOTS}/${name}.png`, fullPage: true });
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
  await wait(page, screen, lang, 12000);
}

// Waits for a screen; looks at it in both languages the first time, unless it is passing by.
export async function at(page, screen, { ms = 15000, passing = false, lang = page.lang || 'vi' } = {}) {
  await wait(page, screen, lang, ms);
  page.ui.support = await page.textContent('.support');
  if (passing) {
    await inspect(page, screen, lang);
    return;
  }
  if (page.plain) return;
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

export async function end(page) {
  check(`no error in the page (${page.errors.length})`, page.errors.length === 0, page.errors.join('; '));
  await page.context().close();
  const status = await Promise.race([page.ui.ended, new Promise((done) => setTimeout(() => done('still running'), 35000))]);
  check('capbu ends with the page', status === 0, String(status) + ' ' + page.ui.stderr);
}

export { server };
