// The page's own words. What each screen says comes from the program (client/flow/flow_look.c and its like).
import type { Lang } from './state';

export interface Texts {
  programme: string;
  about: string;
  aboutWho: (issuer: string) => string;
  aboutLetter: string;
  aboutHere: string;
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
  chooseThis: string;
  company: string;
  taxCode: string;
  newEndShort: string;
  oldEnd: string;
  newEnd: string;
  days: (n: number) => string;
  owed: string;
  token: string;
  serial: string;
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
  cleanOpen: string;
  cleanSureOpen: (n: number) => string;
  cleanSend: string;
  receipt: string;
  receiptHelp: string;
  receiptOld: string;
  receiptTax: string;
  receiptContract: string;
  receiptAgreed: (time: string) => string;
  receiptDay: string;
  receiptSave: string;
  receiptTitle: string;
  receiptPrint: string;
  receiptPaper: (file: string) => string;
  traps: string;
  trapAgain: string;
  trapNew: string;
  trapOld: string;
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
    about: 'Chương trình này là gì?',
    aboutWho: (issuer) => (issuer ? `Đây là chương trình của ${issuer}.` : 'Đây là chương trình của nhà cung cấp chứng thư số.'),
    aboutLetter: 'Căn cứ:',
    aboutHere: 'Trang này do chương trình đang chạy trên chính máy này mở ra (địa chỉ 127.0.0.1), không phải một trang web. Mã PIN không rời khỏi máy này.',
    other: 'English',
    stages: ['Cắm token', 'Thông tin', 'Mã PIN', 'Ghi chứng thư số', 'Hoàn tất'],
    stagesLabel: 'Các bước',
    stage: (n) => `Bước\u00a0${n}/5`,
    current: 'đang làm',
    passed: 'đã xong',
    keep: 'KHÔNG RÚT TOKEN',
    support: 'Mã hỗ trợ',
    supportHelp: 'Đọc mã này khi gọi tổng đài.',
    details: 'Chi tiết kỹ thuật',
    retry: 'Thử lại',
    lookAgain: 'Kiểm tra lại token',
    clockNow: 'Giờ trên máy tính này',
    cancel: 'Dừng lại',
    restart: 'Làm lại từ đầu',
    again: 'Cấp bù cho token khác',
    continue: 'Tiếp tục',
    choose: 'Chọn chứng thư số này',
    chooseThis: 'Chọn',
    company: 'Tên đơn vị',
    taxCode: 'Mã số thuế',
    newEndShort: 'Hạn mới',
    oldEnd: 'Ngày hết hạn hiện tại',
    newEnd: 'Ngày hết hạn mới (hết hợp đồng)',
    days: (n) => `${n} ngày`,
    owed: 'Được cấp bù',
    token: 'Token',
    serial: 'Số sê-ri',
    opensOn: 'Ngày mở',
    reason: 'Mã lý do (đọc cho tổng đài)',
    assistTitle: 'Có nhân viên hỗ trợ?',
    assistLabel: 'Mã của nhân viên hỗ trợ',
    assistHelp: 'Để trống nếu tự thực hiện.',
    assistNeeded: 'Đó không phải mã hỗ trợ ở cuối trang này.',
    assistSend: 'Dùng mã này',
    assistNone: 'Tự thực hiện, không dùng mã',
    pinLabel: (token) => `Mã PIN của token “${token}”`,
    pinRange: (min, max) => (max >= 255 ? `Ít nhất ${min || 1} ký tự, chữ không dấu.` : min > 0 ? `Từ ${min} đến ${max} ký tự, chữ không dấu.` : `Tối đa ${max} ký tự, chữ không dấu.`),
    pinShow: 'Hiện mã PIN',
    pinSend: 'Cấp chứng thư số mới',
    pinLow: 'Chú ý: trước đây đã có lần nhập sai mã PIN. Nhập sai nhiều lần, token sẽ bị khóa.',
    pinFinal: 'Đây là lần thử CUỐI CÙNG. Nhập sai, token bị khóa.',
    pinCaps: 'Caps Lock đang bật.',
    pinLetters: 'Có chữ có dấu: hãy tắt bộ gõ tiếng Việt.',
    pinComposed: 'Bộ gõ đang bật: hãy tắt bộ gõ tiếng Việt (Unikey, Telex), xóa ô này và nhập lại.',
    pinComposedAsk: 'Chưa thử mã PIN: bộ gõ có thể đã đổi chữ vừa nhập. Nên xóa và nhập lại; nếu chắc chắn đúng, bấm lần nữa.',
    pinOnce: 'Mỗi lần bấm nút tính là một lần nhập PIN.',
    last: 'Tôi muốn dùng lần thử cuối cùng',
    lastSure: 'Tôi chắc chắn mã PIN đúng và hiểu rằng nhập sai thì token bị khóa.',
    steps: { request: 'Gửi yêu cầu đến máy chủ', sign: 'Ký yêu cầu bằng token', write: 'Ghi lên token, đọc lại và ký thử', 'tell-server': 'Báo kết quả cho máy chủ' },
    newer: (version) => `Đã có phiên bản mới ${version} của chương trình này.`,
    proxyUrl: 'Địa chỉ proxy, ví dụ proxy.congty.vn:8080 (để trống: theo máy)',
    proxyUser: 'Tên đăng nhập proxy',
    proxyPassword: 'Mật khẩu proxy',
    proxySend: 'Kết nối qua proxy này',
    hotline: 'Tổng đài',
    position: (n) => `Vị trí: ${n}`,
    seconds: (n) => (n > 90 ? `Còn khoảng ${Math.ceil(n / 60)} phút` : `Còn khoảng ${n} giây`),
    server: 'Máy chủ',
    newSerial: 'Số sê-ri của chứng thư số mới',
    hex: 'Dạng HEX (hóa đơn điện tử)',
    decimal: 'Dạng thập phân',
    validTo: 'Có hạn đến',
    copy: 'Sao chép',
    copied: 'Đã sao chép',
    save: 'Lưu tệp chứng thư số (.cer)',
    cleanTitle: 'Gỡ chứng thư số cũ',
    cleanHelp: 'Khi các hệ thống trên đã nhận chứng thư số mới, có thể gỡ chứng thư số cũ khỏi token. Không bắt buộc.',
    cleanStart: 'Gỡ chứng thư số cũ …',
    cleanSure: 'Tôi đã đăng ký chứng thư số mới ở mọi nơi tôi dùng, và muốn gỡ chứng thư số cũ.',
    cleanOpen: 'Các nơi sau chưa được đánh dấu là đã nhận chứng thư số mới. Gỡ chứng thư số cũ là không lấy lại được:',
    cleanSureOpen: (n) => `Tôi hiểu: còn ${n} nơi chưa đánh dấu, và chứng thư số cũ đã gỡ thì không lấy lại được.`,
    cleanSend: 'Gỡ chứng thư số cũ',
    receipt: 'Biên nhận',
    receiptHelp: 'Máy chủ đã ký số biên nhận này. Hãy lưu lại để đối chiếu khi cần.',
    receiptOld: 'Số sê-ri cũ',
    receiptTax: 'Mã số thuế',
    receiptContract: 'Hợp đồng đến',
    receiptAgreed: (time) => `Quý khách đã đồng ý lúc ${time}`,
    receiptDay: 'Xác nhận lúc',
    receiptSave: 'Lưu biên nhận ký số (.p7m)',
    receiptTitle: 'Biên nhận cấp bù thời hạn chứng thư số',
    receiptPrint: 'In / lưu PDF',
    receiptPaper: (file) => `Bản in này để lưu hồ sơ. Bản có chữ ký số của máy chủ là tệp ${file}.`,
    traps: 'Khi ký, từ ngày mai',
    trapAgain: 'Rút token ra rồi cắm lại một lần, để các phần mềm thấy chứng thư số mới.',
    trapNew: 'Sẽ thấy hai chứng thư số trùng tên. Nơi nào đã đăng ký thì chọn cái có hạn đến',
    trapOld: 'Nơi chưa đăng ký thì vẫn chọn cái cũ, có hạn đến',
    checklist: 'Việc cần làm tiếp',
    checklistHelp: 'Các hệ thống sau phải biết chứng thư số mới. Đánh dấu việc đã làm; kết quả được lưu trên máy này và gửi về máy chủ.',
    marks: {
      tax: { name: 'Thuế điện tử', what: 'Đăng ký số sê-ri mới ít nhất 4 giờ làm việc trước khi nộp tờ khai.' },
      customs: {
        name: 'Hải quan (VNACCS)',
        what: 'Đăng ký ít nhất 1 ngày làm việc trước khi thông quan; đăng nhập bằng chứng thư số CŨ.',
      },
      'social-insurance': { name: 'Bảo hiểm xã hội', what: 'Cập nhật chứng thư số mới trước lần nộp hồ sơ tới.' },
      'e-invoice': { name: 'Hóa đơn điện tử', what: 'Thay số sê-ri dạng HEX trong phần mềm hóa đơn.' },
      bank: { name: 'Ngân hàng', what: 'Gửi tệp chứng thư số mới cho ngân hàng.' },
      'e-procurement': { name: 'Đấu thầu qua mạng', what: 'Cập nhật chứng thư số mới trên hệ thống đấu thầu.' },
    },
    factory: 'Token đang dùng mã PIN mặc định của nhà sản xuất. Hãy đổi mã PIN bằng Token Manager.',
    closed: 'Chương trình đã đóng',
    closedText: 'Có thể đóng trang này. Nếu cần làm tiếp, hãy mở lại chương trình.',
    elsewhere: 'Trang này đang mở ở một tab khác',
    elsewhereText: 'Hãy quay lại tab đó của trình duyệt. Nếu không thấy, đóng mọi tab của chương trình rồi mở lại chương trình.',
    died: 'Chương trình dừng giữa chừng',
    diedText: 'Không mất gì: hãy mở lại chương trình, nó làm tiếp từ chỗ đã dừng. Nếu lại bị dừng, gọi tổng đài và đọc mã hỗ trợ.',
    slow: 'Token chưa trả lời, lâu hơn bình thường. Hãy rút token, đợi 5 giây rồi cắm lại. Nếu trang vẫn đứng yên, đóng trang này và mở lại chương trình: không mất gì, chương trình làm tiếp từ chỗ đã dừng.',
    moods: { work: 'Đang làm', ask: 'Việc cần làm', info: 'Thông tin', stop: 'Cần chú ý', done: 'Hoàn tất' },
  },
  en: {
    programme: 'New term for your certificate',
    about: 'What is this program?',
    aboutWho: (issuer) => (issuer ? `It is a program of ${issuer}.` : 'It is a program of your certificate’s provider.'),
    aboutLetter: 'By order of:',
    aboutHere: 'This page is opened by a program that runs on this very computer (the address 127.0.0.1); it is no web site. The PIN does not leave the computer.',
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
    chooseThis: 'Choose',
    company: 'Name',
    taxCode: 'Tax code',
    newEndShort: 'New end',
    oldEnd: 'Ends now on',
    newEnd: 'New end (of the contract)',
    days: (n) => `${n} days`,
    owed: 'Made good',
    token: 'Token',
    serial: 'Serial number',
    opensOn: 'Opens on',
    reason: 'Reason code (for the hotline)',
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
    cleanOpen: 'These are not ticked as knowing the new certificate. What is removed cannot be brought back:',
    cleanSureOpen: (n) => `I understand: ${n} are not ticked, and the old certificate cannot be brought back once it is removed.`,
    cleanSend: 'Remove the old certificate',
    receipt: 'Receipt',
    receiptHelp: 'The server has signed this receipt. Keep it, to be able to show it.',
    receiptOld: 'Old serial number',
    receiptTax: 'Tax code',
    receiptContract: 'Contract until',
    receiptAgreed: (time) => `You agreed at ${time}`,
    receiptDay: 'Confirmed at',
    receiptSave: 'Save the signed receipt (.p7m)',
    receiptTitle: 'Receipt for a certificate’s new term',
    receiptPrint: 'Print / save as PDF',
    receiptPaper: (file) => `This print is for your files. What the server signed is the file ${file}.`,
    traps: 'When you sign, from tomorrow on',
    trapAgain: 'Pull the token out and plug it in once, so that your programs see the new certificate.',
    trapNew: 'You will see two certificates of one name. Where the new one is registered choose the one that ends on',
    trapOld: 'Where it is not registered yet go on with the old one, which ends on',
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
