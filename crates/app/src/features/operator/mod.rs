//! The operator's side of the installation: its state, and the local mailbox.
//!
//! Owns `mailbox_message`. Where no mail service is set up, every mail ends here,
//! so that verification works on one machine and nothing fails silently.

pub mod components;
pub mod home;
pub mod mailbox;
pub mod send_mail;
pub mod show_mailbox;

use crate::kernel::App;
use web::{Access, Routes};

/// Tables that only this feature writes.
pub const TABLES: &[&str] = &["mailbox_message"];

/// The routes.
pub fn routes() -> Routes<App> {
    Routes::new()
        .get("/admin/", Access::Superuser, home::show)
        .get("/admin/correo/", Access::Superuser, show_mailbox::list)
        .get("/admin/correo/{id}/", Access::Superuser, show_mailbox::one)
        .get("/admin/componentes/", Access::Public, components::show)
}
