//! What is wrong with the configuration, and what to do about it.

use std::fmt;

use serde::Serialize;

/// How bad a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The server does not start with it.
    Error,
    /// It is said at every start.
    Warning,
}

/// One problem. **Invariant:** no field ever holds the content of a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// How bad it is.
    pub severity: Severity,
    /// The setting, or the file.
    pub setting: String,
    /// What is wrong, half a sentence after the setting's name.
    pub what: String,
    /// What to do, a sentence without its full stop.
    pub remedy: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { setting, what, remedy, .. } = self;
        let word = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        write!(f, "{word}: {setting} {what}: {remedy}")
    }
}
