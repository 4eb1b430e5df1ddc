// The processes of a test: capbud on a port that stays, capbu ui with the tokens that are plugged in, and the counts.
import { execFileSync, spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, readSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';

export const { TMP, DIR, CAPBU, CAPBUD, CAPBUCTL, SHIM, MODULE, PIN, TOKENS, SHOTS, CHROMIUM, ASSIST } = process.env;

let passed = 0;
let failed = 0;
export function check(name, good, why = '') {
  if (good) passed++;
  else failed++;
  if (!good) console.log(`FAILED ${name}${why === '' ? '' : ': ' + why}`);
}
export const same = (name, want, got) => check(name, want === got, `wanted ${JSON.stringify(want)}, got ${JSON.stringify(got)}`);

export const pause = (ms) => new Promise((done) => setTimeout(done, ms));

export async function within(seconds, what, test) {
  for (const end = Date.now() + seconds * 1000; ; await pause(40)) {
    const got = await test();
    if (got) return got;
    if (Date.now() > end) throw new Error(`not within ${seconds} s: ${what}`);
  }
}

function freePort() {
  return new Promise((done) => {
    const s = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = s.address();
      s.close(() => done(port));
    });
  });
}

const leaving = [];
// Its page is closed: `ended` waits for all of these.
export function leave(ui) {
  leaving.push(Promise.race([ui.ended, new Promise((done) => { setTimeout(() => done('still running'), 60000).unref(); })])
    .then((status) => check('capbu ends with its page', status === 0, `${status} ${ui.stderr}`)));
}
export const ended = () => Promise.all(leaving);

const children = new Set();
process.on('exit', () => children.forEach((c) => c.kill('SIGKILL')));

function conf(key, value) {
  const file = DIR + '/capbud.conf';
  const rest = readFileSync(file, 'utf8').split('\n').filter((l) => !new RegExp(`^${key}[ =]`).test(l));
  writeFileSync(file, `${key} = ${value}\n` + rest.join('\n'));
}

export const server = {
  port: 0,
  child: null,
  get url() { return `https://127.0.0.1:${this.port}`; },
  async start(settings = {}) {
    if (this.port === 0) this.port = await freePort();
    conf('listen', `"127.0.0.1:${this.port}"`);
    for (const [key, value] of Object.entries(settings)) conf(key, value);
    const child = spawn(CAPBUD, ['--dir', DIR], { stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '';
    this.child = child;
    this.log = this.log || '';
    children.add(child);
    child.stdout.on('data', (d) => { out += d; });
    child.stderr.on('data', (d) => { this.log += d; });
    await within(60, 'capbud is ready', () => out.includes('ready https://'));
  },
  async stop(signal = 'SIGTERM') {
    const { child } = this;
    const gone = new Promise((done) => { child.once('exit', done); });
    child.kill(signal);
    child.kill('SIGCONT');
    await gone;
    children.delete(child);
  },
  // After a scene that failed in the middle: the next one finds a server.
  async revive() {
    if (this.child.exitCode !== null || this.child.signalCode !== null) await this.start();
    else this.child.kill('SIGCONT');
  },
  // Requests of one run, by the support code that its screen shows.
  requests(support) {
    return this.log.split('\n').filter((l) => l.includes(`"${support}"`)).map((l) => JSON.parse(l)).filter((l) => l.route || l.path);
  },
};

// Shut for a function, the shim waits in its call until it is open.
export function gates(name) {
  const folder = `${TMP}/ui/gates-${name}`;
  mkdirSync(folder, { recursive: true });
  return { folder, shut: (call) => writeFileSync(`${folder}/${call}`, ''), open: (call) => rmSync(`${folder}/${call}`) };
}

let runs = 0;

// capbu ui with these tokens in; `plug` changes them later. SHIM_* go into `env`.
export async function openUi(tokens, { env = {}, args = [], module = SHIM, ca = DIR + '/server-ca.pem', url, door = false } = {}) {
  const dir = `${TMP}/ui/${++runs}`;
  const plugFile = dir + '.plug';
  const ui = { stderr: '', support: '' };
  ui.plug = (list) => writeFileSync(plugFile, list.map((l) => l + '\n').join(''));
  ui.plugged = () => readFileSync(plugFile, 'utf8').split('\n').filter(Boolean);
  ui.plug(tokens);
  const all = [...(url === null ? [] : ['--server', url || server.url, '--server-ca', ca]), ...(module ? ['--module', module] : []), ...args, 'ui',
    ...(door ? [] : ['--no-browser'])];
  const child = spawn(CAPBU, all, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, PIN: '', SOFTHSM2_CONF: TOKENS, SHIM_MODULE: MODULE, SHIM_PLUG: plugFile, SHIM_EVENTS: '1', SHIM_APPEND: '1', SHIM_COUNT: dir + '.count', SHIM_LOG: dir + '.log',
      CAPBU_USB_DEVICES: TMP + '/none', ...env },
  });
  let out = '';
  children.add(child);
  child.stdout.on('data', (d) => { out += d; });
  child.stderr.on('data', (d) => { ui.stderr += d; });
  ui.ended = new Promise((done) => child.once('exit', (status) => { children.delete(child); done(status); }));
  ui.child = child;
  ui.url = (await within(60, 'capbu ui prints its address: ' + ui.stderr, () => out.match(/^ui (http:\S+)$/m)))[1];
  ui.calls = (name) => (existsSync(dir + '.count') ? readFileSync(dir + '.count', 'utf8').split('\n').filter((l) => l.endsWith(' ' + name)).length : 0);
  // What is open on the token: sessions, and searches and signatures that were begun and not ended.
  ui.open = () => {
    const done = readFileSync(dir + '.log', 'utf8').split('\n').filter((l) => l.endsWith(' CKR_OK')).map((l) => l.split(' ')[1]);
    const count = (name) => done.filter((n) => n === name).length;
    return { sessions: count('C_OpenSession') - count('C_CloseSession'), searches: count('C_FindObjectsInit') - count('C_FindObjectsFinal'),
      signing: done.lastIndexOf('C_SignInit') > done.lastIndexOf('C_Sign') };
  };
  ui.cpu = () => {
    const f = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1].split(' ');
    return (Number(f[11]) + Number(f[12])) / 100;
  };
  return ui;
}

// How often a text stands in a program's memory, in locked pages and in others; null: this user may not look there, or a sanitizer is in it.
export function inMemory(pid, text) {
  const count = { locked: 0, open: 0 };
  let mem;
  try {
    mem = openSync(`/proc/${pid}/mem`, 'r');
  } catch {
    return null;
  }
  for (const part of readFileSync(`/proc/${pid}/smaps`, 'latin1').split(/^(?=[0-9a-f]+-[0-9a-f]+ r)/m)) {
    const range = part.match(/^([0-9a-f]+)-([0-9a-f]+) r/);
    if (!range || /\[v(var|syscall)/.test(part)) continue;
    const from = BigInt('0x' + range[1]);
    const size = Number(BigInt('0x' + range[2]) - from);
    if (size > 2 ** 32) return null; // a sanitizer's shadow: with one, no page is locked
    const bytes = Buffer.alloc(size);
    try {
      readSync(mem, bytes, 0, bytes.length, from);
    } catch {
      continue; // it went, or is no memory
    }
    for (let k = bytes.indexOf(text); k >= 0; k = bytes.indexOf(text, k + 1)) count[/^Locked: +[1-9]/m.test(part) ? 'locked' : 'open']++;
  }
  closeSync(mem);
  return count;
}

const pkcs11 = (...args) => execFileSync('pkcs11-tool', ['--module', MODULE, ...args],
  { env: { ...process.env, SOFTHSM2_CONF: TOKENS }, stdio: ['ignore', 'pipe', 'ignore'] }).toString();

function slotOf(label) {
  const slot = pkcs11('--list-token-slots').split(/^Slot /m).find((s) => new RegExp(`token label +: ${label}$`, 'm').test(s));
  return slot.match(/\((0x[0-9a-f]+)\)/)[1];
}

// What stands on the token, as a program sees it that knows nothing of us.
export function certificates(label) {
  const list = pkcs11('--slot', slotOf(label), '--list-objects', '--type', 'cert');
  return [...list.matchAll(/^ {2}serial: +(\S+)$/gm)].map((m) => m[1].replace(/^0+/, '').toUpperCase());
}

export function removeCertificate(label, name) {
  pkcs11('--slot', slotOf(label), '--login', '--pin', 'env:PIN', '--delete-object', '--type', 'cert', '--label', name);
}

export function capbuctl(...args) {
  return execFileSync(CAPBUCTL, ['--dir', DIR, ...args]).toString();
}

export function capbu(...args) {
  return execFileSync(CAPBU, ['--server', server.url, '--server-ca', DIR + '/server-ca.pem', '--module', SHIM, ...args],
    { env: { ...process.env, SOFTHSM2_CONF: TOKENS, SHIM_MODULE: MODULE }, stdio: ['ignore', 'pipe', 'pipe'] }).toString();
}

export function base64Der(name) {
  return execFileSync('sh', ['-c', `openssl x509 -in "${TMP}/${name}.pem" -outform DER | base64 -w0`]).toString();
}

export function finish(title) {
  console.log(`${title}: ${passed} passed, ${failed} failed`);
  process.exit(failed === 0 && passed > 0 ? 0 : 1);
}
