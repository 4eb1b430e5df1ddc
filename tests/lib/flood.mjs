// A caller who has every certificate and no key, as fast as it can:
//   node flood.mjs URL SECONDS ADDRESSES FOLDER
// FOLDER has NAME.pem (somebody's certificate) and NAME.kur (a kur under it that another key signed). Calls come from
// 127.0.1.2, 127.0.2.2 … in turn, 16 at a time. Prints {"calls": N, "STATUS": N …}.
import { readFileSync, readdirSync } from 'node:fs';
import https from 'node:https';

const [url, seconds, addresses, folder] = process.argv.slice(2);
const JSON_TYPE = 'application/json';
const count = { calls: 0 };

const bodies = readdirSync(folder).filter((f) => f.endsWith('.pem')).flatMap((f) => {
  const pem = readFileSync(`${folder}/${f}`, 'latin1');
  const certificate = pem.replace(/-----[^-]*-----|\s/g, '');
  const begin = { certificate, consent: { text_id: 'data-confirmed-1', given: true }, client_version: '9.9', device_model: 'x' };
  return [
    { path: '/.well-known/cmp', type: 'application/pkixcmp', body: readFileSync(`${folder}/${f.replace('.pem', '.kur')}`) },
    { path: '/api/v1/begin', type: JSON_TYPE, body: JSON.stringify({ ...begin, assist: 'AAAA-AAAA' }) },
    { path: '/api/v1/begin', type: JSON_TYPE, body: JSON.stringify(begin) },
    { path: '/api/v1/receipt', type: JSON_TYPE, body: JSON.stringify({ certificate, secret: '00' }) },
    { path: '/api/v1/marks', type: JSON_TYPE, body: JSON.stringify({ certificate, marks: ['tax'] }) },
  ];
});

function call(agent, localAddress, { path, type, body }) {
  return new Promise((done) => {
    const ended = (what) => { count.calls++; count[what] = (count[what] || 0) + 1; done(); };
    const q = https.request(url + path, { agent, localAddress, method: 'POST', rejectUnauthorized: false, timeout: 10000,
      headers: { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) } }, (r) => {
      r.resume().on('end', () => ended(r.statusCode)).on('error', () => ended('cut'));
    });
    q.on('error', () => ended('error')).on('timeout', () => q.destroy());
    q.end(body);
  });
}

const end = Date.now() + seconds * 1000;
let next = 0;
async function caller(k) {
  const agent = new https.Agent({ keepAlive: true, maxSockets: 1 });
  while (Date.now() < end) await call(agent, `127.0.${1 + k % addresses}.2`, bodies[next++ % bodies.length]);
  agent.destroy();
}
await Promise.all(Array.from({ length: Math.max(16, addresses) }, (_, k) => caller(k)));
console.log(JSON.stringify(count));
