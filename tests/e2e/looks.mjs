// How the page looks, on made-up states, in one page of one browser: see looks.sh.
import { readFileSync } from 'node:fs';
import http from 'node:http';
import { SHOTS, check, finish, same, within } from './world.mjs';
import { axe, startBrowser, stopBrowser } from './page.mjs';
import { COMPANY, TAX, screens, stateOf } from './states.mjs';

const { WEB } = process.env;
const files = {
  '/': ['text/html; charset=utf-8', readFileSync(new URL('../../src/web/subscriber/index.html', import.meta.url), 'utf8').replace('@KEY@', 'k')],
  '/app.js': ['text/javascript; charset=utf-8', readFileSync(WEB + '/web_subscriber.js')],
  '/app.css': ['text/css; charset=utf-8', readFileSync(WEB + '/web_subscriber.css')],
};
const posted = [];
let state = stateOf('looking', 'vi');
let waiting = [];
const site = http.createServer((q, r) => {
  const { pathname, searchParams } = new URL(q.url, 'http://x');
  const answer = () => r.setHeader('Content-Type', 'application/json').end(JSON.stringify(state));
  if (pathname === '/api/state') return Number(searchParams.get('after')) === state.seq ? waiting.push(answer) : answer();
  if (q.method === 'POST') {
    let body = '';
    q.on('data', (d) => { body += d; });
    q.on('end', () => { posted.push([pathname.slice(5), body]); r.writeHead(204).end(); });
    return undefined;
  }
  if (!files[pathname]) return r.writeHead(404).end();
  return r.setHeader('Content-Type', files[pathname][0]).end(files[pathname][1]);
});
await new Promise((up) => { site.listen(0, '127.0.0.1', up); });

const browser = await startBrowser();
const WIDE = { width: 1280, height: 640 };
const context = await browser.newContext({ viewport: WIDE });
const page = await context.newPage();
await page.addInitScript(() => { window.print = () => { window.printed = document.title; }; });
await page.goto(`http://127.0.0.1:${site.address().port}/`);

async function show(screen, lang = 'vi', change = {}) {
  state = stateOf(screen, lang, change);
  waiting.splice(0).forEach((answer) => answer());
  await page.waitForSelector(`main[data-screen="${screen}"][data-seq="${state.seq}"]`);
}
const inView = (selector) => page.$eval(selector, (e) => { const r = e.getBoundingClientRect(); return r.top >= 0 && r.bottom <= innerHeight; });
const css = (selector, name, pseudo) => page.$eval(selector, (e, [n, p]) => getComputedStyle(e, p).getPropertyValue(n), [name, pseudo]);
const text = (selector) => page.innerText(selector);

// What is agreed to, the tick and the button are seen without scrolling.
for (const lang of ['vi', 'en']) {
  await show('confirm', lang);
  await page.evaluate(() => scrollTo(0, 0));
  for (const what of ['.whose', '.facts', '.tick', '.buttons button.main']) check(`confirm ${lang}: ${what} above the fold`, await inView(what));
  const main = await text('main');
  for (const what of [COMPANY, TAX, '2020', '2021', 'Hải Phòng', 'ketoan@donghai.example.vn']) check(`confirm ${lang} says ${what}`, main.includes(what));
  check('the name is before the numbers', main.indexOf(COMPANY) < main.indexOf('TOKEN-1') && main.indexOf('TOKEN-1') < main.indexOf('5404ABCD'));
}

// Who asks here, of whom, and whom to call.
await show('pin');
check('the header names the issuer and the programme', /Nhà cung cấp ABC[^]*Cấp bù thời hạn chứng thư số 2020/.test(await text('header')), await text('header'));
check('the company stands beside the PIN', (await text('form')).includes(COMPANY) && (await text('form')).includes(TAX));
same('the PIN field has the focus', 'pin', await page.evaluate(() => document.activeElement.id));
check('and its description names the screen', (await page.getAttribute('#pin', 'aria-describedby')).split(' ').includes('title'));
await page.setViewportSize({ width: 640, height: 320 }); // 200 % of it
await show('pin-wrong');
check('the PIN field is in view at 200 %', await inView('#pin'));
await page.setViewportSize(WIDE);
await show('server-away');
check('whom to call, though the server is away', (await text('footer')).includes('18008000'));
await page.click('.about summary');
check('what this is, by which letter', (await text('.about')).includes('123/ABC-CA'));
await show('server-away', 'vi', { hotline: '', programme: { title: '', issuer: '', letter: '' } });
same('nothing is made up where nothing is known', 'Cấp bù thời hạn chứng thư số', (await text('header div')).trim());

// A new screen is read from its heading.
for (const screen of ['no-token', 'confirm', 'not-eligible', 'write', 'done', 'clean-confirm', 'pin-locked', 'server-refused']) {
  await show(screen);
  await page.waitForFunction(() => document.activeElement?.tagName === 'H1', null, { timeout: 5000 }).catch(() => {});
  same(`${screen}: the focus is on the heading`, 'H1', await page.evaluate(() => document.activeElement.tagName));
}

// Steps: none on a refusal, none that jump back while the old one goes.
await show('not-eligible');
check('a refusal is no step', !/Bước/.test(await text('main')) && (await page.locator('.stages').count()) === 0);
check('the reason’s code is for the hotline', (await text('main')).includes('Mã lý do (đọc cho tổng đài): suspended'));
await show('clean-pin');
same('removal shows no steps', 0, await page.locator('.stages').count());

// Ten tokens on one screen.
await page.setViewportSize({ width: 1280, height: 900 });
await show('several-tokens');
same('ten rows', 10, await page.locator('.choices tbody tr').count());
check('all in view', await inView('.choices tbody tr:last-child'));
const row = await text('.choices tbody tr:nth-child(3)');
check('each with company, tax code and token', /SỐ 2/.test(row) && row.includes('0110000003') && row.includes('TOKEN-3'), row);
await page.click('.choices tbody tr:nth-child(3) button');
await within(5, 'the choice is sent', () => posted.some(([name, body]) => name === 'choose' && JSON.parse(body).serial.endsWith('12')));
await page.setViewportSize(WIDE);

// The end: whose, the next day, what is filed.
for (const lang of ['vi', 'en']) {
  await show('done', lang);
  const main = await text('main');
  check(`done ${lang}: the company`, main.includes(COMPANY));
  const traps = await text('section[aria-labelledby=traps]');
  check(`done ${lang}: which of the two to choose, by day`, traps.includes(lang === 'vi' ? '30/06/2021' : '2021-06-30') && traps.includes(lang === 'vi' ? '02/10/2020' : '2020-10-02'), traps);
}
await show('done');
await page.click('#print');
same('the PDF’s name', `bien-nhan-cap-bu_${TAX}_2020-04-02`, await page.evaluate(() => window.printed));
check('the title is the page’s again', !(await page.title()).startsWith('bien-nhan'));
for (const [button, name] of [['#save', `chung-thu-so_${TAX}.cer`], ['#save-receipt', `bien-nhan-cap-bu_${TAX}_2020-04-02.p7m`]]) {
  const [download] = await Promise.all([page.waitForEvent('download'), page.click(button)]);
  same('a file’s name', name, download.suggestedFilename());
}
check('the paper is no part of the screen', !(await page.isVisible('.paper')));
await page.emulateMedia({ media: 'print' });
const paper = await text('.paper');
for (const what of ['Nhà cung cấp ABC', COMPANY, TAX, '5404ABCD0123456789ABCDEF01234599', '30/06/2021', '02/04/2020 09:30', 'K7QD-M4XA', '18008000', '.p7m'])
  check(`the paper says ${what}`, paper.includes(what));
check('and nothing else is printed', !(await page.isVisible('main')) && !(await page.isVisible('header')));
const pdf = (await page.pdf({ format: 'A4' })).toString('latin1');
same('one sheet', 1, (pdf.match(/\/Type\s*\/Page\b/g) || []).length);
if (SHOTS) await page.screenshot({ path: `${SHOTS}/paper.png`, fullPage: true });
await show('server-refused');
check('another screen prints as it stands', await page.isVisible('main'));
await page.emulateMedia({ media: 'screen' });

// Removing the old one: what is not ticked is named.
await show('clean-confirm');
const open = await text('.warn');
check('what is not ticked is named', open.includes('Hải quan') && open.includes('Ngân hàng') && !open.includes('Thuế điện tử'), open);
check('how many', (await text('.tick')).includes('còn 5 nơi'));
same('the button is no invitation', 'danger', await page.getAttribute('form button[type=submit]', 'class'));
await show('clean-confirm', 'vi', { marks: [{ item: 'tax', done: true }] });
same('all ticked: no warning', 0, await page.locator('.warn').count());

// Stillness, the system's own colours, the dark.
await page.emulateMedia({ reducedMotion: 'reduce' });
await show('write');
check('a bar that stands still does not look full', (await css('.bar span', 'background-image')).includes('repeating-linear-gradient'));
await page.emulateMedia({ reducedMotion: 'no-preference', forcedColors: 'active' });
await show('write');
check('forced colours: the box keeps its edge', parseFloat(await css('.keep', 'border-top-width')) >= 2);
await show('confirm');
check('forced colours: the present step stands out', (await css('.stages .current .mark', 'background-color')) !== (await css('.stages .ahead .mark', 'background-color')));
await page.emulateMedia({ forcedColors: 'none', colorScheme: 'dark' });
for (const screen of ['no-token', 'confirm', 'several-tokens', 'not-eligible', 'pin', 'pin-last-try', 'waiting', 'write', 'server-away', 'proxy-refuses', 'done', 'clean-confirm']) {
  await show(screen);
  await axe(page, screen + ' in the dark');
}
const light = (await css('body', 'background-color')).match(/\d+/g).map(Number);
check('dark is dark', light.every((c) => c < 60), String(light));
await page.emulateMedia({ colorScheme: 'light' });

for (const screen of SHOTS ? screens : [])
  for (const lang of ['vi', 'en']) {
    await show(screen, lang);
    await page.screenshot({ path: `${SHOTS}/${screen}-${lang}.png`, fullPage: true });
    await page.setViewportSize({ width: 320, height: 640 });
    check(`fits 320 pixels: ${screen} ${lang}`, await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
    await page.screenshot({ path: `${SHOTS}/${screen}-${lang}-narrow.png`, fullPage: true });
    await page.setViewportSize(WIDE);
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.screenshot({ path: `${SHOTS}/${screen}-${lang}-dark.png`, fullPage: true });
    await page.emulateMedia({ colorScheme: 'light' });
  }
await stopBrowser();
finish('looks');
