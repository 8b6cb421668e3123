//! `inventario createshop`: a shop and its first admin.

use crate::cli::{
    Failure,
    person::{PersonFlags, with_application},
    settings::SettingFlags,
};
use app::features::accounts::by_operator;
use clap::Args;
use std::io::{self, Write};

/// Make a shop that can sell at once, and its first admin.
///
/// Prints the shop's id alone, for other commands' --shop.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  inventario createshop --name 'Tienda La Esquina' --username marta --email marta@tienda.example --password-stdin < password.txt"
)]
pub struct CreateShop {
    /// The shop's name, as receipts show it.
    #[arg(long)]
    name: String,
    #[command(flatten)]
    person: PersonFlags,
    #[command(flatten)]
    settings: SettingFlags,
}

impl CreateShop {
    /// Makes both.
    pub fn run(self) -> Result<(), Failure> {
        let wanted = self.person.read(false)?;
        let name = self.name;
        let shop = with_application(self.settings, async |app| by_operator::create_shop(app, &name, &wanted).await)?;
        writeln!(io::stdout(), "{shop}")?;
        Ok(())
    }
}
