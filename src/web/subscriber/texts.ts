// The page's own words. What each screen says comes from the program (client/flow/flow_look.c and its like).
import type { Lang } from './state';

export interface Texts {
  programme: string;
  other: string;
  stages: string[];
  stagesLabel: string;
  stage: (n: number) => string;
  current: string;
  passed: string;
  keep: string;
  support: string;
  supportHelp: string;
  details: string;
  retry: string;
  lookAgain: string;
  clockNow: string;
  cancel: string;
  restart: string;
  again: string;
  continue: string;
  choose: string;
  oldEnd: string;
  newEnd: string;
  days: (n: number) => string;
  owed: string;
  token: string;
  serial: string;
  data: string;
  opensOn: string;
  reason: string;
  assistTitle: string;
  assistLabel: string;
  assistHelp: string;
  assistNeeded: string;
  assistSend: string;
  assistNone: string;
  pinLabel: (token: string) => string;
  pinRange: (min: number, max: number) => string;
  pinShow: string;
  pinSend: string;
  pinLow: string;
  pinFinal: string;
  pinCaps: string;
  pinLetters: string;
  pinComposed: string;
  pinComposedAsk: string;
  pinOnce: string;
  last: string;
  lastSure: string;
  steps: Record<string, string>;
  position: (n: number) => string;
  hotline: string;
  newer: (version: string) => string;
  proxyUrl: string;
  proxyUser: string;
  proxyPassword: string;
  proxySend: string;
  seconds: (n: number) => string;
  server: string;
  newSerial: string;
  hex: string;
  decimal: string;
  validTo: string;
  copy: string;
  copied: string;
  save: string;
  cleanTitle: string;
  cleanHelp: string;
  cleanStart: string;
  cleanSure: string;
  cleanSend: string;
  receipt: string;
  receiptHelp: string;
  receiptOld: string;
  receiptTax: string;
  receiptContract: string;
  receiptAgreed: (time: string) => string;
  receiptDay: string;
  receiptSave: string;
  checklist: string;
  checklistHelp: string;
  marks: Record<string, { name: string; what: string }>;
  factory: string;
  closed: string;
  closedText: string;
  elsewhere: string;
  elsewhereText: string;
  died: string;
  diedText: string;
  slow: string;
  moods: Record<string, string>;
}

export const TEXTS: Record<Lang, Texts> = {
  vi: {
    programme: 'Cấp bù thời hạn chứng thư số',
    other: 'English',
    stages: ['Cắm token', 'Thông tin', 'Mã PIN', 'Ghi chứng thư số', 'Hoàn tất'],
    stagesLabel: 'Các bước',
    stage: (n) => `Bước\u00a0${n}/5`,
    current: 'đang làm',
    passed: 'đã xong',
    keep: 'ĐỪNG RÚT TOKEN',
    support: 'Mã hỗ trợ',
    supportHelp: 'Đọc mã này khi gọi tổng đài.',
    details: 'Chi tiết kỹ thuật',
    retry: 'Thử lại',
    lookAgain: 'Kiểm tra lại token',
    clockNow: 'Máy tính này đang ghi',
    cancel: 'Dừng lại',
    restart: 'Làm lại từ đầu',
    again: 'Làm token khác',
    continue: 'Tiếp tục',
    choose: 'Chọn chứng thư số này',
    oldEnd: 'Hạn hiện tại',
    newEnd: 'Hạn mới (hết hợp đồng)',
    days: (n) => `${n} ngày`,
    owed: 'Được cấp bù',
    token: 'Token',
    serial: 'Số sê-ri',
    data: 'Thông tin thuê bao',
    opensOn: 'Ngày mở',
    reason: 'Lý do',
    assistTitle: 'Có nhân viên hỗ trợ?',
    assistLabel: 'Mã mà nhân viên đưa cho bạn',
    assistHelp: 'Để trống nếu bạn tự làm.',
    assistNeeded: 'Đó không phải mã hỗ trợ ở cuối trang này.',
    assistSend: 'Dùng mã này',
    assistNone: 'Tự làm, không dùng mã',
    pinLabel: (token) => `Mã PIN của token “${token}”`,
    pinRange: (min, max) => (max >= 255 ? `Ít nhất ${min || 1} ký tự, chữ không dấu.` : min > 0 ? `Từ ${min} đến ${max} ký tự, chữ không dấu.` : `Tối đa ${max} ký tự, chữ không dấu.`),
    pinShow: 'Hiện mã PIN',
    pinSend: 'Cấp chứng thư số mới',
    pinLow: 'Chú ý: trước đây đã có lần nhập sai mã PIN. Nhập sai nhiều lần, token sẽ bị khóa.',
    pinFinal: 'Đây là lần thử CUỐI CÙNG. Nhập sai, token bị khóa.',
    pinCaps: 'Caps Lock đang bật.',
    pinLetters: 'Có chữ có dấu: hãy tắt bộ gõ tiếng Việt.',
    pinComposed: 'Bộ gõ đang bật: hãy tắt bộ gõ tiếng Việt (Unikey, Telex), xóa ô này và nhập lại.',
    pinComposedAsk: 'Chưa thử mã PIN: bộ gõ có thể đã đổi chữ bạn nhập. Nên xóa và nhập lại; nếu chắc chắn đúng, bấm lần nữa.',
    pinOnce: 'Mỗi lần bấm là một lần thử.',
    last: 'Tôi muốn dùng lần thử cuối cùng',
    lastSure: 'Tôi chắc chắn mã PIN đúng và hiểu rằng nhập sai thì token bị khóa.',
    steps: { request: 'Xin lượt với máy chủ', sign: 'Ký yêu cầu bằng token', write: 'Ghi lên token, đọc lại và ký thử', 'tell-server': 'Báo kết quả cho máy chủ' },
    newer: (version) => `Đã có phiên bản mới ${version} của chương trình này.`,
    proxyUrl: 'Địa chỉ proxy, ví dụ proxy.congty.vn:8080 (để trống: theo máy)',
    proxyUser: 'Tên đăng nhập proxy',
    proxyPassword: 'Mật khẩu proxy',
    proxySend: 'Kết nối qua proxy này',
    hotline: 'Tổng đài',
    position: (n) => `Vị trí của bạn: ${n}`,
    seconds: (n) => (n > 90 ? `Còn khoảng ${Math.ceil(n / 60)} phút` : `Còn khoảng ${n} giây`),
    server: 'Máy chủ',
    newSerial: 'Số sê-ri của chứng thư số mới',
    hex: 'Hệ 16 (HEX)',
    decimal: 'Hệ 10',
    validTo: 'Có hạn đến',
    copy: 'Sao chép',
    copied: 'Đã sao chép',
    save: 'Lưu tệp chứng thư số (.cer)',
    cleanTitle: 'Gỡ chứng thư số cũ',
    cleanHelp: 'Khi các hệ thống trên đã nhận chứng thư số mới, có thể gỡ chứng thư số cũ khỏi token. Không bắt buộc.',
    cleanStart: 'Gỡ chứng thư số cũ …',
    cleanSure: 'Tôi đã đăng ký chứng thư số mới ở mọi nơi tôi dùng, và muốn gỡ chứng thư số cũ.',
    cleanSend: 'Gỡ chứng thư số cũ',
    receipt: 'Biên nhận',
    receiptHelp: 'Máy chủ đã ký số biên nhận này. Hãy lưu lại để đối chiếu khi cần.',
    receiptOld: 'Số sê-ri cũ',
    receiptTax: 'Mã số thuế',
    receiptContract: 'Hợp đồng đến',
    receiptAgreed: (time) => `Bạn đã đồng ý lúc ${time}`,
    receiptDay: 'Xác nhận lúc',
    receiptSave: 'Lưu biên nhận (.p7m)',
    checklist: 'Việc cần làm tiếp',
    checklistHelp: 'Các hệ thống sau phải biết chứng thư số mới. Đánh dấu việc đã làm; dấu được giữ trên máy này và báo cho máy chủ.',
    marks: {
      tax: { name: 'Thuế điện tử', what: 'Đăng ký số sê-ri mới ít nhất 4 giờ làm việc trước khi nộp tờ khai.' },
      customs: {
        name: 'Hải quan (VNACCS)',
        what: 'Đăng ký ít nhất 1 ngày làm việc trước khi thông quan; đăng nhập bằng chữ ký CŨ.',
      },
      'social-insurance': { name: 'Bảo hiểm xã hội', what: 'Cập nhật chứng thư số mới trước lần nộp hồ sơ tới.' },
      'e-invoice': { name: 'Hóa đơn điện tử', what: 'Thay số sê-ri dạng hệ 16 trong phần mềm hóa đơn.' },
      bank: { name: 'Ngân hàng', what: 'Gửi tệp chứng thư số mới cho ngân hàng.' },
      'e-procurement': { name: 'Đấu thầu qua mạng', what: 'Cập nhật chứng thư số mới trên hệ thống đấu thầu.' },
    },
    factory: 'Token đang dùng mã PIN mặc định của nhà sản xuất. Hãy đổi mã PIN bằng Token Manager.',
    closed: 'Chương trình đã đóng',
    closedText: 'Có thể đóng trang này. Nếu cần làm tiếp, hãy mở lại chương trình.',
    elsewhere: 'Trang này đang mở ở một thẻ khác',
    elsewhereText: 'Hãy quay lại thẻ đó của trình duyệt. Nếu không thấy, đóng mọi thẻ của chương trình rồi mở lại chương trình.',
    died: 'Chương trình dừng giữa chừng',
    diedText: 'Không mất gì: hãy mở lại chương trình, nó làm tiếp từ chỗ đã dừng. Nếu lại bị dừng, gọi tổng đài và đọc mã hỗ trợ.',
    slow: 'Token chưa trả lời, lâu hơn bình thường. Hãy rút token, đợi 5 giây rồi cắm lại. Nếu trang vẫn đứng yên, đóng trang này và mở lại chương trình: không mất gì, chương trình làm tiếp từ chỗ đã dừng.',
    moods: { work: 'Đang làm', ask: 'Đến lượt bạn', info: 'Thông tin', stop: 'Cần chú ý', done: 'Hoàn tất' },
  },
  en: {
    programme: 'New term for your certificate',
    other: 'Tiếng Việt',
    stages: ['Plug in', 'Check your data', 'PIN', 'Write', 'Done'],
    stagesLabel: 'Steps',
    stage: (n) => `Step\u00a0${n}\u00a0of\u00a05`,
    current: 'now',
    passed: 'done',
    keep: 'DO NOT UNPLUG THE TOKEN',
    support: 'Support code',
    supportHelp: 'Read it out when you call the hotline.',
    details: 'Technical details',
    retry: 'Try again',
    lookAgain: 'Look at the token again',
    clockNow: 'This computer now shows',
    cancel: 'Stop',
    restart: 'Start again',
    again: 'Do another token',
    continue: 'Continue',
    choose: 'Choose this certificate',
    oldEnd: 'Ends now on',
    newEnd: 'New end (of the contract)',
    days: (n) => `${n} days`,
    owed: 'Made good',
    token: 'Token',
    serial: 'Serial number',
    data: 'Subscriber data',
    opensOn: 'Opens on',
    reason: 'Reason',
    assistTitle: 'Is somebody helping you?',
    assistLabel: 'The account manager’s code',
    assistHelp: 'Leave it empty if you do this yourself.',
    assistNeeded: 'It is not the support code at the foot of this page.',
    assistSend: 'Use this code',
    assistNone: 'Go on without a code',
    pinLabel: (token) => `PIN of the token “${token}”`,
    pinRange: (min, max) => (max >= 255 ? `At least ${min || 1} characters, plain letters.` : min > 0 ? `${min} to ${max} characters, plain letters.` : `Up to ${max} characters, plain letters.`),
    pinShow: 'Show the PIN',
    pinSend: 'Get the new certificate',
    pinLow: 'Note: a wrong PIN was typed before. After several wrong ones the token locks.',
    pinFinal: 'This is the LAST try. A wrong PIN locks the token.',
    pinCaps: 'Caps Lock is on.',
    pinLetters: 'There is an accented letter: switch the Vietnamese input method off.',
    pinComposed: 'An input method is on: switch it off (Unikey, Telex), clear the field and type again.',
    pinComposedAsk: 'The PIN was not tried: the input method may have changed what you typed. Better type it again; if you are sure, press once more.',
    pinOnce: 'One press is one try.',
    last: 'I want to use the last try',
    lastSure: 'I am sure of the PIN and understand that a wrong one locks the token.',
    steps: { request: 'Ask the server', sign: 'Sign with the token', write: 'Write, read back, try', 'tell-server': 'Tell the server' },
    newer: (version) => `There is a newer version ${version} of this program.`,
    proxyUrl: 'The proxy’s address, such as proxy.company.vn:8080 (empty: as this computer is set up)',
    proxyUser: 'Name for the proxy',
    proxyPassword: 'Password for the proxy',
    proxySend: 'Connect through this proxy',
    hotline: 'Hotline',
    position: (n) => `Your place: ${n}`,
    seconds: (n) => (n > 90 ? `About ${Math.ceil(n / 60)} minutes` : `About ${n} seconds`),
    server: 'Server',
    newSerial: 'Serial number of the new certificate',
    hex: 'Hexadecimal',
    decimal: 'Decimal',
    validTo: 'Valid until',
    copy: 'Copy',
    copied: 'Copied',
    save: 'Save the certificate file (.cer)',
    cleanTitle: 'Remove the old certificate',
    cleanHelp: 'Once the systems above know the new certificate, the old one may leave the token. You need not do this.',
    cleanStart: 'Remove the old certificate …',
    cleanSure: 'I have registered the new certificate wherever I use it, and want the old one removed.',
    cleanSend: 'Remove the old certificate',
    receipt: 'Receipt',
    receiptHelp: 'The server has signed this receipt. Keep it, to be able to show it.',
    receiptOld: 'Old serial number',
    receiptTax: 'Tax code',
    receiptContract: 'Contract until',
    receiptAgreed: (time) => `You agreed at ${time}`,
    receiptDay: 'Confirmed at',
    receiptSave: 'Save the receipt (.p7m)',
    checklist: 'What to do next',
    checklistHelp: 'These systems must learn the new certificate. Tick what is done; ticks are kept on this computer and told to the server.',
    marks: {
      tax: { name: 'Tax', what: 'Register the new serial at least 4 working hours before you file.' },
      customs: {
        name: 'Customs (VNACCS)',
        what: 'Register at least 1 working day before clearance; log in with the OLD signature.',
      },
      'social-insurance': { name: 'Social insurance', what: 'Register the new certificate before the next filing.' },
      'e-invoice': { name: 'E-invoice', what: 'Put the hexadecimal serial into the invoicing software.' },
      bank: { name: 'Bank', what: 'Send the new certificate file to your bank.' },
      'e-procurement': { name: 'E-procurement', what: 'Register the new certificate on the bidding system.' },
    },
    factory: 'The token still has its maker’s factory PIN. Change it with Token Manager.',
    closed: 'The program has ended',
    closedText: 'You may close this page. To go on, open the program again.',
    elsewhere: 'This page is open in another tab',
    elsewhereText: 'Go back to that tab of the browser. If you do not find it, close every tab of the program and open the program again.',
    died: 'The program stopped in the middle',
    diedText: 'Nothing is lost: open the program again and it goes on from where it stopped. If it stops again, call the hotline and read out the support code.',
    slow: 'The token has not answered for longer than usual. Pull it out, wait 5 seconds and plug it in again. If this page stays as it is, close it and open the program again: nothing is lost, it goes on from where it stopped.',
    moods: { work: 'At work', ask: 'Your turn', info: 'Information', stop: 'Attention', done: 'Done' },
  },
};
