//! `inventario createsuperuser`: somebody who runs the installation.

use crate::cli::{
    Failure,
    person::{PersonFlags, with_application},
    settings::SettingFlags,
};
use app::features::accounts::by_operator;
use clap::Args;
use std::io::{self, Write};

/// Make a person who runs the installation: active, with a confirmed address.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  inventario createsuperuser --username raiz --email raiz@tienda.example --password-stdin < password.txt"
)]
pub struct CreateSuperuser {
    #[command(flatten)]
    person: PersonFlags,
    #[command(flatten)]
    settings: SettingFlags,
}

impl CreateSuperuser {
    /// Makes them.
    pub fn run(self) -> Result<(), Failure> {
        let wanted = self.person.read(false)?;
        with_application(self.settings, async |app| by_operator::create_superuser(app, &wanted).await)?;
        writeln!(io::stdout(), "superuser {} can sign in", wanted.username)?;
        Ok(())
    }
}
