-- What a shop's admin may set, and the traces that it leaves.

-- ── The shop ────────────────────────────────────────────────────────────────

-- The language of whoever chose none; null leaves it to each browser.
ALTER TABLE shop ADD COLUMN language {text};
-- What a receipt says above and below the sale.
ALTER TABLE shop ADD COLUMN legal_name {text} NOT NULL DEFAULT '';
ALTER TABLE shop ADD COLUMN tax_id {text} NOT NULL DEFAULT '';
ALTER TABLE shop ADD COLUMN address {text} NOT NULL DEFAULT '';
ALTER TABLE shop ADD COLUMN phone {text} NOT NULL DEFAULT '';
ALTER TABLE shop ADD COLUMN receipt_header {text} NOT NULL DEFAULT '';
ALTER TABLE shop ADD COLUMN receipt_footer {text} NOT NULL DEFAULT '';
-- The first-run guide: what somebody answered, and when it was put away.
ALTER TABLE shop ADD COLUMN country_confirmed_at {int};
ALTER TABLE shop ADD COLUMN prices_confirmed_at {int};
ALTER TABLE shop ADD COLUMN guide_closed_at {int};
-- A shop that has sold needs no guide.
UPDATE shop SET guide_closed_at = updated_at WHERE id IN (SELECT shop_id FROM sale);

-- ── Rows that two people may edit at once ───────────────────────────────────

ALTER TABLE tax_set ADD COLUMN version {int} NOT NULL DEFAULT 1;
ALTER TABLE payment_method ADD COLUMN version {int} NOT NULL DEFAULT 1;

-- ── Devices ─────────────────────────────────────────────────────────────────

-- Written at most every few minutes: it answers "is it still in use", not "when exactly".
ALTER TABLE device ADD COLUMN last_contact_at {int};
ALTER TABLE device ADD COLUMN revoked_by {uuid} REFERENCES app_user (id);
ALTER TABLE device ADD COLUMN revoked_why {text} CHECK (revoked_why IN ('lost', 'released', 'replaced', 'closed'));

-- ── What prices mean ────────────────────────────────────────────────────────

-- Every switch between prices before tax and prices with tax inside, by the
-- catalogue's version: a sale that a till made offline before the switch is priced
-- as its catalogue had it.
CREATE TABLE price_switch (
  shop_id {uuid} NOT NULL REFERENCES shop (id),
  catalog_version {int} NOT NULL,
  includes_tax_after {bool} NOT NULL,
  kept {text} NOT NULL CHECK (kept IN ('shelf', 'stored')),
  switched_by {uuid} NOT NULL REFERENCES app_user (id),
  switched_at {int} NOT NULL,
  PRIMARY KEY (shop_id, catalog_version)
) {clustered};
{append_only price_switch}

-- A product's price before the last switch stands in its price history; a package's
-- own price has no history, so that what a switch back restores stands here.
ALTER TABLE barcode ADD COLUMN price_before_switch_minor {int};
