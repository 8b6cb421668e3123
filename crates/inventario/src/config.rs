//! The configuration: read from all sources, checked as a whole, typed.
//!
//! It owns every setting of `docs/operate/settings.md`: its default by mode, its
//! check and the remedy. It must not know what the features do with them.
//! **Invariant:** there is no [`Config`] with an error in it; all problems of an
//! installation are found in one reading, and none repeats a secret.

pub mod database_url;
mod dotenv;
pub mod network;
pub mod operation;
pub mod people;
pub mod problem;
pub mod reader;
pub mod secret;
pub mod services;
pub mod settings;
mod show;
mod signing_key;
pub mod sources;
pub mod storage;
#[cfg(test)]
mod tests;

use network::Network;
use operation::Operation;
use people::People;
use problem::{Problem, Severity};
use reader::{Mode, Reader, Shown};
use services::Services;
use settings::SETTINGS;
use signing_key::SigningKey;
use sources::Sources;
use storage::Storage;

/// A configuration without errors.
#[derive(Debug, Clone)]
pub struct Config {
    /// Development or production.
    pub mode: Mode,
    /// What everything is signed with.
    pub signing_key: SigningKey,
    /// Names, addresses, transports.
    pub network: Network,
    /// Sessions, passwords, registration, sign-in.
    pub people: People,
    /// Database, data folder, pictures.
    pub storage: Storage,
    /// Mail, SMS, insights.
    pub services: Services,
    /// Logs, metrics, language, zone.
    pub operation: Operation,
}

/// What a reading gave: always everything that `config show` and `check` print,
/// and the configuration if nothing is wrong.
#[derive(Debug)]
pub struct Reading {
    /// `None` when a problem is an error.
    pub config: Option<Config>,
    /// Every setting with its origin, in the order of the list.
    pub shown: Vec<Shown>,
    /// Errors first.
    pub problems: Vec<Problem>,
}

impl Reading {
    /// Reads everything. `found` are the problems of finding the sources.
    pub fn of(sources: &Sources, found: Vec<Problem>) -> Self {
        let mut reader = Reader::new(sources);
        reader.problems.extend(found);
        let signing_key = SigningKey::read(&mut reader);
        let network = Network::read(&mut reader);
        let people = People::read(&mut reader);
        let storage = Storage::read(&mut reader);
        let services = Services::read(&mut reader, network.site_url.host.name());
        let operation = Operation::read(&mut reader);
        let Reader { mode, mut shown, mut problems, .. } = reader;
        shown.sort_by_key(|line| SETTINGS.iter().position(|setting| setting.name == line.name));
        problems.sort_by_key(|problem| problem.severity == Severity::Warning);
        let refused = problems.iter().any(|problem| problem.severity == Severity::Error);
        let config = Config { mode, signing_key, network, people, storage, services, operation };
        Self { config: (!refused).then_some(config), shown, problems }
    }
}
