-- A file between its upload and its import: the person looks at its columns first.
-- In parts, so that no write holds SQLite's writer for the length of a large file.

CREATE TABLE import_upload (
  shop_id {uuid} NOT NULL REFERENCES shop (id),
  id {uuid} NOT NULL,
  kind {text} NOT NULL CHECK (kind IN ('products', 'customers', 'sales')),
  file_name {text} NOT NULL,
  tax_set_id {uuid},
  affects_stock {bool} NOT NULL,
  part_count {int} NOT NULL,
  started_by {uuid} NOT NULL REFERENCES app_user (id),
  created_at {int} NOT NULL,
  PRIMARY KEY (shop_id, id),
  FOREIGN KEY (shop_id, tax_set_id) REFERENCES tax_set (shop_id, id)
) {clustered};
CREATE INDEX import_upload_by_time ON import_upload (shop_id, created_at, id);

CREATE TABLE import_upload_part (
  shop_id {uuid} NOT NULL REFERENCES shop (id),
  upload_id {uuid} NOT NULL,
  position {int} NOT NULL,
  content {bytes} NOT NULL,
  PRIMARY KEY (shop_id, upload_id, position),
  FOREIGN KEY (shop_id, upload_id) REFERENCES import_upload (shop_id, id)
) {clustered};
