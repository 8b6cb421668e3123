//! What a deployment check is: a stable id, a severity, and the keys of its texts. The
//! checks themselves belong to the application that knows its settings.

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// It works and is weaker than it should be.
    Warning,
    /// The server refuses to start in production.
    Error,
}

impl Severity {
    /// The word for machines.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// A check that can be made. Ids never change their meaning and are never used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Check {
    /// Such as `security.E012`.
    pub id: &'static str,
    /// How bad it is when it fires.
    pub severity: Severity,
    /// The text's key that says what is wrong.
    pub message_key: &'static str,
    /// The text's key that says what to do.
    pub remedy_key: &'static str,
}

/// A check that fired.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Which.
    pub check: Check,
    /// What the texts name, such as a setting's name. Never a secret.
    pub subject: String,
}

/// Whether a server may start with these findings.
#[must_use]
pub fn may_start(findings: &[Finding]) -> bool {
    findings.iter().all(|finding| finding.check.severity < Severity::Error)
}
