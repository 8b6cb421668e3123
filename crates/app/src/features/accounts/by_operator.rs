//! People and shops that the operator makes at the command line.
//!
//! The rules of names, addresses and passwords are those of the screens; the
//! operator vouches for the address, so that nobody waits for a mail. What is
//! refused is said in English sentences that name the flags.

use crate::{
    actor::InShop,
    features::{
        accounts::{
            credentials::{self, ChosenBy, NewPassword},
            people::{self, NewPerson},
        },
        members,
        settings::{
            create_shop::{self, NewShop, PriceKind},
            find_shop,
        },
    },
    kernel::{App, request},
    texts::accounts::Texts,
};
use db::{DbError, ShopTx, SystemTx};
use domain::{
    ids::{ShopId, UserId},
    permission::Role,
};
use guard::validators::Attribute;
use std::fmt;
use web::{FormReader, Lang, Problem, Text, form::Said};

/// A person as the operator wants them.
#[derive(Clone)]
pub struct Wanted {
    /// The name they sign in with.
    pub username: String,
    /// Their address.
    pub email: Option<String>,
    /// Their password.
    pub password: String,
    /// Whether they must change it at the first sign-in.
    pub must_change_password: bool,
}

/// Shows no password.
impl fmt::Debug for Wanted {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Wanted").field("username", &self.username).finish_non_exhaustive()
    }
}

/// Why nothing was made: a sentence with its remedy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused(pub String);

impl From<DbError> for Refused {
    fn from(error: DbError) -> Self {
        Refused(match error {
            DbError::Unique { ref constraint } if constraint == "app_user_username_key_key" => {
                "somebody has this user name; choose another one with --username".to_owned()
            }
            DbError::Unique { ref constraint } if constraint == "app_user_email_key_key" => {
                "somebody has this address; choose another one with --email".to_owned()
            }
            other => format!("the database refused: {other}"),
        })
    }
}

/// Makes somebody who runs the installation and belongs to no shop.
///
/// # Errors
/// What is wrong with the person, or what the database says.
pub async fn create_superuser(app: &App, wanted: &Wanted) -> Result<UserId, Refused> {
    let person = NewPerson { superuser: true, ..person(app, wanted, None).await? };
    let (id, now_us) = (UserId(app.new_id()), app.now_us());
    app.db
        .system_write("create superuser", async move |tx: &mut SystemTx| -> Result<(), DbError> {
            people::insert(tx, id, &person, now_us).await
        })
        .await?;
    Ok(id)
}

/// Makes a shop and its first admin.
///
/// # Errors
/// What is wrong with the person or the name, or what the database says.
pub async fn create_shop(app: &App, name: &str, wanted: &Wanted) -> Result<ShopId, Refused> {
    let person = person(app, wanted, Some(name)).await?;
    let (user, now_us) = (UserId(app.new_id()), app.now_us());
    let shop = NewShop {
        id: ShopId(app.new_id()),
        name: name.trim().to_owned(),
        ids: app.new_ids(),
        prices: PriceKind::default(),
        now_us,
    };
    let id = shop.id;
    app.db
        .shop_write(&InShop(id), "create shop", async move |tx: &mut ShopTx| -> Result<(), DbError> {
            create_shop::insert(tx, &shop).await?;
            people::insert_with_shop(tx, user, &person, now_us).await?;
            members::write::insert(tx, user, Role::Admin, None, now_us).await
        })
        .await?;
    Ok(id)
}

/// Makes another person of a shop, which is named by its id or its name.
///
/// # Errors
/// What is wrong with the person, no such shop or several, what the database says.
pub async fn create_member(app: &App, shop: &str, role: Role, wanted: &Wanted) -> Result<UserId, Refused> {
    let shop = match find_shop::named(&app.db, shop).await?.as_slice() {
        [shop] => *shop,
        [] => return Err(Refused("there is no shop of this name; give its name or id with --shop".to_owned())),
        several => {
            let ids: Vec<String> = several.iter().map(ToString::to_string).collect();
            return Err(Refused(format!(
                "several shops have this name; give one of their ids with --shop: {}",
                ids.join(", ")
            )));
        }
    };
    let person = person(app, wanted, None).await?;
    let (user, now_us) = (UserId(app.new_id()), app.now_us());
    app.db
        .shop_write(&InShop(shop), "create member", async move |tx: &mut ShopTx| -> Result<(), DbError> {
            people::insert_with_shop(tx, user, &person, now_us).await?;
            members::write::insert(tx, user, role, None, now_us).await
        })
        .await?;
    Ok(user)
}

/// Gives somebody another password, and ends all their sessions.
///
/// # Errors
/// What is wrong with the password, nobody of that name, what the database says.
pub async fn change_password(app: &App, username: &str, password: &str, by: ChosenBy) -> Result<(), Refused> {
    let nobody = || Refused("nobody has this user name or address; check --username".to_owned());
    let stored = credentials::find(&app.db, username).await?.ok_or_else(nobody)?;
    let known = [
        Attribute { label: "username", text: &stored.username },
        Attribute { label: "email", text: stored.email.as_deref().unwrap_or_default() },
    ];
    let problems = credentials::password_problems(&app.password_policy, password, &known);
    if !problems.is_empty() {
        let words: Vec<String> = problems.iter().map(|problem| problem.say(Lang::En)).collect();
        return Err(Refused(format!("the password cannot be used: {}", words.join(" "))));
    }
    let hash = hash(app, password).await?;
    let new = NewPassword { user: stored.user, hash, by, keep: None };
    if credentials::set_password(&app.db, new, app.now_us()).await? { Ok(()) } else { Err(nobody()) }
}

async fn person(app: &App, wanted: &Wanted, shop: Option<&str>) -> Result<NewPerson, Refused> {
    let mut person = read(app, wanted, shop)?;
    person.password_hash = Some(hash(app, &wanted.password).await?);
    Ok(person)
}

async fn hash(app: &App, password: &str) -> Result<String, Refused> {
    let hash = app.passwords.hash(password).await;
    hash.map_err(|error| Refused(format!("the password could not be hashed: {error:?}")))
}

/// The form's rules, read by the form's reader.
fn read(app: &App, wanted: &Wanted, shop: Option<&str>) -> Result<NewPerson, Refused> {
    let given = |name: &str, text: &str| (name.to_owned(), text.to_owned());
    let values = vec![
        given("username", &wanted.username),
        given("email", wanted.email.as_deref().unwrap_or_default()),
        given("name", shop.unwrap_or_default()),
        given("password", &wanted.password),
    ];
    let format = request::shopless_format(Lang::En, app.now_us());
    let mut form = FormReader::of(values, &format);
    let username = form.text("username", Text::required(150));
    let email = form.email("email", Text::optional(254));
    let name = if shop.is_some() { form.text("name", Text::required(100)) } else { Some(String::new()) };
    if username.as_deref().is_some_and(people::is_address) {
        form.refuse("username", Problem::Said(Said::new(|lang| Texts(lang).problem_username_at())));
    }
    if let Some(password) = form.secret("password") {
        let known = [
            Attribute { label: "username", text: username.as_deref().unwrap_or_default() },
            Attribute { label: "email", text: email.as_deref().unwrap_or_default() },
            Attribute { label: "shop", text: name.as_deref().unwrap_or_default() },
        ];
        for problem in credentials::password_problems(&app.password_policy, &password, &known) {
            form.refuse("password", problem);
        }
    }
    let read = form.finish(|| Some((username?, email?)));
    let ((username, email), _) = read.map_err(|draft| {
        let labels =
            [("username", "--username"), ("email", "--email"), ("name", "--name"), ("password", "The password")];
        let words: Vec<String> = draft.labelled(&labels).errors(Lang::En).into_iter().map(|(_, words)| words).collect();
        Refused(words.join(" "))
    })?;
    Ok(NewPerson {
        username,
        email: Some(email).filter(|email| !email.is_empty()),
        active: true,
        email_verified: true,
        must_change_password: wanted.must_change_password,
        ..NewPerson::default()
    })
}
