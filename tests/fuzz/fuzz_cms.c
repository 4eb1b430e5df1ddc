/* Fuzzes signed documents as capbu reads them (client): any bytes are refused, or give spans inside the document; what
   starts as JSON is signed first, so that receipts and lists are read behind a signature that holds. */
#include <string.h>

#include "base/digest.h"
#include "client/flow/receipts.h"
#include "client/token/devices.h"
#include "fuzz_ca.h"
#include "pki/cms.h"

static struct ca *ca;
static struct key *key;
static struct buf ca_der, cert_der;
static struct cert signer;

static void set_up(void) {
    struct cert issuer;
    require(digest_init() == RC_OK);
    AUTO_PTR(key) ca_key = make_key();
    key = make_key();
    ca_der = make_ca(ca_key, "Hà Nội");
    require(ca_open(buf_span(&ca_der), &ca) == RC_OK);
    require(cert_parse(buf_span(&ca_der), &issuer) == RC_OK);
    require(mint_publisher(ca_key, &issuer, key, NOW - YEAR, NOW + YEAR, &cert_der) == RC_OK);
    require(cert_parse(buf_span(&cert_der), &signer) == RC_OK);
}

static void inside(struct span part, struct span whole) {
    require(part.len <= whole.len && part.ptr >= whole.ptr && part.ptr + part.len <= whole.ptr + whole.len);
}

static void ends(const char *text, size_t cap) {
    require(memchr(text, '\0', cap) != NULL);
}

static void receipt_holds(const struct receipt *r, struct span document) {
    require(span_eq(buf_span(&r->document), document));
    require(r->new_serial[strspn(r->new_serial, "0123456789ABCDEF")] == '\0'); /* a file name */
    ends(r->tax_code, sizeof r->tax_code);
    ends(r->consent_text, sizeof r->consent_text);
    ends(r->confirmed_at, sizeof r->confirmed_at);
}

static void read_all(struct span document, const struct ca *under) {
    static struct known_devices known;
    AUTO(receipt) r = {0};
    struct cms c;

    if (cms_verify(document, under, &c) == RC_OK) {
        inside(c.content, document);
        inside(c.signer, document);
    }
    if (receipt_read(document, under, &r) == RC_OK)
        receipt_holds(&r, document);
    enum rc rc = devices_open(document, buf_span(&ca_der), NOW, &known);
    require((rc != RC_OK && rc != RC_REFUSED) || (known.version >= 1 && known.devices.count <= DEVICE_MODELS));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    AUTO(buf) document = {0};
    struct cms c;

    if (key == NULL)
        set_up();
    if (size == 0 || data[0] != '{') {
        read_all(span_of(data, size), NULL);
        return 0;
    }
    require(cms_sign(key, &signer, span_of(data, size), NOW, &document) == RC_OK);
    require(document.len > CMS_LIMIT || (cms_verify(buf_span(&document), ca, &c) == RC_OK &&
                                         span_eq(c.content, span_of(data, size)) && c.signed_at == NOW));
    read_all(buf_span(&document), ca);
    return 0;
}
