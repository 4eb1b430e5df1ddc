// An HTTP proxy for tests: CONNECT only, with a Basic login when NAME and PASSWORD are given. Prints its port, then a line
// "NUMBER STATUS" for each CONNECT.   node proxy.mjs [NAME PASSWORD]
import net from 'node:net';

const [name, password] = process.argv.slice(2);
const wanted = name && 'Basic ' + Buffer.from(`${name}:${password}`).toString('base64');
const answers = { 200: 'Connection established', 400: 'Bad Request', 407: 'Proxy Authentication Required', 502: 'Bad Gateway' };
let count = 0;

function answer(client, status) {
  console.log(`${++count} ${status}`);
  const ask = status === 407 ? 'Proxy-Authenticate: Basic realm="capbu"\r\n' : '';
  const length = status === 200 ? '' : 'Content-Length: 0\r\n';
  client.write(`HTTP/1.1 ${status} ${answers[status]}\r\n${ask}${length}\r\n`);
}

function connect(client, head) {
  const [, host, port] = head.match(/^CONNECT ([^ ]+):(\d+) HTTP\/1\.1\r\n/) || [];
  if (!host) {
    answer(client, 400);
    client.end();
    return;
  }
  const given = (head.match(/^proxy-authorization: *(.*?)\r$/im) || [])[1];
  if (wanted && given !== wanted) {
    answer(client, 407);
    client.once('data', (more) => connect(client, more.toString('latin1')));
    return;
  }
  const server = net.connect(Number(port), host.replace(/^\[|\]$/g, ''), () => {
    answer(client, 200);
    server.pipe(client);
    client.pipe(server);
  });
  server.on('error', () => { answer(client, 502); client.end(); });
  client.on('close', () => server.destroy());
}

net.createServer((client) => {
  client.on('error', () => {});
  client.once('data', (head) => connect(client, head.toString('latin1')));
}).listen(0, '127.0.0.1', function ready() { console.log(this.address().port); });
