/* The words of the screens on which the old certificate is taken off the token (R5.11), in both languages. */
#include "client/flow/flow_rows.h"

#define AT(screen) [(screen)-SCREEN_CLEAN_ASK]

const struct flow_row flow_clean_rows[SCREEN_COUNT - SCREEN_CLEAN_ASK] = {
    AT(SCREEN_CLEAN_ASK) = {.code = "clean-confirm",
                            .mood = MOOD_ASK,
                            .stage = 5,
                            .actions = ACTION_CLEAN | ACTION_CANCEL,
                            .polls = true,
                            .in = {{"Gỡ chứng thư số cũ khỏi token?",
                                    "Chỉ gỡ khi các hệ thống trong danh sách đã nhận chứng thư số mới: hải quan còn "
                                    "cần chứng thư số cũ để đăng ký cái mới. Đã gỡ thì không lấy lại được.",
                                    "Nếu đã đăng ký xong, đánh dấu xác nhận rồi bấm Gỡ chứng thư số cũ. Không cần vội: "
                                    "chứng thư số cũ tự hết hạn."},
                                   {"Remove the old certificate from the token?",
                                    "Do so only when the systems on the list know the new one: customs still wants the "
                                    "old signature to register the new one. It cannot be undone.",
                                    "If all are told, tick the box and press Remove the old certificate. There is no "
                                    "hurry: the old one runs out by itself."}}},
    AT(SCREEN_CLEAN_PIN) = {.code = "clean-pin",
                            .mood = MOOD_ASK,
                            .stage = 3,
                            .actions = ACTION_PIN | ACTION_CANCEL,
                            .polls = true,
                            .in = {{"Nhập mã PIN để gỡ chứng thư số cũ",
                                    "Mã PIN chỉ dùng trên máy này để mở token, không gửi đi đâu. Chứng thư số mới được "
                                    "kiểm tra trước khi gỡ.",
                                    "Nhập mã PIN rồi bấm Gỡ chứng thư số cũ."},
                                   {"Type the PIN to remove the old certificate",
                                    "The PIN is used on this computer only, to open the token. It is sent nowhere. The "
                                    "new certificate is checked first.",
                                    "Type the PIN and press Remove the old certificate."}}},
    AT(SCREEN_CLEANING) = {.code = "cleaning",
                           .mood = MOOD_WORK,
                           .stage = 5,
                           .keep = true,
                           .in = {{"Đang gỡ chứng thư số cũ",
                                   "Chứng thư số mới được kiểm tra và ký thử trước, rồi mới gỡ cái cũ.",
                                   "Đợi vài giây, đừng rút token."},
                                  {"Removing the old certificate",
                                   "The new one is checked and signs a probe first; only then the old one goes.",
                                   "Wait a few seconds and leave the token in."}}},
    AT(SCREEN_CLEANED) = {.code = "cleaned",
                          .mood = MOOD_DONE,
                          .stage = 5,
                          .actions = ACTION_RESTART,
                          .in = {{"Đã gỡ chứng thư số cũ", "Trên token chỉ còn chứng thư số mới.",
                                  "Bây giờ có thể rút token. Không cần làm gì thêm với token."},
                                 {"The old certificate is removed", "Only the new one is on the token now.",
                                  "You may pull the token out. Nothing more is needed with it."}}},
    AT(SCREEN_CLEAN_FAILED) =
        {.code = "clean-failed",
         .mood = MOOD_STOP,
         .stage = 5,
         .actions =
             ACTION_RETRY | ACTION_RESTART,
         .in = {{"Chưa gỡ được chứng thư số cũ",
                 "Token báo lỗi khi gỡ. Chứng thư số mới không bị động đến; chứng thư số cũ tự hết hạn.",
                 "Bấm Thử lại. Nếu vẫn lỗi, cứ để chứng thư số cũ, hoặc gọi tổng đài và đọc mã hỗ trợ."},
                {"The old certificate could not be removed",
                 "The token reported an error. The new certificate was not touched; the old one runs out by itself.",
                 "Press Try again. If it fails again, leave the old one where it is, or call the hotline and read out "
                 "the support code."}}},
};
