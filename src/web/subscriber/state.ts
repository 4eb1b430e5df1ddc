// What capbu tells the page (client/ui/ui_view.c), and how the page asks: long polls and commands.

export type Lang = 'vi' | 'en';
export type Mood = 'work' | 'ask' | 'info' | 'stop' | 'done';

export interface Item {
  serial: string;
  company: string;
  tax_code: string;
  token: string;
  token_serial: string;
  old_end: string | null;
  new_end: string | null;
  days: number;
  opens_on: string | null;
  reasons: string;
  message: string;
  subject: { label: string; value: string }[];
}

export interface Done {
  company: string;
  tax_code: string;
  old_end: string | null;
  hex: string;
  decimal: string;
  end: string;
  certificate: string;
  factory_pin: boolean;
  marks: Mark[];
  receipt?: Receipt;
}

export interface Mark {
  item: string;
  done: boolean;
}

export interface Receipt {
  old_serial: string;
  tax_code: string;
  contract_end: string | null;
  consent_text: string | null;
  consent_at: string | null;
  confirmed_at: string | null;
  document: string;
}

export interface Pin {
  token: string;
  min: number;
  max: number;
  low: boolean;
  final: boolean;
  pad: boolean;
}

export interface State {
  seq: number;
  lang: Lang;
  support: string;
  screen: string;
  mood: Mood;
  stage: number;
  keep: boolean;
  title: string;
  text: string;
  next: string;
  actions: string[];
  assist: string;
  alone: boolean; // open without an assist code, too
  consent?: string;
  cleaning: boolean;
  server: string;
  hotline: string;
  programme: { title: string; issuer: string; letter: string };
  marks?: Mark[]; // which systems know the new certificate, before the old one goes
  detail?: string;
  reason?: string;
  item?: Item;
  items?: Item[];
  pin?: Pin;
  update?: { version: string; download: string };
  proxy?: { url: string; user: string };
  position?: number;
  seconds?: number;
  done?: Done;
}

const STORE = 'capbu-key';

// The key comes in the page once, in exchange for the address's token; a reload finds it in this tab's own store.
function readKey(): string {
  const meta = document.querySelector<HTMLMetaElement>('meta[name=key]');
  if (meta && meta.content) {
    sessionStorage.setItem(STORE, meta.content);
    history.replaceState(null, '', '/');
  }
  return sessionStorage.getItem(STORE) || '';
}

const key = readKey();
let current = -1;

export async function send(name: string, body: string | Uint8Array = '{}', keepalive = false): Promise<boolean> {
  try {
    const answer = await fetch('/api/' + name, {
      method: 'POST',
      headers: { 'Capbu-Key': key, 'Capbu-Seq': String(current), 'Content-Type': 'application/octet-stream' },
      body: body as BodyInit,
      keepalive,
      cache: 'no-store',
    });
    return answer.ok;
  } catch {
    return false;
  }
}

async function next(): Promise<State | 'forbidden'> {
  const answer = await fetch('/api/state?after=' + current, { headers: { 'Capbu-Key': key }, cache: 'no-store' });
  if (answer.status === 403) return 'forbidden';
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json() as Promise<State>;
}

const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));

// Hands on every new state; null: the program has ended; 'elsewhere': it runs, but this tab is not its own.
export async function watch(tell: (s: State | 'elsewhere' | null) => void): Promise<void> {
  for (let failures = 0; failures < 4; ) {
    try {
      const s = await next();
      if (s === 'forbidden') {
        tell('elsewhere');
        return;
      }
      failures = 0;
      if (s.seq !== current) {
        current = s.seq;
        tell(s);
      }
    } catch {
      failures++;
      await pause(300 * failures);
    }
  }
  tell(null);
}

export function leave(): void {
  void send('close', '{}', true);
}
