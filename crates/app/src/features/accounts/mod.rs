//! Accounts: people, how they prove who they are, and their sessions.
//!
//! Owns `app_user`, `one_time_token`, `web_session` and `guess_limit`. What a
//! person is in a shop is a membership, which `members` owns.
//!
//! **Invariant:** a stranger learns nothing: whether an address has an account
//! shows in no status, text or time.

pub mod agent;
pub mod asker;
pub mod by_operator;
pub mod change_password;
pub mod credentials;
pub mod home;
pub mod limit_store;
pub mod mail_limit;
pub mod people;
pub mod profile;
pub mod register;
pub mod session_store;
pub mod sign_in;
pub mod sign_out;
pub mod sweep;
pub mod verify_email;

use crate::kernel::App;
use web::{Access, Routes};

/// Tables that only this feature writes.
pub const TABLES: &[&str] = &["app_user", "one_time_token", "web_session", "guess_limit"];

/// The routes.
pub fn routes() -> Routes<App> {
    Routes::new()
        .get("/", Access::Public, home::show)
        .get("/login/", Access::Public, sign_in::show)
        .post("/login/", Access::Public, sign_in::submit)
        .post("/logout/", Access::SignedIn, sign_out::submit)
        .get("/registro/", Access::Public, register::show)
        .post("/registro/", Access::Public, register::submit)
        .get("/verificar-email/{user}/{token}/", Access::Public, verify_email::show)
        .post("/verificar-email/{user}/{token}/", Access::Public, verify_email::submit)
        .get("/cambiar-password/", Access::SignedIn, change_password::show)
        .post("/cambiar-password/", Access::SignedIn, change_password::submit)
        .get("/perfil/", Access::SignedIn, profile::show)
        .post("/perfil/idioma/", Access::SignedIn, profile::set_language)
        .post("/perfil/sesiones/", Access::SignedIn, profile::end_sessions)
}
