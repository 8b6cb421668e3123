//! Where data is kept: the database, the data folder, pictures.

use std::path::PathBuf;

use super::database_url::{DatabaseUrl, PostgresUrl, SslMode};
use super::reader::{Mode, Reader};
use super::secret::Secret;

/// Everything about storage.
#[derive(Debug, Clone)]
pub struct Storage {
    /// The folder of the installation's own files.
    pub data_dir: PathBuf,
    /// The database.
    pub database: DatabaseUrl,
    /// The role that owns the tables, where it is another one.
    pub migrate_database: Option<DatabaseUrl>,
    /// Seconds that a database connection is kept.
    pub connection_age_seconds: u32,
    /// The folder of pictures.
    pub media_folder: PathBuf,
}

impl Storage {
    /// Reads the settings of this part.
    pub fn read(reader: &mut Reader<'_>) -> Self {
        let data_dir = PathBuf::from(reader.text_or("DATA_DIR", "./data"));
        let database = read_database(reader, "DATABASE_URL");
        let migrate_database = read_database(reader, "MIGRATE_DATABASE_URL");
        let on_file = !matches!(database, Some(DatabaseUrl::Postgres(_)));
        read_require_postgres(reader, on_file);
        if on_file && migrate_database.is_some() {
            reader.refuse(
                "MIGRATE_DATABASE_URL",
                "is given while the data is on SQLite, which has no roles",
                "remove it",
            );
        }
        let connection_age_seconds = reader.number("CONN_MAX_AGE", 600, 0..=86_400);
        let database = database.unwrap_or_else(|| DatabaseUrl::Sqlite { path: data_dir.join("db.sqlite3") });
        let media_folder = read_media(reader, &data_dir);
        reader.show("DATABASE_URL", Some(database.masked()));
        if let Some(url) = &migrate_database {
            reader.show("MIGRATE_DATABASE_URL", Some(url.masked()));
        }
        Self { data_dir, database, migrate_database, connection_age_seconds, media_folder }
    }
}

fn read_database(reader: &mut Reader<'_>, name: &'static str) -> Option<DatabaseUrl> {
    let text: Secret = reader.secret(name)?;
    match DatabaseUrl::parse(text.expose()) {
        Ok(url) => {
            if let DatabaseUrl::Postgres(postgres) = &url {
                check_encryption(reader, name, postgres);
            }
            Some(url)
        }
        Err(error) => {
            reader.refuse(name, "cannot be read", &error.to_string());
            None
        }
    }
}

/// Off this machine the connection is encrypted and the server proves its name, unless `sslmode` says otherwise.
fn check_encryption(reader: &mut Reader<'_>, name: &'static str, postgres: &PostgresUrl) {
    let weak = !matches!(postgres.ssl_mode, None | Some(SslMode::VerifyFull | SslMode::VerifyCa));
    if weak && !postgres.is_local() && reader.mode == Mode::Production {
        reader.warn(
            name,
            "reaches another machine without proof of who answers",
            "remove sslmode, or write sslmode=verify-full",
        );
    }
}

fn read_require_postgres(reader: &mut Reader<'_>, on_file: bool) {
    let required = reader.boolean("REQUIRE_POSTGRES", false);
    if !on_file {
        return;
    }
    if required {
        reader.refuse(
            "DATABASE_URL",
            "leads to SQLite while REQUIRE_POSTGRES is True",
            "give a postgresql:// address, or remove REQUIRE_POSTGRES",
        );
    } else if reader.mode == Mode::Production {
        reader.warn(
            "DATABASE_URL",
            "leads to SQLite, which is for one machine",
            "nothing, if one machine serves the shop; otherwise give a postgresql:// address",
        );
    }
}

fn read_media(reader: &mut Reader<'_>, data_dir: &std::path::Path) -> PathBuf {
    const NAME: &str = "MEDIA_STORAGE";
    let default = data_dir.join("media");
    match reader.text(NAME) {
        None => {
            reader.show(NAME, Some(format!("file://{}", default.display())));
            default
        }
        Some(text) => match text.strip_prefix("file://") {
            Some(path) if path.starts_with('/') => PathBuf::from(path),
            _ if text.starts_with("s3://") => {
                reader.refuse(
                    NAME,
                    "names a bucket, and this version keeps pictures in a folder only",
                    "write file:///folder, or remove it to keep them in DATA_DIR",
                );
                default
            }
            _ => {
                reader.refuse(NAME, "is no place for files", "write file:///folder");
                default
            }
        },
    }
}
