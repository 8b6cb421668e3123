//! `/registro/`: a person and their shop, in one transaction.
//!
//! An address that has an account gets the same answer as a new one, and a mail
//! that says so. A user name that is taken is said: it is not a secret.

use crate::{
    actor::InShop,
    features::{
        accounts::{
            credentials, mail_limit,
            people::{self, NewPerson},
            verify_email,
        },
        members,
        operator::send_mail::SendMail,
        settings::create_shop::{self, NewShop, PriceKind},
    },
    kernel::{
        App, Body, PersonPage, nav,
        state::{EmailVerification, Registration},
    },
    texts::accounts::Texts,
};
use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use db::{DbError, ShopTx};
use domain::{
    ids::{ShopId, UserId},
    permission::Role,
};
use guard::{
    Current,
    rate_limit::{self, Admission, LimitKey, LimitKind},
    validators::Attribute,
};
use jobs::Stamp;
use web::{AppError, Draft, FormReader, PageContext, Problem, Text, form::Said};

#[derive(Template)]
#[template(path = "accounts/register.html")]
struct RegisterPage<'a> {
    page: &'a PageContext,
    t: Texts,
    draft: Draft,
    open: bool,
    length_min: usize,
}

#[derive(Template)]
#[template(path = "accounts/sent.html")]
struct SentPage<'a> {
    page: &'a PageContext,
    t: Texts,
    email: &'a str,
}

/// Shows the form.
pub async fn show(State(app): State<App>, page: PersonPage) -> Result<Response, AppError> {
    if let Some(asker) = &page.asker {
        return Ok(Redirect::to(nav::home_of(asker)).into_response());
    }
    form_page(&app, &page, Draft::new())
}

fn form_page(app: &App, page: &PageContext, draft: Draft) -> Result<Response, AppError> {
    let t = Texts(page.lang);
    let draft = draft.labelled(&[
        ("username", t.register_username()),
        ("email", t.register_email()),
        ("nombre_negocio", t.register_shop()),
        ("password1", t.register_password()),
        ("password2", t.register_password_again()),
    ]);
    let open = app.settings.registration != Registration::Closed;
    page.show(&RegisterPage { page, t, draft, open, length_min: app.password_policy.length_min() })
}

struct Wanted {
    username: String,
    email: String,
    shop: String,
    password: String,
}

/// Registers.
pub async fn submit(
    State(app): State<App>,
    current: Current,
    page: PersonPage,
    Body(body): Body,
) -> Result<Response, AppError> {
    if app.settings.registration == Registration::Closed {
        return Err(AppError::PermissionDenied);
    }
    let (wanted, mut draft) = match read(&app, &page, &body)? {
        Ok(read) => read,
        Err(draft) => return form_page(&app, &page, draft),
    };
    if credentials::find(&app.db, &wanted.username).await?.is_some() {
        refuse_name(&mut draft);
        return form_page(&app, &page, draft);
    }
    admit(&app, &current).await?;
    // Hashed in either case, so that a taken address costs the same time.
    let hash = app.passwords.hash(&wanted.password).await.map_err(|_| AppError::Unavailable)?;
    if credentials::find(&app.db, &wanted.email).await?.is_some() {
        tell_the_owner(&app, &current, &page, &wanted.email).await?;
    } else {
        match create(&app, &page, &wanted, hash).await {
            Ok(()) => {}
            Err(Refused::NameTaken) => {
                refuse_name(&mut draft);
                return form_page(&app, &page, draft);
            }
            Err(Refused::EmailTaken) => tell_the_owner(&app, &current, &page, &wanted.email).await?,
            Err(Refused::Db(error)) => return Err(error.into()),
        }
    }
    app.bell.ring();
    page.show(&SentPage { page: &page, t: Texts(page.lang), email: &wanted.email })
}

fn refuse_name(draft: &mut Draft) {
    draft.refuse("username", Problem::Said(Said::new(|lang| Texts(lang).problem_username_taken())));
}

fn read(app: &App, page: &PageContext, body: &[u8]) -> Result<Result<(Wanted, Draft), Draft>, AppError> {
    let mut form = FormReader::new(body, &page.format)?;
    let username = form.text("username", Text::required(150));
    let email = form.email("email", Text::required(254));
    let shop = form.text("nombre_negocio", Text::required(100));
    let (first, again) = (form.secret("password1"), form.secret("password2"));
    if username.as_deref().is_some_and(people::is_address) {
        form.refuse("username", Problem::Said(Said::new(|lang| Texts(lang).problem_username_at())));
    }
    if let Some(password) = &first {
        let known = [
            Attribute { label: "username", text: username.as_deref().unwrap_or_default() },
            Attribute { label: "email", text: email.as_deref().unwrap_or_default() },
            Attribute { label: "shop", text: shop.as_deref().unwrap_or_default() },
        ];
        for problem in credentials::password_problems(&app.password_policy, password, &known) {
            form.refuse("password1", problem);
        }
    }
    if first.is_some() && again.is_some() && first != again {
        form.refuse("password2", Problem::Said(Said::new(|lang| Texts(lang).problem_password_differs())));
    }
    Ok(form.finish(|| Some(Wanted { username: username?, email: email?, shop: shop?, password: first? })))
}

async fn admit(app: &App, current: &Current) -> Result<(), AppError> {
    let now_us = app.now_us();
    let key = LimitKey::of_address(LimitKind::Registration, current.client().address);
    match rate_limit::admit(&app.limits, vec![key], now_us).await? {
        // A registration counts whatever comes of it.
        Admission::Admitted(_ticket) => Ok(()),
        Admission::Refused { until, .. } => {
            Err(AppError::RateLimited { retry_after_s: rate_limit::retry_after_s(until, now_us) })
        }
    }
}

enum Refused {
    NameTaken,
    EmailTaken,
    Db(DbError),
}

impl From<DbError> for Refused {
    fn from(error: DbError) -> Self {
        match error {
            DbError::Unique { ref constraint } if constraint == "app_user_username_key_key" => Refused::NameTaken,
            DbError::Unique { ref constraint } if constraint == "app_user_email_key_key" => Refused::EmailTaken,
            other => Refused::Db(other),
        }
    }
}

async fn create(app: &App, page: &PageContext, wanted: &Wanted, hash: String) -> Result<(), Refused> {
    let now_us = app.now_us();
    let user = UserId(app.new_id());
    let shop = NewShop {
        id: ShopId(app.new_id()),
        name: wanted.shop.clone(),
        ids: app.new_ids(),
        prices: PriceKind::default(),
        now_us,
    };
    let person = NewPerson {
        username: wanted.username.clone(),
        email: Some(wanted.email.clone()),
        password_hash: Some(hash),
        active: app.settings.registration == Registration::Open,
        ..NewPerson::default()
    };
    let wants_proof = app.settings.email_verification != EmailVerification::None;
    let mail = wants_proof.then(|| verify_email::prepare(app, page, user, &wanted.username, &wanted.email));
    let scope = InShop(shop.id);
    app.db
        .shop_write(&scope, "register", async move |tx: &mut ShopTx| -> Result<(), Refused> {
            create_shop::insert(tx, &shop).await?;
            people::insert_with_shop(tx, user, &person, now_us).await?;
            members::write::insert(tx, user, Role::Admin, None, now_us).await?;
            if let Some(mail) = &mail {
                mail.record(tx).await?;
            }
            Ok(())
        })
        .await
}

async fn tell_the_owner(app: &App, current: &Current, page: &PageContext, email: &str) -> Result<(), AppError> {
    if !mail_limit::admit(app, current, email).await? {
        return Ok(());
    }
    let t = Texts(page.lang);
    let link = format!("{}/login/", app.settings.site_url);
    let text = t.mail_exists_text(&link);
    let mail = SendMail {
        id: app.new_id(),
        recipient: email.to_owned(),
        subject: t.mail_exists_subject().to_owned(),
        body_html: verify_email::html_of(&text),
        body_text: text,
        created_at: app.now_us(),
    };
    let stamp = Stamp { id: mail.id, now_us: mail.created_at };
    let queued = app.db.system_write("tell the owner of an address", async move |tx: &mut db::SystemTx| {
        jobs::enqueue(tx, stamp, &mail).await
    });
    Ok(queued.await?)
}
