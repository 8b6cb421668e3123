//! `inventario createmember`: another person of a shop.

use crate::cli::{
    Failure,
    person::{PersonFlags, with_application},
    settings::SettingFlags,
};
use app::features::accounts::by_operator;
use clap::{Args, ValueEnum};
use domain::permission::Role;
use std::io::{self, Write};

/// Make another person of a shop.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  inventario createmember --shop 'Tienda La Esquina' --role vendedor --username yuliana --must-change-password --password-stdin < password.txt"
)]
pub struct CreateMember {
    /// The shop's id or its name.
    #[arg(long)]
    shop: String,
    /// What they may do there.
    #[arg(long, value_enum)]
    role: RoleWord,
    /// Let them choose a password of their own at the first sign-in.
    #[arg(long)]
    must_change_password: bool,
    #[command(flatten)]
    person: PersonFlags,
    #[command(flatten)]
    settings: SettingFlags,
}

/// The roles by their stored words.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum RoleWord {
    /// Everything in the shop.
    Admin,
    /// Sells, and sees no figures.
    Vendedor,
}

impl From<RoleWord> for Role {
    fn from(word: RoleWord) -> Self {
        match word {
            RoleWord::Admin => Role::Admin,
            RoleWord::Vendedor => Role::Seller,
        }
    }
}

impl CreateMember {
    /// Makes them.
    pub fn run(self) -> Result<(), Failure> {
        let wanted = self.person.read(self.must_change_password)?;
        let (shop, role) = (self.shop, self.role.into());
        with_application(self.settings, async |app| by_operator::create_member(app, &shop, role, &wanted).await)?;
        writeln!(io::stdout(), "{} can sign in", wanted.username)?;
        Ok(())
    }
}
