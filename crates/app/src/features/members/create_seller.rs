//! `/usuarios/nuevo/`: a seller with a one-time password.

use crate::{
    actor::Actor,
    features::{
        accounts::people::{self, NewPerson},
        members::{one_time_password, write},
    },
    kernel::{App, Body, ShopPage},
    texts::members::Texts,
};
use askama::Template;
use axum::{extract::State, response::Response};
use db::{DbError, ShopTx};
use domain::{ids::UserId, permission::Role};
use web::{AppError, Draft, FormReader, PageContext, Problem, Text, form::Said};

#[derive(Template)]
#[template(path = "members/create_seller.html")]
struct NewSellerPage<'a> {
    page: &'a PageContext,
    t: Texts,
    draft: Draft,
}

#[derive(Template)]
#[template(path = "members/seller_made.html")]
struct MadePage<'a> {
    page: &'a PageContext,
    t: Texts,
    username: &'a str,
    password: &'a str,
}

/// Shows the form.
pub async fn show(page: ShopPage) -> Result<Response, AppError> {
    form_page(&page, Draft::new())
}

fn form_page(page: &PageContext, draft: Draft) -> Result<Response, AppError> {
    let t = Texts(page.lang);
    let draft = draft.labelled(&[
        ("nombre", t.new_first_name()),
        ("apellido", t.new_last_name()),
        ("username", t.new_username()),
        ("email", t.new_email()),
        ("telefono", t.new_phone()),
    ]);
    page.show(&NewSellerPage { page, t, draft })
}

/// Shows the password of somebody who was just made or reset: once.
///
/// # Errors
/// [`AppError::Internal`] when the template fails.
pub fn show_password(page: &PageContext, username: &str, password: &str) -> Result<Response, AppError> {
    page.show(&MadePage { page, t: Texts(page.lang), username, password })
}

/// Creates the seller.
pub async fn submit(State(app): State<App>, page: ShopPage, Body(body): Body) -> Result<Response, AppError> {
    let mut form = FormReader::new(&body, &page.format)?;
    let first_name = form.text("nombre", Text::required(100));
    let last_name = form.text("apellido", Text::optional(100));
    let username = form.text("username", Text::required(150));
    let email = form.email("email", Text::optional(254));
    let phone = form.text("telefono", Text::optional(20));
    if username.as_deref().is_some_and(people::is_address) {
        form.refuse("username", Problem::Said(Said::new(|lang| Texts(lang).said_username_at())));
    }
    let actor = page.actor;
    let read = form.finish(|| {
        Some(NewPerson {
            first_name: first_name?,
            last_name: last_name?,
            username: username?,
            email: email.filter(|email| !email.is_empty()),
            phone: phone?,
            active: true,
            // An address that an admin typed proves nothing. Signing in does not wait for
            // it: the admin vouches for the person.
            email_verified: false,
            must_change_password: true,
            created_by: Some(actor.user),
            ..NewPerson::default()
        })
    });
    let (mut person, mut draft) = match read {
        Ok(read) => read,
        Err(draft) => return form_page(&page, draft),
    };
    let password = one_time_password::draw(&*app.sources.random);
    person.password_hash = Some(app.passwords.hash(&password).await.map_err(|_| AppError::Unavailable)?);
    let username = person.username.clone();
    match create(&app, actor, person).await {
        Ok(()) => show_password(&page, &username, &password),
        Err(DbError::Unique { constraint }) if constraint == "app_user_username_key_key" => {
            draft.refuse("username", Problem::Said(Said::new(|lang| Texts(lang).said_username_taken())));
            form_page(&page, draft)
        }
        Err(DbError::Unique { constraint }) if constraint == "app_user_email_key_key" => {
            draft.refuse("email", Problem::Said(Said::new(|lang| Texts(lang).said_email_taken())));
            form_page(&page, draft)
        }
        Err(error) => Err(error.into()),
    }
}

async fn create(app: &App, actor: Actor, person: NewPerson) -> Result<(), DbError> {
    let (id, now_us) = (UserId(app.new_id()), app.now_us());
    app.db
        .shop_write(&actor, "create seller", async move |tx: &mut ShopTx| -> Result<(), DbError> {
            people::insert_with_shop(tx, id, &person, now_us).await?;
            write::insert(tx, id, Role::Seller, Some(actor.user), now_us).await
        })
        .await
}
