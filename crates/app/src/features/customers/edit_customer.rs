//! A customer's page: who they are, what they bought last, and changing them.

use crate::{
    features::customers::{
        customer_form,
        find::{self, SaleToThem, StoredCustomer},
        write,
    },
    kernel::{App, Body, ShopPage},
    texts::customers::Texts,
};
use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use db::{DbError, ShopTx};
use domain::ids::CustomerId;
use web::{
    AppError, Draft, PageContext,
    flash::{Flash, Tone},
    urlencoded,
};

/// How many of their sales stand beside the form.
const SALES_SHOWN: i64 = 10;

fn customer_id(text: &str) -> Result<CustomerId, AppError> {
    text.parse().map_err(|_| AppError::NotFound)
}

/// `GET /clientes/{id}/`.
///
/// # Errors
/// No such customer in this shop, or a database that fails.
pub async fn show(State(app): State<App>, page: ShopPage, Path(id): Path<String>) -> Result<Response, AppError> {
    let (customer, sales) = load(&app, &page, customer_id(&id)?).await?;
    let draft = customer_form::holding(&customer);
    page.show(&CustomerPage::of(&page, &customer, sales, draft, None))
}

async fn load(app: &App, page: &ShopPage, id: CustomerId) -> Result<(StoredCustomer, Vec<SaleToThem>), AppError> {
    let mut read = app.db.shop(&page.actor).await?;
    let customer = find::load(&mut read, id).await?.ok_or(AppError::NotFound)?;
    let sales = find::latest_sales(&mut read, id, SALES_SHOWN).await?;
    Ok((customer, sales))
}

/// `POST /clientes/{id}/`.
///
/// # Errors
/// No such customer in this shop, a body that cannot be read, a database that fails.
pub async fn save(
    State(app): State<App>,
    page: ShopPage,
    Path(id): Path<String>,
    Body(body): Body,
) -> Result<Response, AppError> {
    let (customer, sales) = load(&app, &page, customer_id(&id)?).await?;
    let pairs = urlencoded::parse(&body).map_err(|why| AppError::BadRequest { why: why.to_string() })?;
    let (form, draft) = match customer_form::read(pairs, &page.format) {
        Ok(read) => read,
        Err(draft) => return page.show(&CustomerPage::of(&page, &customer, sales, draft, None)),
    };
    let (id, now_us, actor) = (customer.id, app.now_us(), page.actor);
    let seen = form.version.unwrap_or(customer.version);
    // The number that another program gave them is no field of this form, and stays.
    let fields = write::CustomerFields { external_code: customer.fields.external_code.clone(), ..form.fields };
    let name = fields.name.clone();
    let saved = app
        .db
        .shop_write(&actor, "edit customer", async move |tx: &mut ShopTx| -> Result<bool, DbError> {
            write::update_customer(tx, id, seen, &fields, now_us).await
        })
        .await?;
    if !saved {
        let (now, sales) = load(&app, &page, id).await?;
        return page.show(&CustomerPage::of(&page, &now, sales, draft, Some(&now)));
    }
    let flash = Flash::new(Tone::Ok, Texts(page.lang).saved(name)).cookie(page.secure);
    Ok((flash, Redirect::to(&format!("/clientes/{id}/"))).into_response())
}

/// `POST /clientes/{id}/desactivar/`.
///
/// # Errors
/// No such customer in this shop, or a database that fails.
pub async fn deactivate(State(app): State<App>, page: ShopPage, Path(id): Path<String>) -> Result<Response, AppError> {
    let id = customer_id(&id)?;
    let name = set_active(&app, &page, id, false).await?;
    let flash = Flash::new(Tone::Ok, Texts(page.lang).deactivated(name))
        .with_undo(format!("/clientes/{id}/reactivar/"))
        .cookie(page.secure);
    Ok((flash, Redirect::to("/clientes/")).into_response())
}

/// `POST /clientes/{id}/reactivar/`.
///
/// # Errors
/// No such customer in this shop, or a database that fails.
pub async fn reactivate(State(app): State<App>, page: ShopPage, Path(id): Path<String>) -> Result<Response, AppError> {
    let id = customer_id(&id)?;
    let name = set_active(&app, &page, id, true).await?;
    let flash = Flash::new(Tone::Ok, Texts(page.lang).reactivated(name)).cookie(page.secure);
    Ok((flash, Redirect::to(&format!("/clientes/{id}/"))).into_response())
}

async fn set_active(app: &App, page: &ShopPage, id: CustomerId, active: bool) -> Result<String, AppError> {
    let customer = find::load(&mut app.db.shop(&page.actor).await?, id).await?.ok_or(AppError::NotFound)?;
    let (now_us, actor) = (app.now_us(), page.actor);
    app.db
        .shop_write(&actor, "set customer active", async move |tx: &mut ShopTx| -> Result<bool, DbError> {
            write::set_active(tx, id, active, now_us).await
        })
        .await?;
    Ok(customer.fields.name)
}

/// What stands beside the form of a customer who is kept.
struct Standing {
    href: String,
    name: String,
    active: bool,
    sales: Vec<SaleToThem>,
}

/// The page of a customer, new or kept.
#[derive(Template)]
#[template(path = "customers/customer.html")]
pub struct CustomerPage<'a> {
    page: &'a PageContext,
    t: Texts,
    draft: Draft,
    action: String,
    command_id: String,
    version: String,
    standing: Option<Standing>,
    differences: Vec<(&'static str, &'static str, String, String)>,
}

impl<'a> CustomerPage<'a> {
    /// An empty or refused form of a new one.
    pub fn new_customer(page: &'a PageContext, draft: Draft) -> Self {
        let t = Texts(page.lang);
        CustomerPage {
            page,
            t,
            action: "/clientes/nuevo/".to_owned(),
            command_id: draft.value("id").to_owned(),
            version: String::new(),
            draft: draft.labelled(&customer_form::labels(t)),
            standing: None,
            differences: Vec::new(),
        }
    }

    /// The form of one who is kept; `newer` is what somebody else made of them.
    fn of(
        page: &'a PageContext,
        customer: &StoredCustomer,
        sales: Vec<SaleToThem>,
        draft: Draft,
        newer: Option<&StoredCustomer>,
    ) -> Self {
        let t = Texts(page.lang);
        let href = format!("/clientes/{}/", customer.id);
        let differences = newer.map(|newer| customer_form::differences(&customer_form::holding(newer), &draft, t));
        CustomerPage {
            page,
            t,
            action: href.clone(),
            command_id: String::new(),
            // Who has read both and saves again means it: the form now carries the newer version.
            version: newer.map_or_else(|| draft.value("version").to_owned(), |newer| newer.version.to_string()),
            draft: draft.labelled(&customer_form::labels(t)),
            standing: Some(Standing { href, name: customer.fields.name.clone(), active: customer.active, sales }),
            differences: differences.unwrap_or_default(),
        }
    }
}
