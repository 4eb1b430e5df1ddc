// The frame around every screen: steps, heading, what is to be done, support code; and the focus on each change.
import { render } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import {
  Assist, Cancel, Choices, CleanAsk, CleanOffer, Consent, Finished, LastTry, Paper, PinForm, ProxyForm, Reasons, Steps, Update,
  clockNow,
} from './parts';
import type { Lang, State } from './state';
import { leave, send, watch } from './state';
import type { Texts } from './texts';
import { TEXTS } from './texts';

// Screens whose words point to the details.
const OPEN = ['proxy-refuses', 'our-fault'];

// Where the program only waits for the token: by then it has most likely stopped answering.
const SLOW_MS = 45000;
const PATIENT = ['waiting', 'pin-pad-now'];

const ICONS: Record<string, string> = { work: '…', ask: '→', info: 'i', stop: '!', done: '✓' };

function Stages({ stage, t }: { stage: number; t: Texts }) {
  return (
    <ol class="stages" aria-label={t.stagesLabel}>
      {t.stages.map((name, k) => {
        const at = k + 1 < stage || stage === 5 ? 'passed' : k + 1 === stage ? 'current' : 'ahead';
        return (
          <li key={name} class={at} aria-current={at === 'current' ? 'step' : undefined}>
            <span class="mark" aria-hidden="true">{at === 'passed' ? '✓' : k + 1}</span>
            <span class="name">{name}</span>
            {at !== 'ahead' && <span class="unseen"> ({at === 'passed' ? t.passed : t.current})</span>}
          </li>
        );
      })}
    </ol>
  );
}

// The server's words behind its code, which stands in the details.
function refusal(s: State): string {
  const code = s.reason + ': ';
  const words = s.detail || '';
  return s.reason && words.startsWith(code) ? words.slice(code.length) : words;
}

function Details({ s, t }: { s: State; t: Texts }) {
  if (!s.detail && !s.reason) return null;
  return (
    <details class="technical" open={OPEN.includes(s.screen)}>
      <summary>{t.details}</summary>
      {s.detail && s.screen !== 'server-refused' && <p>{s.detail}</p>}
      <p class="code">
        {s.screen}{s.reason ? ' · ' + s.reason : ''}<br />{t.server}: {s.server}
      </p>
    </details>
  );
}

function Body({ s, t }: { s: State; t: Texts }) {
  const can = (action: string) => s.actions.includes(action);
  const fresh = s.screen + s.seq;
  if (can('choose')) return <Choices s={s} t={t} />;
  if (can('agree')) return <Consent s={s} t={t} key={s.item?.serial} />;
  if (can('pin') && s.pin) return <PinForm s={s} t={t} pin={s.pin} key={fresh} />;
  if (s.screen === 'clean-confirm') return <CleanAsk s={s} t={t} key={fresh} />;
  if (can('proxy') && s.proxy) return <ProxyForm s={s} t={t} proxy={s.proxy} key={s.screen} />;
  if (can('last')) return <LastTry t={t} key={fresh} />;
  return (
    <>
      {can('assist') && <Assist s={s} t={t} key={fresh} />}
      {s.screen === 'waiting' && (
        <p class="big">{t.position(s.position || 0)} · {t.seconds(s.seconds || 0)}</p>
      )}
      {s.stage === 4 && s.mood === 'work' && <Steps s={s} t={t} />}
      {s.mood === 'work' && <div class="bar" aria-hidden="true"><span /></div>}
      {s.stage === 2 && s.mood === 'info' && <Reasons s={s} t={t} />}
      {s.screen === 'server-refused' && <p class="reason">{refusal(s)}</p>}
      {s.screen === 'clock-wrong' && <p>{t.clockNow}: <strong>{clockNow(s.lang)}</strong></p>}
      {s.done && <Finished t={t} done={s.done} />}
      {s.mood === 'done' && can('clean') && <CleanOffer t={t} />}
      <div class="buttons">
        {can('retry') && (
          <button type="button" class={s.mood === 'done' || can('assist') ? '' : 'main'} onClick={() => void send('retry')}>
            {s.mood === 'done' || s.mood === 'info' ? t.lookAgain : t.retry}
          </button>
        )}
        {can('restart') && (
          <button type="button" id="restart" class={s.mood === 'done' || can('assist') || can('retry') ? '' : 'main'} onClick={() => void send('restart')}>
            {s.mood === 'done' ? t.again : t.restart}
          </button>
        )}
        {can('cancel') && <Cancel t={t} />}
      </div>
    </>
  );
}

// Who asks for the PIN here, as the server or whoever set this program up says.
function Head({ s, t }: { s: State; t: Texts }) {
  const other: Lang = s.lang === 'vi' ? 'en' : 'vi';
  const { issuer, title } = s.programme;
  return (
    <header>
      <div>
        {issuer && <strong class="brand">{issuer}</strong>}
        <span class="programme" lang={title ? 'vi' : undefined}>{title || t.programme}</span>
      </div>
      <button type="button" class="lang" lang={other} onClick={() => void send('lang', JSON.stringify({ lang: other }))}>
        {t.other}
      </button>
    </header>
  );
}

function About({ s, t }: { s: State; t: Texts }) {
  const { issuer, letter } = s.programme;
  return (
    <details class="about">
      <summary>{t.about}</summary>
      <p>{t.aboutWho(issuer)}{letter && <> {t.aboutLetter} <span lang="vi">{letter}</span>.</>} {t.aboutHere}</p>
    </details>
  );
}

// True once a step of the work has lasted so long that the driver must be hanging.
function useSlow(s: State): boolean {
  const [slow, setSlow] = useState(false);
  useEffect(() => {
    setSlow(false);
    if (s.mood !== 'work' || PATIENT.includes(s.screen)) return undefined;
    const timer = setTimeout(() => setSlow(true), SLOW_MS);
    return () => clearTimeout(timer);
  }, [s.seq]);
  return slow;
}

function Screen({ s }: { s: State }) {
  const t = TEXTS[s.lang];
  const slow = useSlow(s);
  const heading = useRef<HTMLHeadingElement>(null);
  const first = useRef(true);
  const staged = s.stage > 0 && s.mood !== 'info' && !s.cleaning; // a refusal is no step, and a removal would jump back
  useEffect(() => {
    document.documentElement.lang = s.lang;
    document.title = s.title + ' – ' + t.programme;
  }, [s.lang, s.title]);
  useEffect(() => {
    // A field that waits for the PIN has taken the focus; else it reads on from the heading.
    const typing = document.activeElement?.id === 'pin';
    if (!typing && (!first.current || s.mood !== 'work')) heading.current?.focus();
    first.current = false;
  }, [s.screen]);
  return (
    <>
      {s.done?.receipt && <Paper s={s} t={t} done={s.done} receipt={s.done.receipt} />}
      <Head s={s} t={t} />
      <main class={'mood-' + s.mood} data-screen={s.screen} data-seq={s.seq}>
        {staged && <Stages stage={s.stage} t={t} />}
        <div class="title">
          <span class="icon" aria-hidden="true">{ICONS[s.mood]}</span>
          <div>
            <p class="kind">{t.moods[s.mood]}{staged && s.stage < 5 ? ' · ' + t.stage(s.stage) : ''}</p>
            <h1 id="title" tabIndex={-1} ref={heading}>{s.title}</h1>
          </div>
        </div>
        {slow && <p class="warn" role="alert">{t.slow}</p>}
        {s.keep && !slow && <p class="keep" role="alert"><span aria-hidden="true">⚠ </span>{t.keep}</p>}
        <div aria-live="polite">
          <p>{s.text}</p>
          {!slow && <p class="next">{s.next}</p>}
        </div>
        {s.screen === 'program-too-old' && <Update s={s} t={t} />}
        <Body s={s} t={t} />
        <Details s={s} t={t} />
      </main>
      <footer>
        {s.hotline && <p>{t.hotline}: <strong class="phone">{s.hotline}</strong></p>}
        <span>{t.support}: <strong class="support">{s.support}</strong></span> <span class="help">{t.supportHelp}</span>
        {s.screen !== 'program-too-old' && s.mood !== 'work' && <Update s={s} t={t} />}
        <About s={s} t={t} />
      </footer>
    </>
  );
}

// The program has ended; in the middle of the work when it died.
function Closed({ last }: { last: State | null }) {
  const t = TEXTS[last?.lang || 'vi'];
  const died = last?.mood === 'work';
  return (
    <>
      <main class={died ? 'mood-stop' : 'mood-info'} data-screen="closed">
        <h1>{died ? t.died : t.closed}</h1>
        <p>{died ? t.diedText : t.closedText}</p>
      </main>
      {last && (
        <footer>
          <span>{t.support}: <strong class="support">{last.support}</strong></span> <span class="help">{t.supportHelp}</span>
          {last.hotline && <p>{t.hotline}: <strong class="phone">{last.hotline}</strong></p>}
        </footer>
      )}
    </>
  );
}

function Elsewhere() {
  const t = TEXTS.vi;
  return (
    <main class="mood-info" data-screen="elsewhere">
      <h1>{t.elsewhere}</h1>
      <p>{t.elsewhereText}</p>
      <p lang="en">{TEXTS.en.elsewhere}. {TEXTS.en.elsewhereText}</p>
    </main>
  );
}

function App() {
  const [s, setState] = useState<State | null>(null);
  const [end, setEnd] = useState<'' | 'closed' | 'elsewhere'>('');
  useEffect(() => {
    addEventListener('pagehide', leave);
    void watch((next) => {
      if (next === 'elsewhere') setEnd(next);
      else if (next) setState(next);
      else setEnd('closed');
    });
  }, []);
  if (end === 'elsewhere') return <Elsewhere />;
  if (end === 'closed') return <Closed last={s} />;
  return s && <Screen s={s} />;
}

const root = document.getElementById('app') as HTMLElement;
root.textContent = ''; // what stands there is for browsers that do not come so far
render(<App />, root);
