-- Expenses and other income: what a shop's profit is made of besides its sales.
--
-- The money of a document never changes: who wrote a wrong amount voids the document, by a row of its own that says why, and
-- writes another. The words about it may be bettered, and stand in a table of their own for that. A document counts on the day
-- that its person names, and so does its void: an expense that was none is no expense of that day.

-- ── Expenses ────────────────────────────────────────────────────────────────

CREATE TABLE expense_category (
  shop_id {uuid} NOT NULL REFERENCES shop (id),
  id {uuid} NOT NULL,
  name {text} NOT NULL,
  name_key {text} NOT NULL,
  sort_key {text} NOT NULL,
  created_at {int} NOT NULL,
  PRIMARY KEY (shop_id, id),
  UNIQUE (shop_id, name_key)
) {clustered};

-- 'session_id' is the drawer that paid it; one that no drawer paid has none.
CREATE TABLE expense (
  shop_id {uuid} NOT NULL REFERENCES shop (id),
  id {uuid} NOT NULL,
  business_date {int} NOT NULL,
  amount_minor {int} NOT NULL CHECK (amount_minor BETWEEN 1 AND 10000000000000),
  method_id {uuid} NOT NULL,
  session_id {uuid},
  person_id {uuid} NOT NULL REFERENCES app_user (id),
  recorded_at {int} NOT NULL,
  PRIMARY KEY (shop_id, id),
  FOREIGN KEY (shop_id, method_id) REFERENCES payment_method (shop_id, id),
  FOREIGN KEY (shop_id, session_id) REFERENCES cash_session (shop_id, id)
) {clustered};
CREATE INDEX expense_by_date ON expense (shop_id, business_date, id);
{append_only expense}

CREATE TABLE expense_text (
  shop_id {uuid} NOT NULL REFERENCES shop (id),
  expense_id {uuid} NOT NULL,
  concept {text} NOT NULL,
  description {text} NOT NULL DEFAULT '',
  search_key {text} NOT NULL,
  category_id {uuid},
  updated_by {uuid} NOT NULL REFERENCES app_user (id),
  updated_at {int} NOT NULL,
  version {int} NOT NULL DEFAULT 1,
  PRIMARY KEY (shop_id, expense_id),
  FOREIGN KEY (shop_id, expense_id) REFERENCES expense (shop_id, id),
  FOREIGN KEY (shop_id, category_id) REFERENCES expense_category (shop_id, id)
) {clustered};

-- 'session_id' is the drawer into which the money went back, if it did.
CREATE TABLE expense_void (
  shop_id {uuid} NOT NULL REFERENCES shop (id),
  id {uuid} NOT NULL,
  expense_id {uuid} NOT NULL,
  reason {text} NOT NULL,
  session_id {uuid},
  person_id {uuid} NOT NULL REFERENCES app_user (id),
  voided_at {int} NOT NULL,
  PRIMARY KEY (shop_id, id),
  UNIQUE (shop_id, expense_id),
  FOREIGN KEY (shop_id, expense_id) REFERENCES expense (shop_id, id),
  FOREIGN KEY (shop_id, session_id) REFERENCES cash_session (shop_id, id)
) {clustered};
{append_only expense_void}

-- ── Other income ────────────────────────────────────────────────────────────

CREATE TABLE other_income (
  shop_id {uuid} NOT NULL REFERENCES shop (id),
  id {uuid} NOT NULL,
  kind {text} NOT NULL CHECK (kind IN ('delivery', 'service', 'labor', 'other')),
  business_date {int} NOT NULL,
  amount_minor {int} NOT NULL CHECK (amount_minor BETWEEN 1 AND 10000000000000),
  sale_id {uuid},
  person_id {uuid} NOT NULL REFERENCES app_user (id),
  recorded_at {int} NOT NULL,
  PRIMARY KEY (shop_id, id),
  FOREIGN KEY (shop_id, sale_id) REFERENCES sale (shop_id, id)
) {clustered};
CREATE INDEX other_income_by_date ON other_income (shop_id, business_date, id);
CREATE INDEX other_income_by_sale ON other_income (shop_id, sale_id) WHERE sale_id IS NOT NULL;
{append_only other_income}

CREATE TABLE other_income_text (
  shop_id {uuid} NOT NULL REFERENCES shop (id),
  income_id {uuid} NOT NULL,
  description {text} NOT NULL,
  search_key {text} NOT NULL,
  updated_by {uuid} NOT NULL REFERENCES app_user (id),
  updated_at {int} NOT NULL,
  version {int} NOT NULL DEFAULT 1,
  PRIMARY KEY (shop_id, income_id),
  FOREIGN KEY (shop_id, income_id) REFERENCES other_income (shop_id, id)
) {clustered};

CREATE TABLE other_income_void (
  shop_id {uuid} NOT NULL REFERENCES shop (id),
  id {uuid} NOT NULL,
  income_id {uuid} NOT NULL,
  reason {text} NOT NULL,
  person_id {uuid} NOT NULL REFERENCES app_user (id),
  voided_at {int} NOT NULL,
  PRIMARY KEY (shop_id, id),
  UNIQUE (shop_id, income_id),
  FOREIGN KEY (shop_id, income_id) REFERENCES other_income (shop_id, id)
) {clustered};
{append_only other_income_void}

-- ── Totals ──────────────────────────────────────────────────────────────────

-- A day's documents that were not voided. No till writes these rows.
CREATE TABLE money_day (
  shop_id {uuid} NOT NULL REFERENCES shop (id),
  business_date {int} NOT NULL,
  income_count {int} NOT NULL DEFAULT 0,
  income_minor {int} NOT NULL DEFAULT 0,
  expense_count {int} NOT NULL DEFAULT 0,
  expense_minor {int} NOT NULL DEFAULT 0,
  PRIMARY KEY (shop_id, business_date)
) {clustered};

-- ── The drawer ──────────────────────────────────────────────────────────────

-- An expense may come out of a drawer: a kind of its own, so that a count explains itself.
-- @sqlite
ALTER TABLE cash_entry RENAME TO cash_entry_before;
CREATE TABLE cash_entry (
  shop_id {uuid} NOT NULL REFERENCES shop (id),
  session_id {uuid} NOT NULL,
  id {uuid} NOT NULL,
  kind {text} NOT NULL CHECK (kind IN ('sale', 'refund', 'pay_in', 'pay_out', 'expense')),
  amount_minor {int} NOT NULL,
  document_id {uuid} NOT NULL,
  reason {text} NOT NULL DEFAULT '',
  person_id {uuid} NOT NULL REFERENCES app_user (id),
  after_close {bool} NOT NULL DEFAULT FALSE,
  at {int} NOT NULL,
  recorded_at {int} NOT NULL,
  PRIMARY KEY (shop_id, session_id, id),
  FOREIGN KEY (shop_id, session_id) REFERENCES cash_session (shop_id, id)
) {clustered};
INSERT INTO cash_entry (shop_id, session_id, id, kind, amount_minor, document_id, reason, person_id, after_close, at, recorded_at)
SELECT shop_id, session_id, id, kind, amount_minor, document_id, reason, person_id, after_close, at, recorded_at
FROM cash_entry_before;
DROP TABLE cash_entry_before;
CREATE INDEX cash_entry_by_document ON cash_entry (shop_id, document_id);
{append_only cash_entry}
-- @end
-- @postgres
ALTER TABLE cash_entry DROP CONSTRAINT cash_entry_kind_check;
ALTER TABLE cash_entry ADD CONSTRAINT cash_entry_kind_check
  CHECK (kind IN ('sale', 'refund', 'pay_in', 'pay_out', 'expense'));
-- @end
