// The pieces of the screens: facts about a certificate, consent, the PIN, progress, and what follows.
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Done, Item, Lang, Pin, Receipt, State } from './state';
import { send } from './state';
import type { Texts } from './texts';

interface Props {
  s: State;
  t: Texts;
}

const json = (value: object) => JSON.stringify(value);

export type Row = [string, string | null | undefined];

export function Rows({ rows, wide }: { rows: Row[]; wide?: boolean }) {
  return (
    <dl class={wide ? 'facts two' : 'facts'}>
      {rows.map(([name, value]) => value && (
        <div key={name + value} class={value.length > 28 ? 'whole' : undefined}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

// Whose certificate this is: what the person knows, before any number that nobody knows.
export function Whose({ of, t }: { of: { company: string; tax_code: string }; t: Texts }) {
  if (!of.company) return null;
  return (
    <p class="whose">
      <strong>{of.company}</strong>
      {of.tax_code && <span>{t.taxCode}: <strong>{of.tax_code}</strong></span>}
    </p>
  );
}

export function Facts({ item, t }: { item: Item; t: Texts }) {
  return (
    <>
      <Whose of={item} t={t} />
      <Rows wide rows={[[t.oldEnd, item.old_end], [t.newEnd, item.new_end], [t.owed, item.days > 0 ? t.days(item.days) : null],
        [t.opensOn, item.opens_on], [t.token, item.token], [t.serial, item.serial]]} />
    </>
  );
}

// What is agreed to: the days, all that the certificate says of its holder, and the numbers last.
function Agreed({ item, t }: { item: Item; t: Texts }) {
  const days = item.days > 0 ? ` (+${t.days(item.days)})` : '';
  const others = item.subject.filter((line) => line.value !== item.company && line.value !== item.tax_code);
  return (
    <>
      <Whose of={item} t={t} />
      <Rows wide rows={[[t.oldEnd, item.old_end], [t.newEnd, item.new_end && item.new_end + days],
        ...others.map((line): Row => [line.label, line.value]), [t.token, item.token], [t.serial, item.serial]]} />
    </>
  );
}

// An account manager may have ten of them in.
export function Choices({ s, t }: Props) {
  return (
    <table class="choices">
      <thead>
        <tr><th scope="col">{t.company}</th><th scope="col">{t.taxCode}</th><th scope="col">{t.token}</th><th scope="col">{t.newEndShort}</th><th scope="col"><span class="unseen">{t.choose}</span></th></tr>
      </thead>
      <tbody>
        {(s.items || []).map((item) => (
          <tr key={item.token_serial + item.serial}>
            <th scope="row">{item.company || item.token}<small>{t.serial} {item.serial}</small></th>
            <td data-name={t.taxCode}>{item.tax_code}</td>
            <td data-name={t.token}>{item.token}</td>
            <td data-name={t.newEndShort}>{item.new_end}</td>
            <td>
              <button type="button" class="small" onClick={() => void send('choose', json({ serial: item.serial }))}>
                {t.chooseThis}<span class="unseen"> {item.company} {item.serial}</span>
              </button>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

// Why nothing is owed, in the server's words, and for each certificate its code.
export function Reasons({ s, t }: Props) {
  return (
    <ul class="reasons">
      {(s.items || []).map((item) => (
        <li key={item.token_serial + item.serial}>
          <p class="reason">{item.message}</p>
          <Facts item={item} t={t} />
          {item.reasons && (
            <p class="code">
              {t.reason}: {item.reasons.split(';').join(', ')}
            </p>
          )}
        </li>
      ))}
    </ul>
  );
}

export function Consent({ s, t }: Props) {
  const [ticked, setTicked] = useState(false);
  const [assist, setAssist] = useState(s.assist);
  const submit = (e: Event) => {
    e.preventDefault();
    if (ticked) void send('consent', json({ assist: assist.trim() }));
  };
  return (
    <form onSubmit={submit}>
      {s.item && <Agreed item={s.item} t={t} />}
      <label class="tick">
        <input type="checkbox" checked={ticked} onChange={(e) => setTicked(e.currentTarget.checked)} />
        <span>{s.consent}</span>
      </label>
      <div class="buttons">
        <button type="submit" class="main" disabled={!ticked}>{t.continue}</button>
        <Cancel t={t} />
      </div>
      <details open={assist !== ''}>
        <summary>{t.assistTitle}</summary>
        <AssistField value={assist} set={setAssist} help={s.alone ? t.assistHelp : t.assistNeeded} t={t} />
      </details>
    </form>
  );
}

function AssistField({ value, set, needed, help, t }: { value: string; set: (v: string) => void; needed?: boolean; help: string; t: Texts }) {
  return (
    <p class="field">
      <label for="assist">{t.assistLabel}</label>
      <input id="assist" type="text" maxLength={32} autocomplete="off" spellcheck={false} value={value}
        required={needed} aria-describedby="assist-help" onInput={(e) => set(e.currentTarget.value)} />
      <span id="assist-help" class="help">{help}</span>
    </p>
  );
}

export function Assist({ s, t }: Props) {
  const drop = s.screen === 'self-only'; // the way on is without the code
  const [assist, setAssist] = useState(drop ? '' : s.assist);
  const submit = (e: Event) => {
    e.preventDefault();
    void send('consent', json({ assist: assist.trim() }));
  };
  return (
    <form onSubmit={submit}>
      {!drop && <AssistField value={assist} set={setAssist} needed={!s.alone} help={s.alone ? t.assistHelp : t.assistNeeded} t={t} />}
      <div class="buttons">
        <button type="submit" class="main">{drop ? t.assistNone : t.assistSend}</button>
      </div>
    </form>
  );
}

// The password goes out as bytes behind the other two, and stays nowhere.
export function ProxyForm({ s, t, proxy }: Props & { proxy: { url: string; user: string } }) {
  const [url, setUrl] = useState(proxy.url);
  const [user, setUser] = useState(proxy.user);
  const [password, setPassword] = useState('');
  const submit = (e: Event) => {
    e.preventDefault();
    const bytes = new TextEncoder().encode([url.trim(), user.trim(), password].join('\n'));
    setPassword('');
    void send('proxy', bytes);
  };
  const field = (id: string, label: string, value: string, set: (v: string) => void, type = 'text') => (
    <p class="field">
      <label for={id}>{label}</label>
      <input id={id} type={type} maxLength={200} autocomplete="off" autocapitalize="off" spellcheck={false} value={value}
        onInput={(e) => set(e.currentTarget.value)} />
    </p>
  );
  return (
    <form onSubmit={submit} autocomplete="off">
      {field('proxy-url', t.proxyUrl, url, setUrl)}
      {field('proxy-user', t.proxyUser, user, setUser)}
      {field('proxy-password', t.proxyPassword, password, setPassword, 'password')}
      <div class="buttons">
        <button type="submit" class="main">{t.proxySend}</button>
        {s.actions.includes('retry') && <button type="button" onClick={() => void send('retry')}>{t.retry}</button>}
      </div>
    </form>
  );
}

export function Update({ s, t }: Props) {
  if (!s.update) return null;
  const { version, download } = s.update;
  return (
    <p class="update">
      {t.newer(version)}{' '}
      {/^https:\/\//.test(download) ? <a href={download} target="_blank" rel="noreferrer noopener">{download}</a> : download}
    </p>
  );
}

export function Cancel({ t }: { t: Texts }) {
  return <button type="button" onClick={() => void send('cancel')}>{t.cancel}</button>;
}

// Typed text is looked at here only to warn; what may be tried is decided by the program, by the token's own limits.
export function PinForm({ s, t, pin }: Props & { pin: Pin }) {
  const [typed, setTyped] = useState('');
  const [shown, setShown] = useState(false);
  const [caps, setCaps] = useState(false);
  const [composed, setComposed] = useState(false);
  const [asked, setAsked] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => { // by hand: Preact listens for no event of these names
    const compose = () => setComposed(true);
    for (const name of ['compositionstart', 'compositionend']) field.current?.addEventListener(name, compose);
    field.current?.focus(); // what is to be done here; the heading describes it
  }, []);
  const letters = /[^\x20-\x7e]/.test(typed);
  const submit = (e: Event) => {
    e.preventDefault();
    // An input method took part: what stands there may not be what was pressed. The second click says that it is.
    if (composed && !letters && !asked) {
      setAsked(true);
      return;
    }
    const bytes = new TextEncoder().encode(typed);
    setTyped('');
    void send('pin', bytes);
  };
  const warnings = [pin.final && t.pinFinal, pin.low && !pin.final && t.pinLow, caps && t.pinCaps,
    letters ? t.pinLetters : composed && (asked ? t.pinComposedAsk : t.pinComposed)].filter(Boolean);
  const type = (value: string) => {
    setTyped(value);
    if (value === '') {
      setComposed(false);
      setAsked(false);
    }
  };
  // Composition events, the "Process" key of an input method, and letters that come from no key (Unikey sends those).
  const watch = (e: KeyboardEvent) => {
    setCaps(e.getModifierState('CapsLock'));
    if (e.key === 'Process' || e.isComposing || (e.key.length === 1 && e.code === '' && e.isTrusted)) setComposed(true);
  };
  return (
    <form onSubmit={submit} autocomplete="off">
      {s.item && <Whose of={s.item} t={t} />}
      {!pin.pad && (
        <p class="field">
          <label for="pin">{t.pinLabel(pin.token)}</label>
          <input id="pin" ref={field} type={shown ? 'text' : 'password'} class="pin" autocomplete="off" autocapitalize="off" spellcheck={false}
            data-lpignore="true" data-1p-ignore maxLength={255} value={typed} aria-describedby="title pin-help pin-warn"
            onInput={(e) => type(e.currentTarget.value)} onKeyDown={watch} onKeyUp={watch}
            onMouseDown={(e) => setCaps(e.getModifierState('CapsLock'))} />
          <span id="pin-help" class="help">{t.pinRange(pin.min, pin.max)} {t.pinOnce}</span>
          <label class="show">
            <input type="checkbox" checked={shown} onChange={(e) => setShown(e.currentTarget.checked)} /> {t.pinShow}
          </label>
        </p>
      )}
      <div id="pin-warn" role="status">{warnings.map((w) => <p class="warn" key={w as string}>{w}</p>)}</div>
      <div class="buttons">
        <button type="submit" class="main" disabled={!pin.pad && typed === ''}>{s.cleaning ? t.cleanSend : t.pinSend}</button>
        {s.actions.includes('cancel') && <Cancel t={t} />}
      </div>
    </form>
  );
}

// The real steps of the writing, as far as they have come.
export function Steps({ s, t }: Props) {
  const names = Object.keys(t.steps);
  const now = names.indexOf(s.screen === 'pin-pad-now' ? 'sign' : s.screen === 'waiting' ? 'request' : s.screen);
  return (
    <ol class="steps">
      {names.map((name, k) => (
        <li key={name} class={k < now ? 'passed' : k === now ? 'current' : 'ahead'} aria-current={k === now ? 'step' : undefined}>
          <span aria-hidden="true">{k < now ? '✓' : k === now ? '→' : '·'}</span> {t.steps[name]}
          {k <= now && <span class="unseen"> ({k < now ? t.passed : t.current})</span>}
        </li>
      ))}
    </ol>
  );
}

export function LastTry({ t }: { t: Texts }) {
  const [sure, setSure] = useState(false);
  return (
    <form onSubmit={(e) => { e.preventDefault(); if (sure) void send('last'); }}>
      <label class="tick">
        <input type="checkbox" checked={sure} onChange={(e) => setSure(e.currentTarget.checked)} />
        <span>{t.lastSure}</span>
      </label>
      <div class="buttons">
        <Cancel t={t} />
        <button type="submit" disabled={!sure}>{t.last}</button>
      </div>
    </form>
  );
}

export function CleanAsk({ s, t }: { s: State; t: Texts }) {
  const [sure, setSure] = useState(false);
  const open = (s.marks || []).filter((mark) => !mark.done).map((mark) => t.marks[mark.item]?.name || mark.item);
  return (
    <form onSubmit={(e) => { e.preventDefault(); if (sure) void send('clean'); }}>
      {open.length > 0 && (
        <div class="warn" id="open">
          <p>{t.cleanOpen}</p>
          <ul>{open.map((name) => <li key={name}>{name}</li>)}</ul>
        </div>
      )}
      {s.item && <Whose of={s.item} t={t} />}
      {s.item && <Rows wide rows={[[t.oldEnd, s.item.old_end], [t.token, s.item.token], [t.serial, s.item.serial]]} />}
      <label class="tick">
        <input type="checkbox" checked={sure} onChange={(e) => setSure(e.currentTarget.checked)} />
        <span>{open.length > 0 ? t.cleanSureOpen(open.length) : t.cleanSure}</span>
      </label>
      <div class="buttons">
        <button type="submit" class={open.length > 0 ? 'danger' : 'main'} disabled={!sure}>{t.cleanSend}</button>
        <Cancel t={t} />
      </div>
    </form>
  );
}

export function CleanOffer({ t }: { t: Texts }) {
  return (
    <section aria-labelledby="clean">
      <h2 id="clean">{t.cleanTitle}</h2>
      <p>{t.cleanHelp}</p>
      <button type="button" id="clean-start" onClick={() => void send('clean')}>{t.cleanStart}</button>
    </section>
  );
}

function Copy({ id, name, value, t }: { id: string; name: string; value: string; t: Texts }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(value);
      setCopied(true);
    } catch {
      const selection = getSelection();
      const node = document.getElementById(id);
      if (selection && node) selection.selectAllChildren(node);
    }
  };
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <code id={id}>{value}</code>
        <button type="button" class="small" onClick={() => void copy()}>
          {t.copy}<span class="unseen"> {name}</span>
        </button>
        <span role="status">{copied ? ' ✓ ' + t.copied : ''}</span>
      </dd>
    </div>
  );
}

function save(base64: string, type: string, name: string): void {
  const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  const url = URL.createObjectURL(new Blob([bytes], { type }));
  const a = document.createElement('a');
  a.href = url;
  a.download = name;
  a.click();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}

// What the computer's clock shows, written as capbu writes the other times.
export function clockNow(lang: Lang): string {
  const now = new Date();
  const two = (n: number) => String(n).padStart(2, '0');
  const [day, month, year] = [two(now.getDate()), two(now.getMonth() + 1), String(now.getFullYear())];
  return (lang === 'vi' ? [day, month, year].join('/') : [year, month, day].join('-')) + ` ${two(now.getHours())}:${two(now.getMinutes())}`;
}

// 02/04/2020 09:30 or 2020-04-02 09:30, as a part of a file's name.
function fileDay(time: string | null): string {
  const day = (time || '').split(' ')[0] || '';
  return day.split('/').reverse().join('-');
}

export function receiptName(done: Done): string {
  return ['bien-nhan-cap-bu', done.receipt?.tax_code || done.tax_code, fileDay(done.receipt?.confirmed_at || null)].filter(Boolean).join('_');
}

// Browsers take the title as the PDF's name.
function print(name: string): void {
  const title = document.title;
  document.title = name;
  window.print();
  document.title = title;
}

function receiptRows(done: Done, receipt: Receipt, t: Texts): Row[] {
  return [[t.company, done.company], [t.receiptTax, receipt.tax_code || done.tax_code], [t.receiptOld, receipt.old_serial],
    [t.newSerial, `${done.hex} (${t.decimal}: ${done.decimal})`], [t.oldEnd, done.old_end], [t.validTo, done.end],
    [t.receiptContract, receipt.contract_end], [t.receiptDay, receipt.confirmed_at]];
}

// What an accountant files: only paper shows it.
export function Paper({ s, t, done, receipt }: Props & { done: Done; receipt: Receipt }) {
  return (
    <article class="paper">
      <p class="paper-head"><strong>{s.programme.issuer}</strong><br />{s.programme.title || t.programme}</p>
      <h1>{t.receiptTitle}</h1>
      <Rows rows={receiptRows(done, receipt, t)} />
      {receipt.consent_text && receipt.consent_at && <p>{t.receiptAgreed(receipt.consent_at)}: “{receipt.consent_text}”</p>}
      <p>{t.receiptPaper(receiptName(done) + '.p7m')}</p>
      <p>{t.support}: {s.support}{s.hotline && ` · ${t.hotline}: ${s.hotline}`}</p>
    </article>
  );
}

function ReceiptView({ t, done, receipt }: { t: Texts; done: Done; receipt: Receipt }) {
  const name = receiptName(done);
  return (
    <section aria-labelledby="receipt">
      <h2 id="receipt">{t.receipt}</h2>
      <p>{t.receiptHelp}</p>
      <div class="buttons">
        <button type="button" class="main" id="print" onClick={() => print(name)}>{t.receiptPrint}</button>
        <button type="button" id="save-receipt" onClick={() => save(receipt.document, 'application/pkcs7-mime', name + '.p7m')}>{t.receiptSave}</button>
      </div>
      <Rows wide rows={[[t.receiptOld, receipt.old_serial], [t.receiptContract, receipt.contract_end], [t.receiptDay, receipt.confirmed_at]]} />
      {receipt.consent_text && receipt.consent_at && <p class="help">{t.receiptAgreed(receipt.consent_at)}: “{receipt.consent_text}”</p>}
    </section>
  );
}

// What catches people the day after: two certificates of one name.
function Traps({ t, done }: { t: Texts; done: Done }) {
  if (!done.old_end || done.old_end === done.end) return null;
  return (
    <section aria-labelledby="traps">
      <h2 id="traps">{t.traps}</h2>
      <ul>
        <li>{t.trapAgain}</li>
        <li>{t.trapNew} <strong>{done.end}</strong></li>
        <li>{t.trapOld} <strong>{done.old_end}</strong></li>
      </ul>
    </section>
  );
}

export function Finished({ t, done }: { t: Texts; done: Done }) {
  return (
    <>
      <Whose of={done} t={t} />
      {done.factory_pin && <p class="warn">{t.factory}</p>}
      <section aria-labelledby="serials">
        <h2 id="serials">{t.newSerial}</h2>
        <dl class="facts">
          <Copy id="hex" name={t.hex} value={done.hex} t={t} />
          <Copy id="decimal" name={t.decimal} value={done.decimal} t={t} />
          <div><dt>{t.validTo}</dt><dd>{done.end}</dd></div>
        </dl>
        <button type="button" id="save" onClick={() => save(done.certificate, 'application/pkix-cert', `chung-thu-so_${done.tax_code || done.hex}.cer`)}>{t.save}</button>
      </section>
      <Traps t={t} done={done} />
      <section aria-labelledby="checklist">
        <h2 id="checklist">{t.checklist}</h2>
        <p>{t.checklistHelp}</p>
        <ul class="checklist">
          {done.marks.map(({ item, done: ticked }) => (
            <li key={item}>
              <label class="tick">
                <input type="checkbox" checked={ticked}
                  onChange={(e) => void send('mark', json({ item, done: e.currentTarget.checked }))} />
                <span><strong>{t.marks[item]?.name}</strong><br />{t.marks[item]?.what}</span>
              </label>
            </li>
          ))}
        </ul>
      </section>
      {done.receipt && <ReceiptView t={t} done={done} receipt={done.receipt} />}
    </>
  );
}
