-- Imports: what a file brings waits here, checked, until it is applied in chunks.
--
-- A run's items are applied in the order of their positions; applied_count is the
-- cursor, moved in the transaction that applies. So a run that a crash stopped goes on
-- where it was.

CREATE TABLE import_run (
  shop_id {uuid} NOT NULL REFERENCES shop (id),
  id {uuid} NOT NULL,
  kind {text} NOT NULL CHECK (kind IN ('products', 'customers', 'sales')),
  state {text} NOT NULL CHECK (state IN ('staging', 'waiting', 'applying', 'done', 'dropped')),
  file_name {text} NOT NULL,
  content_hash {bytes} NOT NULL,
  affects_stock {bool} NOT NULL,
  row_count {int} NOT NULL,
  item_count {int} NOT NULL,
  applied_count {int} NOT NULL DEFAULT 0,
  new_count {int} NOT NULL,
  changed_count {int} NOT NULL,
  same_count {int} NOT NULL,
  refused_count {int} NOT NULL,
  summary {text} NOT NULL,
  started_by {uuid} NOT NULL REFERENCES app_user (id),
  created_at {int} NOT NULL,
  ended_at {int},
  PRIMARY KEY (shop_id, id),
  CHECK (applied_count BETWEEN 0 AND item_count)
) {clustered};
CREATE INDEX import_run_by_time ON import_run (shop_id, created_at, id);
CREATE INDEX import_run_by_content ON import_run (shop_id, content_hash, id);
-- What a start of the program has to go on with.
CREATE INDEX import_run_applying ON import_run (shop_id, id) WHERE state = 'applying';

CREATE TABLE import_item (
  shop_id {uuid} NOT NULL REFERENCES shop (id),
  run_id {uuid} NOT NULL,
  position {int} NOT NULL,
  row_number {int} NOT NULL,
  action {text} NOT NULL CHECK (action IN ('new', 'changed')),
  content {text} NOT NULL,
  PRIMARY KEY (shop_id, run_id, position),
  FOREIGN KEY (shop_id, run_id) REFERENCES import_run (shop_id, id)
) {clustered};

CREATE TABLE import_refusal (
  shop_id {uuid} NOT NULL REFERENCES shop (id),
  run_id {uuid} NOT NULL,
  position {int} NOT NULL,
  row_number {int} NOT NULL,
  cell {text} NOT NULL,
  field {text} NOT NULL,
  code {text} NOT NULL,
  detail {int},
  PRIMARY KEY (shop_id, run_id, position),
  FOREIGN KEY (shop_id, run_id) REFERENCES import_run (shop_id, id)
) {clustered};
