//! From a configuration to an application that can serve.

use crate::config::{
    Config,
    database_url::DatabaseUrl,
    people::{EmailVerification, Registration},
    reader::Mode,
    services::Mail,
};
use app::{
    features::{
        accounts::{limit_store::DbLimits, session_store::DbSessions, sweep::Sweep},
        catalog::{photos::Photos, sweep_photos::SweepPhotos},
        imports::apply_job::ApplyImport,
        operator::send_mail::{JobContext, SendMail},
    },
    kernel::{
        App,
        finish::PageRefusals,
        state::{self, AppParts, AppSettings},
    },
    router, schema,
};
use db::{Db, DbConfig};
use guard::{
    Guard, GuardConfig,
    keys::SecretKeys,
    password::{Argon2id, Cost, PasswordPool},
    session::SessionPolicy,
    source::{SECOND_US, Sources},
    validators::PasswordPolicy,
};
use jobs::{Registry, Runner, RunnerParts, RunnerSettings};
use outside::{
    files::Files,
    mail::{Mailer, Sender},
};
use std::{sync::Arc, time::Duration};

/// An application with everything it needs to serve.
pub struct Assembled {
    /// What handlers share.
    pub app: App,
    /// The whole application as a service.
    pub router: axum::Router,
    /// What runs the jobs that transactions leave behind.
    pub runner: Runner<JobContext>,
}

/// Opens the database of a configuration, without touching its schema.
///
/// # Errors
/// A sentence with the remedy.
pub async fn open_database(config: &Config) -> Result<Db, String> {
    open(config, &config.storage.database, None).await
}

/// Opens it for reads that may take so long.
///
/// # Errors
/// A sentence with the remedy.
pub async fn open_for_long_reads(config: &Config, limit: Duration) -> Result<Db, String> {
    open(config, &config.storage.database, Some(limit)).await
}

/// Opens it as the role that owns the tables, where that is another one.
///
/// # Errors
/// A sentence with the remedy.
pub async fn open_as_owner(config: &Config) -> Result<Db, String> {
    let owner = config.storage.migrate_database.as_ref();
    open(config, owner.unwrap_or(&config.storage.database), None).await
}

async fn open(config: &Config, database: &DatabaseUrl, limit: Option<Duration>) -> Result<Db, String> {
    let url = match database {
        DatabaseUrl::Sqlite { path } => {
            let absolute = std::path::absolute(path).map_err(|error| format!("{}: {error}", path.display()))?;
            // A path from the root makes the four slashes of an absolute address.
            format!("sqlite:///{}", absolute.display())
        }
        DatabaseUrl::Postgres(postgres) => postgres.whole.expose().to_owned(),
    };
    let settings = DbConfig {
        url,
        data_dir: config.storage.data_dir.clone(),
        app: "inventario".to_owned(),
        table_ranks: schema::TABLE_RANKS,
        migrations: schema::MIGRATIONS,
        statement_limit: limit.unwrap_or(DbConfig::default().statement_limit),
        ..DbConfig::default()
    };
    Db::open(&settings)
        .await
        .map_err(|error| format!("the database cannot be opened: {error}; check DATABASE_URL and DATA_DIR"))
}

/// Opens the database and brings its schema up to this version.
///
/// # Errors
/// A sentence with the remedy.
pub async fn open_migrated(config: &Config) -> Result<Db, String> {
    let owner = open_as_owner(config).await?;
    migrate(&owner).await?;
    if config.storage.migrate_database.is_none() {
        return Ok(owner);
    }
    owner.close();
    open_database(config).await
}

/// Brings the schema up to this version.
///
/// # Errors
/// A sentence with the remedy.
pub async fn migrate(db: &Db) -> Result<(), String> {
    db.migrate().await.map_err(|error| format!("the schema cannot be brought up to date: {error}"))
}

/// Puts the application together.
///
/// # Errors
/// A sentence with the remedy.
pub async fn assemble(config: &Config) -> Result<Assembled, String> {
    let db = open_migrated(config).await?;
    let sources = Sources::system();
    let keys = secret_keys(config, &sources)?;
    let files = Files::folder(&config.storage.media_folder);
    let runner = runner(config, &db, &sources, &files)?;
    let refusals = PageRefusals::default();
    let guard = guard(config, &db, &keys, &sources, &refusals)?;
    let hasher = Argon2id::new(Cost::default()).expect("the default cost is allowed");
    let app = App::new(AppParts {
        limits: DbLimits::new(db.clone(), Arc::clone(&sources.clock)),
        db,
        guard,
        passwords: PasswordPool::new(hasher, Arc::clone(&sources.random)),
        password_policy: password_policy(config),
        sources,
        keys,
        photos: Photos::new(files),
        settings: settings(config),
        bell: runner.bell(),
    });
    refusals.attach(app.clone());
    let router = router::router(&app);
    Ok(Assembled { app, router, runner })
}

fn secret_keys(config: &Config, sources: &Sources) -> Result<SecretKeys, String> {
    let key = config.signing_key.load_or_make(&config.storage.data_dir, &*sources.random)?;
    let fallbacks: Vec<&str> = config.signing_key.fallbacks.iter().map(|key| key.expose()).collect();
    SecretKeys::new(key.expose(), &fallbacks)
        .map_err(|_| "SECRET_KEY is too weak; put what `inventario generate-secret-key` prints into it".to_owned())
}

fn runner(config: &Config, db: &Db, sources: &Sources, files: &Files) -> Result<Runner<JobContext>, String> {
    let context = JobContext {
        db: db.clone(),
        mailer: mailer(config)?,
        sessions: DbSessions::new(db.clone()),
        session_policy: session_policy(config),
        limits: DbLimits::new(db.clone(), Arc::clone(&sources.clock)),
        files: files.clone(),
    };
    let clock = Arc::clone(&sources.clock);
    let random = Arc::clone(&sources.random);
    Ok(Runner::new(RunnerParts {
        db: db.clone(),
        registry: Registry::default()
            .with::<SendMail>()
            .with::<ApplyImport>()
            .with_periodic(Sweep::every(), &Sweep::default())
            .with_periodic(SweepPhotos::every(), &SweepPhotos::default()),
        context: Arc::new(context),
        clock: Arc::new(move || clock.now_us()),
        random: Arc::new(move || u64::from_be_bytes(guard::source::random_bytes(&*random))),
        settings: RunnerSettings::default(),
    }))
}

fn mailer(config: &Config) -> Result<Option<Mailer>, String> {
    let sender = || -> Result<Sender, String> {
        let from = config.services.from_email.parse();
        from.map_err(|error| format!("DEFAULT_FROM_EMAIL cannot be used: {error}"))
    };
    match &config.services.mail {
        Mail::Mailbox => Ok(None),
        Mail::Folder(folder) => Ok(Some(Mailer::files(folder, sender()?))),
        Mail::Smtp(url) => Mailer::from_url(url.expose(), sender()?)
            .map(Some)
            .map_err(|error| format!("EMAIL_URL cannot be used: {error}")),
        Mail::Resend(key) => Mailer::resend(key.expose(), sender()?)
            .map(Some)
            .map_err(|error| format!("RESEND_API_KEY cannot be used: {error}")),
    }
}

fn session_policy(config: &Config) -> SessionPolicy {
    let seconds = |seconds: u32| i64::from(seconds) * SECOND_US;
    SessionPolicy {
        idle_us_max: seconds(config.people.session_idle_seconds),
        absolute_us_max: seconds(config.people.session_age_seconds),
        ..SessionPolicy::default()
    }
}

fn guard(
    config: &Config,
    db: &Db,
    keys: &SecretKeys,
    sources: &Sources,
    refusals: &PageRefusals,
) -> Result<Guard<DbSessions>, String> {
    let network = &config.network;
    let mut choices = GuardConfig::production(keys.clone(), network.allowed_hosts.clone());
    choices.https = network.https.clone();
    choices.cookies = network.cookies.clone();
    choices.proxies = network.trusted_proxies.clone();
    choices.csrf.trusted = network.csrf_trusted_origins.clone();
    choices.csrf.exemptions = router::csrf_exemptions();
    choices.csrf.key_schemes = vec![router::DEVICE_SCHEME.to_owned()];
    choices.sessions = session_policy(config);
    choices.refusals = Arc::new(refusals.clone());
    choices.sources = sources.clone();
    Guard::new(choices, Arc::new(DbSessions::new(db.clone())))
        .map_err(|problem| format!("the cookies or headers cannot be made: {problem:?}"))
}

fn password_policy(config: &Config) -> PasswordPolicy {
    config.people.passwords.clone()
}

fn settings(config: &Config) -> AppSettings {
    AppSettings {
        debug: config.mode == Mode::Development,
        site_url: config.network.site_url.origin(),
        secure_cookies: config.network.cookies.transport == guard::cookie::Transport::SecureOnly,
        registration: match config.people.registration {
            Registration::Open => state::Registration::Open,
            Registration::Approval => state::Registration::Approval,
            Registration::Closed => state::Registration::Closed,
        },
        email_verification: match config.people.email_verification {
            EmailVerification::Mandatory => state::EmailVerification::Mandatory,
            EmailVerification::Optional => state::EmailVerification::Optional,
            EmailVerification::None => state::EmailVerification::None,
        },
    }
}
