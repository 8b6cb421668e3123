//! What is stored of a person's proof of identity, and the rules of passwords.

use crate::{
    features::accounts::{
        people::{email_key, is_address, username_key},
        session_store,
    },
    texts::accounts::Texts,
};
use db::{Db, DbError, SystemTx, params};
use domain::ids::UserId;
use guard::{
    session::Ending,
    validators::{Attribute, PasswordPolicy, PasswordProblem},
};
use uuid::Uuid;
use web::form::{Problem, Said};

db::statements! {
    system BY_USERNAME = "accounts.by_username",
        "SELECT id, username, email, password_hash, active, email_verified, superuser, must_change_password, created_by
         FROM app_user
         WHERE username_key = $1";
    system BY_EMAIL = "accounts.by_email",
        "SELECT id, username, email, password_hash, active, email_verified, superuser, must_change_password, created_by
         FROM app_user
         WHERE email_key = $1";
    system BY_ID = "accounts.by_id",
        "SELECT id, username, email, password_hash, active, email_verified, superuser, must_change_password, created_by
         FROM app_user
         WHERE id = $1";
    system FIRST_SHOP = "accounts.first_shop",
        "SELECT member.shop_id
         FROM member
         JOIN shop ON shop.id = member.shop_id AND shop.active
         WHERE member.user_id = $1 AND member.active
         ORDER BY member.created_at, member.shop_id
         LIMIT 1";
    system SET_PASSWORD = "accounts.set_password",
        "UPDATE app_user
         SET password_hash = $2, must_change_password = $3, updated_at = $4, version = version + 1
         WHERE id = $1";
    /// Only while the stored hash is still the one that was verified.
    system REHASH = "accounts.rehash",
        "UPDATE app_user
         SET password_hash = $3
         WHERE id = $1 AND password_hash = $2";
}

/// A person as sign-in needs them.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// Who.
    pub user: UserId,
    /// Their user name.
    pub username: String,
    /// Their address.
    pub email: Option<String>,
    /// The stored hash.
    pub password_hash: Option<String>,
    /// Whether they may sign in.
    pub active: bool,
    /// Whether their address is confirmed.
    pub email_verified: bool,
    /// Whether they run the installation.
    pub superuser: bool,
    /// Whether somebody else chose their password.
    pub must_change_password: bool,
    /// Whether an admin made them: the admin vouches for the person, whose address
    /// nobody has proved.
    pub is_vouched_for: bool,
}

impl Credentials {
    /// Under what guesses at this person are counted, however the person was named.
    pub fn guess_key(&self) -> String {
        self.user.to_string()
    }
}

/// Finds a person by what they typed: a user name has no `@`, an address has one.
///
/// # Errors
/// Whatever the database says.
pub async fn find(db: &Db, typed: &str) -> Result<Option<Credentials>, DbError> {
    let mut read = db.system("credentials").await?;
    let row = if is_address(typed) {
        read.opt(&BY_EMAIL, params![email_key(typed)]).await?
    } else {
        read.opt(&BY_USERNAME, params![username_key(typed)]).await?
    };
    row.map(credentials).transpose()
}

/// The credentials of a person.
///
/// # Errors
/// Whatever the database says.
pub async fn of_user(db: &Db, user: UserId) -> Result<Option<Credentials>, DbError> {
    let mut read = db.system("credentials").await?;
    read.opt(&BY_ID, params![user.0]).await?.map(credentials).transpose()
}

fn credentials(mut row: db::Row) -> Result<Credentials, DbError> {
    Ok(Credentials {
        user: UserId(row.take()?),
        username: row.take()?,
        email: row.take()?,
        password_hash: row.take()?,
        active: row.take()?,
        email_verified: row.take()?,
        superuser: row.take()?,
        must_change_password: row.take()?,
        is_vouched_for: row.take::<Option<Uuid>>()?.is_some(),
    })
}

/// The shop in which a person begins.
///
/// # Errors
/// Whatever the database says.
pub async fn first_shop(db: &Db, user: UserId) -> Result<Option<Uuid>, DbError> {
    let mut read = db.system("first shop").await?;
    match read.opt(&FIRST_SHOP, params![user.0]).await? {
        Some(mut row) => row.take().map(Some),
        None => Ok(None),
    }
}

/// Who chose a password: whoever did not choose it themselves must change it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChosenBy {
    /// The person.
    Themselves,
    /// Somebody else.
    SomebodyElse,
}

/// A password that replaces another one.
#[derive(Clone)]
pub struct NewPassword {
    /// Whose.
    pub user: UserId,
    /// Its stored form.
    pub hash: String,
    /// Who chose it.
    pub by: ChosenBy,
    /// The session that goes on, by its lineage; every other one of theirs ends.
    pub keep: Option<Uuid>,
}

/// Stores a new hash and ends the person's other sessions, both or neither; `false`
/// where there is no such person.
///
/// # Errors
/// Whatever the database says.
pub async fn set_password(db: &Db, new: NewPassword, now_us: i64) -> Result<bool, DbError> {
    db.system_write("set password", async move |tx: &mut SystemTx| -> Result<bool, DbError> {
        let (user_id, must_change) = (new.user.0, new.by == ChosenBy::SomebodyElse);
        if tx.exec(&SET_PASSWORD, params![user_id, new.hash.as_str(), must_change, now_us]).await? == 0 {
            return Ok(false);
        }
        let ending = match new.keep {
            Some(keep) => Ending::OthersOf { user_id, keep },
            None => Ending::AllOf { user_id },
        };
        session_store::end_in(tx, ending).await?;
        Ok(true)
    })
    .await
}

/// Replaces a hash of yesterday's strength after its password was shown.
///
/// # Errors
/// Whatever the database says.
pub async fn rehash(db: &Db, user: UserId, verified: &str, hash: String) -> Result<(), DbError> {
    db.system_exec("rehash password", &REHASH, params![user.0, verified, hash]).await.map(drop)
}

/// What is wrong with a password that somebody chose, all at once.
pub fn password_problems(policy: &PasswordPolicy, password: &str, known: &[Attribute<'_>]) -> Vec<Problem> {
    policy.problems(password, known).into_iter().map(problem).collect()
}

fn problem(problem: PasswordProblem) -> Problem {
    Problem::Said(match problem {
        PasswordProblem::TooShort { min } => Said::new(move |lang| Texts(lang).problem_password_short(min)),
        PasswordProblem::TooLong { max } => Said::new(move |lang| Texts(lang).problem_password_long(max)),
        PasswordProblem::Common => Said::new(|lang| Texts(lang).problem_password_common().to_owned()),
        PasswordProblem::Numeric => Said::new(|lang| Texts(lang).problem_password_numeric().to_owned()),
        PasswordProblem::SimilarTo { .. } => Said::new(|lang| Texts(lang).problem_password_similar().to_owned()),
        PasswordProblem::KeyboardWalk => Said::new(|lang| Texts(lang).problem_password_keyboard().to_owned()),
        PasswordProblem::Repetitive => Said::new(|lang| Texts(lang).problem_password_repetitive().to_owned()),
    })
}
