// Made-up states for every screen, as client/ui/ui_view.c would tell them, with the words that the program has for it.
import { execFileSync } from 'node:child_process';

const ACTIONS = ['retry', 'choose', 'agree', 'pin', 'last', 'cancel', 'restart', 'assist', 'clean', 'proxy'];
const MARKS = ['tax', 'customs', 'social-insurance', 'e-invoice', 'bank', 'e-procurement'];
export const COMPANY = 'CÔNG TY TRÁCH NHIỆM HỮU HẠN MỘT THÀNH VIÊN THƯƠNG MẠI VÀ DỊCH VỤ VẬN TẢI BIỂN ĐÔNG HẢI';
export const TAX = '0110000001';
const SERIAL = '5404ABCD0123456789ABCDEF012345';

const day = (lang, iso) => (lang === 'vi' ? iso.split('-').reverse().join('/') : iso);

function item(lang, k = 0) {
  return {
    serial: SERIAL + (10 + k), company: k ? `CÔNG TY CỔ PHẦN SỐ ${k}` : COMPANY, tax_code: String(Number(TAX) + k).padStart(10, '0'),
    token: `TOKEN-${k + 1}`, token_serial: `T${k}`, old_end: day(lang, '2020-10-02'), new_end: day(lang, '2021-06-30'), days: 271, opens_on: null,
    reasons: '', message: lang === 'vi' ? 'Chứng thư số đang tạm dừng; hãy đề nghị khôi phục rồi thử lại.' : 'The certificate is suspended; have it reinstated, then try again.',
    subject: [['Tên đơn vị', COMPANY], ['Mã số thuế', TAX], ['Tổ chức', 'PHÒNG KẾ TOÁN TÀI CHÍNH'], ['Chức vụ', 'Kế toán trưởng'],
      ['Địa bàn', 'Quận Ngô Quyền'], ['Tỉnh, thành phố', 'Hải Phòng'], ['Thư điện tử', 'ketoan@donghai.example.vn']].map(([label, value]) => ({ label, value })),
  };
}

function done(lang) {
  return {
    company: COMPANY, tax_code: TAX, old_end: day(lang, '2020-10-02'), hex: SERIAL + '99', decimal: '17450912345678901234567890123456789', end: day(lang, '2021-06-30'),
    certificate: 'MAA=', factory_pin: false, marks: MARKS.map((name, k) => ({ item: name, done: k === 0 })),
    receipt: {
      old_serial: SERIAL + '10', tax_code: TAX, contract_end: day(lang, '2021-06-30'), consent_text: 'Tôi đã kiểm tra thông tin và đồng ý nhận chứng thư số mới.',
      consent_at: day(lang, '2020-04-02') + ' 09:29', confirmed_at: day(lang, '2020-04-02') + ' 09:30', document: 'MAA=',
    },
  };
}

// What else a screen shows, by its name.
function extra(screen, lang) {
  switch (screen) {
    case 'several-tokens': case 'several-certificates': return { items: Array.from({ length: 10 }, (_, k) => item(lang, k)) };
    case 'not-eligible': case 'other-certificate': return { items: [{ ...item(lang), days: 0, new_end: null, reasons: 'suspended' }] };
    case 'not-open-yet': return { items: [{ ...item(lang), opens_on: day(lang, '2020-04-01') }] };
    case 'confirm': case 'resume': return { consent: 'Tôi đã kiểm tra thông tin thuê bao trên và đồng ý nhận chứng thư số mới, giữ nguyên khóa.' };
    case 'clean-confirm': return { marks: done(lang).marks, cleaning: true };
    case 'clean-pin': case 'cleaning': return { cleaning: true };
    case 'pin-last-try': return { pin: { token: 'TOKEN-1', min: 6, max: 16, low: true, final: true, pad: false } };
    case 'proxy-refuses': return { proxy: { url: '', user: '' }, detail: 'Proxy 407' };
    case 'waiting': return { position: 3, seconds: 40 };
    case 'program-too-old': return { update: { version: '9.9.9', download: 'https://example.vn/capbu' } };
    case 'server-away': case 'our-fault': case 'server-refused': return { detail: 'https://capbu.example.vn: không kết nối được', reason: '' };
    default: return {};
  }
}

const words = JSON.parse(execFileSync(process.env.WORDS).toString());
export const screens = [...new Set(words.map((w) => w.screen))];

let seq = 0;
export function stateOf(screen, lang, change = {}) {
  const { bits, ...w } = words.find((one) => one.screen === screen && one.lang === lang);
  return {
    seq: ++seq, support: 'K7QD-M4XA', ...w, actions: ACTIONS.filter((_, k) => bits >> k & 1), assist: '', alone: true, cleaning: false,
    server: 'https://capbu.example.vn:8443', hotline: '18008000 nhánh 1',
    programme: { title: 'Cấp bù thời hạn chứng thư số 2020', issuer: 'Nhà cung cấp ABC', letter: 'Công văn 123/ABC-CA' },
    ...(w.stage >= 2 && w.stage <= 4 || screen === 'clean-confirm' ? { item: item(lang) } : {}), ...(w.stage === 2 ? { items: [item(lang)] } : {}),
    ...(w.stage === 3 ? { pin: { token: 'TOKEN-1', min: 6, max: 16, low: false, final: false, pad: screen === 'pin-pad' } } : {}),
    ...(w.mood === 'done' ? { done: done(lang) } : {}), ...extra(screen, lang), ...change,
  };
}
