-- The ground: people, shops, catalogue, stock, cash, sales, totals, jobs.
--
-- One text for both engines. Words in braces are types that differ ({int}, {bool}, {uuid}, {bytes}, {text}), {strict} makes
-- SQLite check column types, {clustered} does so and keeps the rows in key order. Money is in minor units (_minor),
-- quantities in thousandths (_milli), rates in parts per million (_ppm), instants in microseconds UTC (_at), business dates as
-- YYYYMMDD. Every key of a shop's table starts with the shop, so that no foreign key can point across shops.

-- ── People and shops ────────────────────────────────────────────────────────

CREATE TABLE app_user (
  id {uuid} PRIMARY KEY,
  username {text} NOT NULL,
  username_key {text} NOT NULL UNIQUE,
  email {text},
  email_key {text} UNIQUE,
  first_name {text} NOT NULL DEFAULT '',
  last_name {text} NOT NULL DEFAULT '',
  phone {text} NOT NULL DEFAULT '',
  language {text},
  theme {text},
  password_hash {text},
  superuser {bool} NOT NULL DEFAULT FALSE,
  active {bool} NOT NULL DEFAULT TRUE,
  email_verified {bool} NOT NULL DEFAULT FALSE,
  must_change_password {bool} NOT NULL DEFAULT FALSE,
  tutorial_seen {bool} NOT NULL DEFAULT FALSE,
  activated_at {int},
  activated_by {uuid} REFERENCES app_user (id),
  created_by {uuid} REFERENCES app_user (id),
  created_at {int} NOT NULL,
  updated_at {int} NOT NULL,
  version {int} NOT NULL DEFAULT 1
) {strict};

CREATE TABLE shop (
  id {uuid} PRIMARY KEY,
  name {text} NOT NULL,
  country {text} NOT NULL,
  currency {text} NOT NULL,
  exponent {int} NOT NULL CHECK (exponent BETWEEN 0 AND 4),
  display_decimals {int} NOT NULL CHECK (display_decimals BETWEEN 0 AND exponent),
  time_zone {text} NOT NULL,
  day_starts_at_minutes {int} NOT NULL DEFAULT 0 CHECK (day_starts_at_minutes BETWEEN 0 AND 1439),
  prices_include_tax {bool} NOT NULL DEFAULT FALSE,
  recovers_purchase_tax {bool} NOT NULL DEFAULT TRUE,
  cash_step_minor {int} NOT NULL DEFAULT 0 CHECK (cash_step_minor >= 0),
  cash_mode {text} NOT NULL DEFAULT 'half_up' CHECK (cash_mode IN ('half_up', 'half_down', 'down')),
  active {bool} NOT NULL DEFAULT TRUE,
  created_at {int} NOT NULL,
  updated_at {int} NOT NULL,
  version {int} NOT NULL DEFAULT 1
) {strict};

CREATE TABLE member (
  shop_id {uuid} NOT NULL REFERENCES shop (id),
  user_id {uuid} NOT NULL REFERENCES app_user (id),
  role {text} NOT NULL CHECK (role IN ('admin', 'vendedor')),
  active {bool} NOT NULL DEFAULT TRUE,
  created_by {uuid} REFERENCES app_user (id),
  created_at {int} NOT NULL,
  updated_at {int} NOT NULL,
  version {int} NOT NULL DEFAULT 1,
  PRIMARY KEY (shop_id, user_id)
) {clustered};
CREATE INDEX member_by_user ON member (user_id, shop_id);

-- A link or code that was mailed: only its hash is kept, and it is used once.
CREATE TABLE one_time_token (
  token_hash {bytes} PRIMARY KEY,
  kind {text} NOT NULL CHECK (kind IN ('verify_email', 'reset_password', 'invitation')),
  user_id {uuid} NOT NULL REFERENCES app_user (id),
  created_at {int} NOT NULL,
  expires_at {int} NOT NULL,
  used_at {int}
) {strict};
CREATE INDEX one_time_token_by_user ON one_time_token (user_id, kind);

-- ── Jobs and the local mailbox ──────────────────────────────────────────────

-- The outbox: written in the transaction that causes the work. A worker holds a
-- job until 'claimed_until', which is also the proof that it still holds it.
CREATE TABLE job (
  id {uuid} PRIMARY KEY,
  shop_id {uuid},
  kind {text} NOT NULL,
  payload {text} NOT NULL,
  state {text} NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'done', 'failed')),
  attempts {int} NOT NULL DEFAULT 0 CHECK (attempts >= 0),
  run_at {int} NOT NULL,
  claimed_until {int},
  last_error {text},
  created_at {int} NOT NULL,
  done_at {int},
  CHECK ((state = 'waiting') = (done_at IS NULL)),
  CHECK (claimed_until IS NULL OR state = 'waiting')
) {strict};
CREATE INDEX job_due ON job (run_at, id) WHERE state = 'waiting';
CREATE INDEX job_done ON job (done_at, id) WHERE state = 'done';
CREATE INDEX job_failed ON job (done_at, id) WHERE state = 'failed';

CREATE TABLE mailbox_message (
  id {uuid} PRIMARY KEY,
  recipient {text} NOT NULL,
  subject {text} NOT NULL,
  body_text {text} NOT NULL,
  body_html {text} NOT NULL,
  created_at {int} NOT NULL
) {strict};
CREATE INDEX mailbox_message_by_time ON mailbox_message (created_at, id);

-- ── Where things are sold ───────────────────────────────────────────────────

CREATE TABLE location (
  shop_id {uuid} NOT NULL REFERENCES shop (id),
  id {uuid} NOT NULL,
  name {text} NOT NULL,
  active {bool} NOT NULL DEFAULT TRUE,
  created_at {int} NOT NULL,
  PRIMARY KEY (shop_id, id)
) {clustered};

-- A register numbers its sales prefix + next number. 'office' is the one that
-- numbers what comes without a till: a plain form, the API, an import.
CREATE TABLE register (
  shop_id {uuid} NOT NULL REFERENCES shop (id),
  id {uuid} NOT NULL,
  location_id {uuid} NOT NULL,
  kind {text} NOT NULL CHECK (kind IN ('till', 'office', 'import')),
  name {text} NOT NULL,
  prefix {text} NOT NULL,
  next_number {int} NOT NULL DEFAULT 1 CHECK (next_number >= 1),
  active {bool} NOT NULL DEFAULT TRUE,
  created_at {int} NOT NULL,
  updated_at {int} NOT NULL,
  version {int} NOT NULL DEFAULT 1,
  PRIMARY KEY (shop_id, id),
  UNIQUE (shop_id, prefix),
  FOREIGN KEY (shop_id, location_id) REFERENCES location (shop_id, id)
) {clustered};

CREATE TABLE device (
  shop_id {uuid} NOT NULL REFERENCES shop (id),
  id {uuid} NOT NULL,
  register_id {uuid} NOT NULL,
  name {text} NOT NULL,
  public_key {bytes} NOT NULL,
  state {text} NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'revoked')),
  enrolled_by {uuid} NOT NULL REFERENCES app_user (id),
  created_at {int} NOT NULL,
  revoked_at {int},
  PRIMARY KEY (shop_id, id),
  FOREIGN KEY (shop_id, register_id) REFERENCES register (shop_id, id)
) {clustered};
-- A device is looked up by its id alone: the shop is what the look-up answers.
CREATE UNIQUE INDEX device_by_id ON device (id);
CREATE UNIQUE INDEX device_one_active_a_register ON device (shop_id, register_id) WHERE state = 'active';

CREATE TABLE number_lease (
  shop_id {uuid} NOT NULL REFERENCES shop (id),
  id {uuid} NOT NULL,
  register_id {uuid} NOT NULL,
  device_id {uuid} NOT NULL,
  from_number {int} NOT NULL,
  to_number {int} NOT NULL,
  leased_at {int} NOT NULL,
  expires_at {int} NOT NULL,
  PRIMARY KEY (shop_id, id),
  UNIQUE (shop_id, register_id, from_number),
  CHECK (from_number >= 1 AND to_number >= from_number),
  FOREIGN KEY (shop_id, register_id) REFERENCES register (shop_id, id),
  FOREIGN KEY (shop_id, device_id) REFERENCES device (shop_id, id)
) {clustered};

-- ── Catalogue ───────────────────────────────────────────────────────────────

-- Every change of the catalogue takes this row first, so that versions become
-- visible in their order and a till's cursor cannot skip one.
CREATE TABLE catalog_version (
  shop_id {uuid} PRIMARY KEY REFERENCES shop (id),
  version {int} NOT NULL
) {clustered};

CREATE TABLE category (
  shop_id {uuid} NOT NULL REFERENCES shop (id),
  id {uuid} NOT NULL,
  name {text} NOT NULL,
  name_key {text} NOT NULL,
  sort_key {text} NOT NULL,
  created_at {int} NOT NULL,
  updated_at {int} NOT NULL,
  PRIMARY KEY (shop_id, id),
  UNIQUE (shop_id, name_key)
) {clustered};

CREATE TABLE tax_set (
  shop_id {uuid} NOT NULL REFERENCES shop (id),
  id {uuid} NOT NULL,
  name {text} NOT NULL,
  position {int} NOT NULL,
  is_default {bool} NOT NULL DEFAULT FALSE,
  active {bool} NOT NULL DEFAULT TRUE,
  created_at {int} NOT NULL,
  updated_at {int} NOT NULL,
  PRIMARY KEY (shop_id, id)
) {clustered};
CREATE UNIQUE INDEX tax_set_one_default ON tax_set (shop_id) WHERE is_default;

-- The shape of money.md: a percentage, or an amount a unit, whose base may
-- include the taxes at earlier positions. The first engine prices percentages.
CREATE TABLE tax_rate (
  shop_id {uuid} NOT NULL REFERENCES shop (id),
  tax_set_id {uuid} NOT NULL,
  position {int} NOT NULL,
  code {text} NOT NULL,
  kind {text} NOT NULL DEFAULT 'percent' CHECK (kind IN ('percent', 'per_unit')),
  rate_ppm {int} NOT NULL DEFAULT 0 CHECK (rate_ppm BETWEEN 0 AND 1000000),
  amount_minor {int} NOT NULL DEFAULT 0 CHECK (amount_minor >= 0),
  includes_earlier {bool} NOT NULL DEFAULT FALSE,
  PRIMARY KEY (shop_id, tax_set_id, position),
  UNIQUE (shop_id, tax_set_id, code),
  FOREIGN KEY (shop_id, tax_set_id) REFERENCES tax_set (shop_id, id)
) {clustered};

CREATE TABLE product (
  shop_id {uuid} NOT NULL REFERENCES shop (id),
  id {uuid} NOT NULL,
  name {text} NOT NULL,
  search_key {text} NOT NULL,
  sort_key {text} NOT NULL,
  sku {text},
  sku_key {text},
  category_id {uuid},
  unit {text} NOT NULL DEFAULT 'unidad' CHECK (unit IN ('unidad', 'kg', 'g', 'lb', 'l', 'ml', 'm')),
  fractions {bool} NOT NULL DEFAULT FALSE,
  tracks_stock {bool} NOT NULL DEFAULT TRUE,
  stock_policy {text} NOT NULL DEFAULT 'block' CHECK (stock_policy IN ('block', 'allow')),
  price_minor {int} NOT NULL CHECK (price_minor BETWEEN 0 AND 1000000000000),
  purchase_price_minor {int} CHECK (purchase_price_minor BETWEEN 0 AND 1000000000000),
  tax_set_id {uuid} NOT NULL,
  minimum_milli {int} NOT NULL DEFAULT 0 CHECK (minimum_milli >= 0),
  favorite {bool} NOT NULL DEFAULT FALSE,
  photo {text},
  active {bool} NOT NULL DEFAULT TRUE,
  catalog_version {int} NOT NULL,
  created_at {int} NOT NULL,
  updated_at {int} NOT NULL,
  version {int} NOT NULL DEFAULT 1,
  PRIMARY KEY (shop_id, id),
  UNIQUE (shop_id, sku_key),
  FOREIGN KEY (shop_id, category_id) REFERENCES category (shop_id, id),
  FOREIGN KEY (shop_id, tax_set_id) REFERENCES tax_set (shop_id, id)
) {clustered};
CREATE INDEX product_by_name ON product (shop_id, active, sort_key, id);
CREATE INDEX product_by_price ON product (shop_id, active, price_minor, id);
CREATE INDEX product_by_category ON product (shop_id, category_id, sort_key, id);
CREATE INDEX product_by_catalog_version ON product (shop_id, catalog_version, id);

-- A code on a package; a box of 24 has its own code, pack quantity and, if the
-- shop likes, price.
CREATE TABLE barcode (
  shop_id {uuid} NOT NULL REFERENCES shop (id),
  code {text} NOT NULL,
  product_id {uuid} NOT NULL,
  position {int} NOT NULL,
  pack_milli {int} NOT NULL DEFAULT 1000 CHECK (pack_milli >= 1000),
  price_minor {int} CHECK (price_minor BETWEEN 0 AND 1000000000000),
  PRIMARY KEY (shop_id, code),
  UNIQUE (shop_id, product_id, position),
  FOREIGN KEY (shop_id, product_id) REFERENCES product (shop_id, id)
) {clustered};

-- What a product's price was, in catalogue versions as well as in time: a sale
-- made offline is checked against the price that its till knew.
CREATE TABLE price_change (
  shop_id {uuid} NOT NULL REFERENCES shop (id),
  product_id {uuid} NOT NULL,
  catalog_version {int} NOT NULL,
  price_before_minor {int},
  price_after_minor {int} NOT NULL,
  changed_by {uuid} NOT NULL REFERENCES app_user (id),
  changed_at {int} NOT NULL,
  PRIMARY KEY (shop_id, product_id, catalog_version),
  FOREIGN KEY (shop_id, product_id) REFERENCES product (shop_id, id)
) {clustered};
{append_only price_change}

-- ── Stock ───────────────────────────────────────────────────────────────────

CREATE TABLE stock_item (
  shop_id {uuid} NOT NULL REFERENCES shop (id),
  location_id {uuid} NOT NULL,
  product_id {uuid} NOT NULL,
  on_hand_milli {int} NOT NULL,
  value_minor {int} NOT NULL,
  last_cost_value_minor {int},
  last_cost_quantity_milli {int},
  last_number {int} NOT NULL,
  last_hash {bytes} NOT NULL,
  PRIMARY KEY (shop_id, location_id, product_id),
  CHECK (on_hand_milli <> 0 OR value_minor = 0),
  CHECK (on_hand_milli <= 0 OR value_minor >= 0),
  CHECK (on_hand_milli >= 0 OR value_minor <= 0),
  FOREIGN KEY (shop_id, location_id) REFERENCES location (shop_id, id),
  FOREIGN KEY (shop_id, product_id) REFERENCES product (shop_id, id)
) {clustered};
CREATE INDEX stock_item_by_product ON stock_item (shop_id, product_id);

CREATE TABLE stock_movement (
  shop_id {uuid} NOT NULL REFERENCES shop (id),
  location_id {uuid} NOT NULL,
  product_id {uuid} NOT NULL,
  number {int} NOT NULL CHECK (number >= 1),
  kind {text} NOT NULL CHECK (kind IN ('sale', 'refund', 'purchase', 'adjustment', 'count', 'import', 'transfer', 'cost_variance', 'cost_adjustment')),
  quantity_milli {int} NOT NULL,
  value_minor {int} NOT NULL,
  on_hand_before_milli {int} NOT NULL,
  value_before_minor {int} NOT NULL,
  on_hand_after_milli {int} NOT NULL,
  value_after_minor {int} NOT NULL,
  document_kind {text} NOT NULL,
  document_id {uuid} NOT NULL,
  document_line {int} NOT NULL,
  reason {text} NOT NULL DEFAULT '',
  person_id {uuid} NOT NULL REFERENCES app_user (id),
  effective_date {int} NOT NULL,
  recorded_at {int} NOT NULL,
  hash {bytes} NOT NULL,
  PRIMARY KEY (shop_id, location_id, product_id, number),
  CHECK (on_hand_after_milli = on_hand_before_milli + quantity_milli),
  CHECK (value_after_minor = value_before_minor + value_minor),
  FOREIGN KEY (shop_id, location_id, product_id) REFERENCES stock_item (shop_id, location_id, product_id)
) {clustered};
CREATE INDEX stock_movement_by_document ON stock_movement (shop_id, document_id);
{append_only stock_movement}

-- ── Customers ───────────────────────────────────────────────────────────────

CREATE TABLE customer (
  shop_id {uuid} NOT NULL REFERENCES shop (id),
  id {uuid} NOT NULL,
  name {text} NOT NULL,
  search_key {text} NOT NULL,
  sort_key {text} NOT NULL,
  phone {text} NOT NULL DEFAULT '',
  document {text} NOT NULL DEFAULT '',
  email {text} NOT NULL DEFAULT '',
  address {text} NOT NULL DEFAULT '',
  external_code {text},
  active {bool} NOT NULL DEFAULT TRUE,
  created_at {int} NOT NULL,
  updated_at {int} NOT NULL,
  version {int} NOT NULL DEFAULT 1,
  PRIMARY KEY (shop_id, id),
  UNIQUE (shop_id, external_code)
) {clustered};
CREATE INDEX customer_by_name ON customer (shop_id, active, sort_key, id);

-- ── Cash ────────────────────────────────────────────────────────────────────

CREATE TABLE payment_method (
  shop_id {uuid} NOT NULL REFERENCES shop (id),
  id {uuid} NOT NULL,
  name {text} NOT NULL,
  kind {text} NOT NULL CHECK (kind IN ('cash', 'transfer', 'card', 'house_account', 'other')),
  needs_bank {bool} NOT NULL DEFAULT FALSE,
  needs_reference {bool} NOT NULL DEFAULT FALSE,
  position {int} NOT NULL,
  active {bool} NOT NULL DEFAULT TRUE,
  PRIMARY KEY (shop_id, id)
) {clustered};

CREATE TABLE cash_session (
  shop_id {uuid} NOT NULL REFERENCES shop (id),
  id {uuid} NOT NULL,
  register_id {uuid} NOT NULL,
  number {int} NOT NULL,
  state {text} NOT NULL CHECK (state IN ('open', 'closed')),
  opened_by {uuid} NOT NULL REFERENCES app_user (id),
  opened_at {int} NOT NULL,
  opening_minor {int} NOT NULL CHECK (opening_minor >= 0),
  closed_by {uuid} REFERENCES app_user (id),
  closed_at {int},
  counted_minor {int} CHECK (counted_minor >= 0),
  expected_minor {int},
  PRIMARY KEY (shop_id, id),
  UNIQUE (shop_id, register_id, number),
  CHECK ((state = 'open') = (closed_at IS NULL)),
  FOREIGN KEY (shop_id, register_id) REFERENCES register (shop_id, id)
) {clustered};
CREATE UNIQUE INDEX cash_session_one_open ON cash_session (shop_id, register_id) WHERE state = 'open';

CREATE TABLE cash_entry (
  shop_id {uuid} NOT NULL REFERENCES shop (id),
  session_id {uuid} NOT NULL,
  id {uuid} NOT NULL,
  kind {text} NOT NULL CHECK (kind IN ('sale', 'refund', 'pay_in', 'pay_out')),
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
CREATE INDEX cash_entry_by_document ON cash_entry (shop_id, document_id);
{append_only cash_entry}

-- ── Sales ───────────────────────────────────────────────────────────────────

-- The first statement of every write that carries a client's id: whoever
-- inserts the row does the work, everyone else reads its answer.
CREATE TABLE command (
  shop_id {uuid} NOT NULL REFERENCES shop (id),
  id {uuid} NOT NULL,
  kind {text} NOT NULL,
  content_hash {bytes} NOT NULL,
  result {text} NOT NULL,
  at {int} NOT NULL,
  PRIMARY KEY (shop_id, id)
) {clustered};

CREATE TABLE sale (
  shop_id {uuid} NOT NULL REFERENCES shop (id),
  id {uuid} NOT NULL,
  origin {text} NOT NULL CHECK (origin IN ('till', 'form', 'api', 'import')),
  register_id {uuid} NOT NULL,
  session_id {uuid},
  device_id {uuid},
  prefix {text} NOT NULL,
  number {int} NOT NULL CHECK (number >= 1),
  seller_id {uuid} NOT NULL REFERENCES app_user (id),
  customer_id {uuid},
  customer_name {text} NOT NULL DEFAULT '',
  prices_include_tax {bool} NOT NULL,
  gross_minor {int} NOT NULL,
  discount_minor {int} NOT NULL,
  base_minor {int} NOT NULL,
  tax_minor {int} NOT NULL,
  total_minor {int} NOT NULL CHECK (total_minor BETWEEN 0 AND 10000000000000),
  cash_rounding_minor {int} NOT NULL,
  change_minor {int} NOT NULL CHECK (change_minor >= 0),
  cost_minor {int} NOT NULL,
  unknown_cost_lines {int} NOT NULL DEFAULT 0,
  line_count {int} NOT NULL CHECK (line_count >= 1),
  note {text} NOT NULL DEFAULT '',
  offline {bool} NOT NULL DEFAULT FALSE,
  catalog_version {int},
  sold_at {int} NOT NULL,
  recorded_at {int} NOT NULL,
  business_date {int} NOT NULL,
  hour {int} NOT NULL CHECK (hour BETWEEN 0 AND 23),
  PRIMARY KEY (shop_id, id),
  UNIQUE (shop_id, prefix, number),
  CHECK (gross_minor - discount_minor = total_minor),
  CHECK (base_minor + tax_minor = total_minor),
  FOREIGN KEY (shop_id, register_id) REFERENCES register (shop_id, id),
  FOREIGN KEY (shop_id, session_id) REFERENCES cash_session (shop_id, id),
  FOREIGN KEY (shop_id, device_id) REFERENCES device (shop_id, id),
  FOREIGN KEY (shop_id, customer_id) REFERENCES customer (shop_id, id)
) {clustered};
CREATE INDEX sale_by_time ON sale (shop_id, sold_at, id);
CREATE INDEX sale_by_business_date ON sale (shop_id, business_date, hour, id);
CREATE INDEX sale_by_seller ON sale (shop_id, seller_id, sold_at, id);
CREATE INDEX sale_by_customer ON sale (shop_id, customer_id, sold_at, id);
CREATE INDEX sale_by_session ON sale (shop_id, session_id, id);
{append_only sale}

CREATE TABLE sale_line (
  shop_id {uuid} NOT NULL REFERENCES shop (id),
  sale_id {uuid} NOT NULL,
  position {int} NOT NULL,
  product_id {uuid} NOT NULL,
  name {text} NOT NULL,
  quantity_milli {int} NOT NULL CHECK (quantity_milli > 0),
  pack_milli {int} NOT NULL CHECK (pack_milli >= 1000),
  unit_price_minor {int} NOT NULL,
  unit_final_minor {int} NOT NULL,
  taxes {text} NOT NULL,
  gross_minor {int} NOT NULL,
  discount_minor {int} NOT NULL,
  base_minor {int} NOT NULL,
  tax_minor {int} NOT NULL,
  total_minor {int} NOT NULL,
  tracked {bool} NOT NULL,
  cost_minor {int},
  note {text} NOT NULL DEFAULT '',
  PRIMARY KEY (shop_id, sale_id, position),
  CHECK (gross_minor - discount_minor = total_minor),
  CHECK (base_minor + tax_minor = total_minor),
  FOREIGN KEY (shop_id, sale_id) REFERENCES sale (shop_id, id),
  FOREIGN KEY (shop_id, product_id) REFERENCES product (shop_id, id)
) {clustered};
CREATE INDEX sale_line_by_product ON sale_line (shop_id, product_id, sale_id);
{append_only sale_line}

CREATE TABLE sale_tax (
  shop_id {uuid} NOT NULL REFERENCES shop (id),
  sale_id {uuid} NOT NULL,
  code {text} NOT NULL,
  rate_ppm {int} NOT NULL,
  base_minor {int} NOT NULL,
  amount_minor {int} NOT NULL,
  PRIMARY KEY (shop_id, sale_id, code, rate_ppm),
  FOREIGN KEY (shop_id, sale_id) REFERENCES sale (shop_id, id)
) {clustered};
{append_only sale_tax}

CREATE TABLE payment (
  shop_id {uuid} NOT NULL REFERENCES shop (id),
  sale_id {uuid} NOT NULL,
  position {int} NOT NULL,
  method_id {uuid} NOT NULL,
  amount_minor {int} NOT NULL CHECK (amount_minor >= 0),
  tendered_minor {int},
  bank {text} NOT NULL DEFAULT '',
  reference {text} NOT NULL DEFAULT '',
  PRIMARY KEY (shop_id, sale_id, position),
  FOREIGN KEY (shop_id, sale_id) REFERENCES sale (shop_id, id),
  FOREIGN KEY (shop_id, method_id) REFERENCES payment_method (shop_id, id)
) {clustered};
{append_only payment}

-- A refund or a void is a document of its own; the sale it corrects stays.
CREATE TABLE refund (
  shop_id {uuid} NOT NULL REFERENCES shop (id),
  id {uuid} NOT NULL,
  sale_id {uuid},
  kind {text} NOT NULL CHECK (kind IN ('refund', 'void', 'imported')),
  register_id {uuid} NOT NULL,
  session_id {uuid},
  prefix {text} NOT NULL,
  number {int} NOT NULL CHECK (number >= 1),
  person_id {uuid} NOT NULL REFERENCES app_user (id),
  customer_id {uuid},
  reason {text} NOT NULL,
  base_minor {int} NOT NULL,
  tax_minor {int} NOT NULL,
  total_minor {int} NOT NULL CHECK (total_minor >= 0),
  cash_rounding_minor {int} NOT NULL DEFAULT 0,
  cost_minor {int} NOT NULL,
  refunded_at {int} NOT NULL,
  recorded_at {int} NOT NULL,
  business_date {int} NOT NULL,
  hour {int} NOT NULL CHECK (hour BETWEEN 0 AND 23),
  PRIMARY KEY (shop_id, id),
  UNIQUE (shop_id, prefix, number),
  CHECK (base_minor + tax_minor = total_minor),
  CHECK ((kind = 'imported') = (sale_id IS NULL)),
  FOREIGN KEY (shop_id, sale_id) REFERENCES sale (shop_id, id),
  FOREIGN KEY (shop_id, register_id) REFERENCES register (shop_id, id),
  FOREIGN KEY (shop_id, session_id) REFERENCES cash_session (shop_id, id),
  FOREIGN KEY (shop_id, customer_id) REFERENCES customer (shop_id, id)
) {clustered};
CREATE INDEX refund_by_sale ON refund (shop_id, sale_id, id);
CREATE INDEX refund_by_business_date ON refund (shop_id, business_date, hour, id);
CREATE UNIQUE INDEX refund_one_void ON refund (shop_id, sale_id) WHERE kind = 'void';
{append_only refund}

CREATE TABLE refund_line (
  shop_id {uuid} NOT NULL REFERENCES shop (id),
  refund_id {uuid} NOT NULL,
  position {int} NOT NULL,
  sale_id {uuid},
  sale_position {int},
  product_id {uuid} NOT NULL,
  name {text} NOT NULL,
  quantity_milli {int} NOT NULL CHECK (quantity_milli > 0),
  pack_milli {int} NOT NULL CHECK (pack_milli >= 1000),
  base_minor {int} NOT NULL,
  tax_minor {int} NOT NULL,
  total_minor {int} NOT NULL,
  restocked {bool} NOT NULL,
  cost_minor {int},
  PRIMARY KEY (shop_id, refund_id, position),
  CHECK (base_minor + tax_minor = total_minor),
  FOREIGN KEY (shop_id, refund_id) REFERENCES refund (shop_id, id),
  FOREIGN KEY (shop_id, sale_id, sale_position) REFERENCES sale_line (shop_id, sale_id, position),
  FOREIGN KEY (shop_id, product_id) REFERENCES product (shop_id, id)
) {clustered};
CREATE INDEX refund_line_by_sale ON refund_line (shop_id, sale_id, sale_position);
{append_only refund_line}

CREATE TABLE refund_payment (
  shop_id {uuid} NOT NULL REFERENCES shop (id),
  refund_id {uuid} NOT NULL,
  position {int} NOT NULL,
  method_id {uuid} NOT NULL,
  amount_minor {int} NOT NULL CHECK (amount_minor >= 0),
  PRIMARY KEY (shop_id, refund_id, position),
  FOREIGN KEY (shop_id, refund_id) REFERENCES refund (shop_id, id),
  FOREIGN KEY (shop_id, method_id) REFERENCES payment_method (shop_id, id)
) {clustered};
{append_only refund_payment}

-- What a till delivered and the server could not post as it was: kept whole.
CREATE TABLE review_item (
  shop_id {uuid} NOT NULL REFERENCES shop (id),
  id {uuid} NOT NULL,
  device_id {uuid} NOT NULL,
  item_id {uuid} NOT NULL,
  kind {text} NOT NULL,
  code {text} NOT NULL,
  content {text} NOT NULL,
  posted {bool} NOT NULL,
  state {text} NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'settled', 'rejected')),
  settled_by {uuid} REFERENCES app_user (id),
  settled_reason {text} NOT NULL DEFAULT '',
  received_at {int} NOT NULL,
  settled_at {int},
  PRIMARY KEY (shop_id, id),
  FOREIGN KEY (shop_id, device_id) REFERENCES device (shop_id, id)
) {clustered};
CREATE INDEX review_item_open ON review_item (shop_id, received_at, id) WHERE state = 'open';
CREATE INDEX review_item_by_item ON review_item (shop_id, item_id);

-- ── Totals ──────────────────────────────────────────────────────────────────

-- One row a register and hour, so that no two tills write the same row.
CREATE TABLE sales_hour (
  shop_id {uuid} NOT NULL REFERENCES shop (id),
  business_date {int} NOT NULL,
  hour {int} NOT NULL,
  register_id {uuid} NOT NULL,
  sale_count {int} NOT NULL DEFAULT 0,
  line_count {int} NOT NULL DEFAULT 0,
  sale_base_minor {int} NOT NULL DEFAULT 0,
  sale_tax_minor {int} NOT NULL DEFAULT 0,
  sale_total_minor {int} NOT NULL DEFAULT 0,
  sale_cost_minor {int} NOT NULL DEFAULT 0,
  discount_minor {int} NOT NULL DEFAULT 0,
  cash_rounding_minor {int} NOT NULL DEFAULT 0,
  refund_count {int} NOT NULL DEFAULT 0,
  refund_base_minor {int} NOT NULL DEFAULT 0,
  refund_tax_minor {int} NOT NULL DEFAULT 0,
  refund_total_minor {int} NOT NULL DEFAULT 0,
  refund_cost_minor {int} NOT NULL DEFAULT 0,
  known_cost_base_minor {int} NOT NULL DEFAULT 0,
  unknown_cost_lines {int} NOT NULL DEFAULT 0,
  PRIMARY KEY (shop_id, business_date, hour, register_id),
  FOREIGN KEY (shop_id, register_id) REFERENCES register (shop_id, id)
) {clustered};

-- A product's net sales by day, month (YYYYMM) and year. They change only while
-- the product's stock item is locked, or its absence proves it is not tracked.
CREATE TABLE product_day (
  shop_id {uuid} NOT NULL REFERENCES shop (id),
  business_date {int} NOT NULL,
  product_id {uuid} NOT NULL,
  quantity_milli {int} NOT NULL,
  total_minor {int} NOT NULL,
  base_minor {int} NOT NULL,
  cost_minor {int} NOT NULL,
  known_cost_base_minor {int} NOT NULL,
  PRIMARY KEY (shop_id, business_date, product_id),
  FOREIGN KEY (shop_id, product_id) REFERENCES product (shop_id, id)
) {clustered};
CREATE INDEX product_day_by_product ON product_day (shop_id, product_id, business_date);

CREATE TABLE product_month (
  shop_id {uuid} NOT NULL REFERENCES shop (id),
  month {int} NOT NULL,
  product_id {uuid} NOT NULL,
  quantity_milli {int} NOT NULL,
  total_minor {int} NOT NULL,
  base_minor {int} NOT NULL,
  cost_minor {int} NOT NULL,
  known_cost_base_minor {int} NOT NULL,
  PRIMARY KEY (shop_id, month, product_id),
  FOREIGN KEY (shop_id, product_id) REFERENCES product (shop_id, id)
) {clustered};
CREATE INDEX product_month_top ON product_month (shop_id, month, total_minor, product_id);

CREATE TABLE product_year (
  shop_id {uuid} NOT NULL REFERENCES shop (id),
  year {int} NOT NULL,
  product_id {uuid} NOT NULL,
  quantity_milli {int} NOT NULL,
  total_minor {int} NOT NULL,
  base_minor {int} NOT NULL,
  cost_minor {int} NOT NULL,
  known_cost_base_minor {int} NOT NULL,
  PRIMARY KEY (shop_id, year, product_id),
  FOREIGN KEY (shop_id, product_id) REFERENCES product (shop_id, id)
) {clustered};
CREATE INDEX product_year_top ON product_year (shop_id, year, total_minor, product_id);

-- How many rows an unfiltered list has, so that no list counts its history.
-- 'part' keeps writers apart: the register for sales, the shop for the rest.
CREATE TABLE row_counter (
  shop_id {uuid} NOT NULL REFERENCES shop (id),
  name {text} NOT NULL,
  part {uuid} NOT NULL,
  value {int} NOT NULL,
  PRIMARY KEY (shop_id, name, part)
) {clustered};
