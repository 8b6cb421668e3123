//! `GET /usuarios/`: who is in the shop. A shop has a handful of people, so the
//! list has one page.

use crate::{
    kernel::{App, ShopPage},
    texts::members::Texts,
};
use askama::Template;
use axum::{extract::State, response::Response};
use db::params;
use domain::permission::Role;
use uuid::Uuid;
use web::{AppError, PageContext};

db::statements! {
    MEMBERS = "members.list",
        "SELECT member.user_id, app_user.username, app_user.first_name, app_user.last_name, member.role,
                member.active AND app_user.active
         FROM member
         JOIN app_user ON app_user.id = member.user_id
         WHERE member.shop_id = $1
         ORDER BY member.active DESC, member.created_at, member.user_id
         LIMIT 500";
}

#[derive(Template)]
#[template(path = "members/list_members.html")]
struct MembersPage<'a> {
    page: &'a PageContext,
    t: Texts,
    members: Vec<Member>,
}

struct Member {
    id: Uuid,
    username: String,
    name: String,
    role: Option<Role>,
    active: bool,
}

impl Member {
    fn is_seller(&self) -> bool {
        self.role == Some(Role::Seller)
    }
}

/// Shows the list.
pub async fn show(State(app): State<App>, page: ShopPage) -> Result<Response, AppError> {
    let mut read = app.db.shop(&page.actor).await?;
    let mut members = Vec::new();
    for mut row in read.rows(&MEMBERS, params![]).await? {
        let id = row.take()?;
        let (username, first, last): (String, String, String) = (row.take()?, row.take()?, row.take()?);
        let role: String = row.take()?;
        let full = format!("{first} {last}");
        let name = if full.trim().is_empty() { username.clone() } else { full.trim().to_owned() };
        members.push(Member { id, username, name, role: Role::parse(&role), active: row.take()? });
    }
    page.show(&MembersPage { page: &page, t: Texts(page.lang), members })
}
