//! A new one-time password for a seller who forgot theirs.
//!
//! **Invariant:** only for somebody who is in this shop and nowhere else. A person
//! may sell in two shops; the admin of one must not get into the other by their name.

use crate::{
    features::{
        accounts::credentials::{self, ChosenBy, NewPassword},
        members::{create_seller, one_time_password, write},
    },
    kernel::{App, ShopPage},
};
use axum::{
    extract::{Path, State},
    response::Response,
};
use db::params;
use domain::ids::UserId;
use uuid::Uuid;
use web::AppError;

db::statements! {
    /// Whether a password of theirs would open more than this shop.
    system REACH = "members.reach",
        "SELECT COUNT(*)
         FROM member
         JOIN app_user ON app_user.id = member.user_id
         WHERE member.user_id = $1 AND (member.shop_id <> $2 OR app_user.superuser)";
}

/// Resets, ends the seller's sessions, and shows the password once.
pub async fn submit(State(app): State<App>, page: ShopPage, Path(id): Path<Uuid>) -> Result<Response, AppError> {
    let seller = {
        let mut read = app.db.shop(&page.actor).await?;
        write::seller(&mut read, UserId(id)).await?.ok_or(AppError::NotFound)?
    };
    let reach: i64 = {
        let mut read = app.db.system("reach of a password").await?;
        read.one(&REACH, params![id, page.actor.shop.0]).await?.take()?
    };
    if reach != 0 {
        return Err(AppError::PermissionDenied);
    }
    let password = one_time_password::draw(&*app.sources.random);
    let hash = app.passwords.hash(&password).await.map_err(|_| AppError::Unavailable)?;
    let new = NewPassword { user: UserId(id), hash, by: ChosenBy::SomebodyElse, keep: None };
    credentials::set_password(&app.db, new, app.now_us()).await?;
    tracing::info!(user = %id, by = %page.actor.user, "password reset by an admin");
    create_seller::show_password(&page, &seller.username, &password)
}
