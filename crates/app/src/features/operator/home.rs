//! `/admin/`: how the installation does.

use crate::{
    kernel::{App, PersonPage},
    texts::operator::Texts,
};
use askama::Template;
use axum::{extract::State, response::Response};
use db::params;
use web::{AppError, PageContext};

db::statements! {
    /// A few thousand shops and people at most, and jobs only while they wait or have failed.
    system scan COUNTS = "operator.counts",
        "SELECT (SELECT COUNT(*) FROM shop), (SELECT COUNT(*) FROM app_user),
                (SELECT COUNT(*) FROM job WHERE state = 'waiting'), (SELECT COUNT(*) FROM job WHERE state = 'failed')";
}

#[derive(Template)]
#[template(path = "operator/home.html")]
struct HomePage<'a> {
    page: &'a PageContext,
    t: Texts,
    counts: Counts,
}

struct Counts {
    shops: i64,
    people: i64,
    waiting: i64,
    failed: i64,
}

/// Shows the page.
pub async fn show(State(app): State<App>, page: PersonPage) -> Result<Response, AppError> {
    let mut read = app.db.system("state of the installation").await?;
    let mut row = read.one(&COUNTS, params![]).await?;
    let counts = Counts { shops: row.take()?, people: row.take()?, waiting: row.take()?, failed: row.take()? };
    page.show(&HomePage { page: &page, t: Texts(page.lang), counts })
}
