//! The settings as flags of a command, and reading the configuration with them.

use std::io::Write;
use std::path::Path;

use clap::{Arg, ArgMatches, Args, Command, Error, FromArgMatches};

use crate::cli::Failure;
use crate::config::problem::Severity;
use crate::config::settings::SETTINGS;
use crate::config::sources::{Places, Sources};
use crate::config::{Config, Reading};

/// Every setting that is no secret, as a flag. Secrets come from the environment,
/// `.env`, `inventario.toml` or a file of their own: flags are seen by everybody on
/// the machine.
#[derive(Debug, Default, Clone)]
pub struct SettingFlags {
    given: Vec<(&'static str, String)>,
}

impl SettingFlags {
    /// Reads the configuration of the working directory with these flags.
    pub fn read(self) -> Reading {
        let (sources, found) = Sources::gather(Places {
            flags: self.given,
            environment: std::env::vars_os().collect(),
            folder: Path::new("."),
        });
        Reading::of(&sources, found)
    }

    /// The configuration, for a command that cannot work without one; all problems go to
    /// stderr.
    ///
    /// # Errors
    /// [`Failure::Said`] when there is an error in it.
    pub fn configuration(self) -> Result<Config, Failure> {
        let reading = self.read();
        let mut screen = std::io::stderr().lock();
        for problem in &reading.problems {
            writeln!(screen, "inventario: {problem}")?;
        }
        if reading.problems.iter().any(|problem| problem.severity == Severity::Error) {
            writeln!(screen, "inventario: nothing was started; `inventario check` lists this again")?;
        }
        reading.config.ok_or(Failure::Said)
    }
}

impl Args for SettingFlags {
    fn augment_args(command: Command) -> Command {
        SETTINGS.iter().filter(|setting| !setting.is_secret()).fold(command, |command, setting| {
            command.arg(
                Arg::new(setting.name)
                    .long(setting.flag())
                    .value_name("VALUE")
                    .help(setting.help)
                    .help_heading("Settings (see --help)")
                    .hide_short_help(true)
                    .allow_hyphen_values(true),
            )
        })
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for SettingFlags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let mut flags = Self::default();
        flags.update_from_arg_matches(matches)?;
        Ok(flags)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        self.given = SETTINGS
            .iter()
            .filter(|setting| !setting.is_secret())
            .filter_map(|setting| Some((setting.name, matches.get_one::<String>(setting.name)?.clone())))
            .collect();
        Ok(())
    }
}
