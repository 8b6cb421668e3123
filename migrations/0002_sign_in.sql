-- Sessions and the limits on guessing, shared by all instances and surviving a
-- restart.

CREATE TABLE web_session (
  id_hash {bytes} PRIMARY KEY,
  lineage {uuid} NOT NULL,
  user_id {uuid} NOT NULL REFERENCES app_user (id),
  shop_id {uuid},
  created_at {int} NOT NULL,
  last_used_at {int} NOT NULL,
  confirmed_at {int} NOT NULL,
  second_factor_at {int},
  address {text} NOT NULL,
  agent {text} NOT NULL,
  key_id {bytes} NOT NULL,
  known_device {uuid},
  replaced_at {int},
  rotation_due {bool} NOT NULL DEFAULT FALSE
) {clustered};
CREATE INDEX web_session_by_user ON web_session (user_id, last_used_at);
CREATE INDEX web_session_by_use ON web_session (last_used_at);

-- The tries of one window as 64-bit instants, one after another.
CREATE TABLE guess_limit (
  kind {text} NOT NULL,
  subject {bytes} NOT NULL,
  tries {bytes} NOT NULL,
  failures {int} NOT NULL,
  wait_until {int} NOT NULL,
  updated_at {int} NOT NULL,
  PRIMARY KEY (kind, subject)
) {clustered};
CREATE INDEX guess_limit_by_age ON guess_limit (updated_at);
