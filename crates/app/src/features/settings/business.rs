//! `/configuracion/negocio/`: the shop itself, and moving it to another country.

use crate::{
    actor::Actor,
    features::settings::{
        business_form::{self, Difference},
        move_country::{self, Moved},
        preset::{self, PRESETS},
        stored::{self, Business, StoredShop},
    },
    kernel::{App, Body, ShopPage},
    texts::settings::Texts,
};
use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use db::{DbError, ShopTx};
use web::{
    AppError, Draft, FormReader, Lang, PageContext,
    flash::{Flash, Tone},
    form::Choice,
};

/// Where the page is.
const HERE: &str = "/configuracion/negocio/";

#[derive(Template)]
#[template(path = "settings/business.html")]
struct BusinessPage<'a> {
    page: &'a PageContext,
    t: Texts,
    draft: Draft,
    version: String,
    differences: Vec<Difference>,
    country: &'static str,
    country_draft: Draft,
    countries: Vec<Choice>,
    currencies: Vec<Choice>,
    decimals: Vec<Choice>,
    zones: Vec<Choice>,
    languages: Vec<Choice>,
    modes: Vec<Choice>,
    has_money: bool,
}

impl<'a> BusinessPage<'a> {
    fn new(page: &'a PageContext, shop: &StoredShop, draft: Draft) -> Self {
        let t = Texts(page.lang);
        let now = &shop.business;
        BusinessPage {
            page,
            t,
            version: draft.value("version").to_owned(),
            draft: draft.labelled(&business_form::labels(t)),
            differences: Vec::new(),
            country: country_name(t, &shop.country),
            country_draft: Draft::holding([("pais", shop.country.clone())]),
            countries: PRESETS.iter().map(|each| Choice::new(each.country, country_name(t, each.country))).collect(),
            currencies: business_form::currencies(shop),
            decimals: (0..=now.exponent).map(|many| Choice::new(many.to_string(), many.to_string())).collect(),
            zones: business_form::zones(shop),
            languages: std::iter::once(Choice::new("", t.language_each()))
                .chain(Lang::ALL.iter().map(|lang| Choice::new(lang.code(), lang.own_name())))
                .collect(),
            modes: business_form::modes(t),
            has_money: shop.has_money(),
        }
    }

    /// The same beside what somebody else saved meanwhile. Who has read both and saves
    /// again means it: the form now carries the newer version.
    fn beside(self, shop: &StoredShop) -> Self {
        let kept = business_form::holding(shop, &self.page.format);
        let differences = business_form::differences(&kept, &self.draft, self.t);
        BusinessPage { version: shop.version.to_string(), differences, ..self }
    }
}

/// The country's name as people say it.
pub fn country_name(t: Texts, country: &str) -> &'static str {
    match country {
        "CO" => t.country_co(),
        "MX" => t.country_mx(),
        "PE" => t.country_pe(),
        "CL" => t.country_cl(),
        "AR" => t.country_ar(),
        "EC" => t.country_ec(),
        _ => t.country_other(),
    }
}

/// `GET /configuracion/negocio/`.
///
/// # Errors
/// A database that fails.
pub async fn show(State(app): State<App>, page: ShopPage) -> Result<Response, AppError> {
    let shop = stored::load(&mut app.db.shop(&page.actor).await?).await?;
    let draft = business_form::holding(&shop, &page.format);
    page.show(&BusinessPage::new(&page, &shop, draft))
}

/// `POST /configuracion/negocio/`.
///
/// # Errors
/// A body that cannot be read, or a database that fails.
pub async fn save(State(app): State<App>, page: ShopPage, Body(body): Body) -> Result<Response, AppError> {
    let shop = stored::load(&mut app.db.shop(&page.actor).await?).await?;
    let pairs = super::pairs_of(&body)?;
    let ((business, seen), draft) = match business_form::read(pairs, &page.format, &shop) {
        Ok(read) => read,
        Err(draft) => return page.show(&BusinessPage::new(&page, &shop, draft)),
    };
    let seen = seen.unwrap_or(shop.version);
    match change(&app, page.actor, business, seen).await? {
        Saved::Done => {
            let flash = Flash::new(Tone::Ok, Texts(page.lang).business_saved()).cookie(page.secure);
            Ok((flash, Redirect::to(HERE)).into_response())
        }
        Saved::Stale(now) => page.show(&BusinessPage::new(&page, &now, draft).beside(&now)),
    }
}

enum Saved {
    Done,
    Stale(Box<StoredShop>),
}

async fn change(app: &App, actor: Actor, business: Business, seen: i64) -> Result<Saved, DbError> {
    let now_us = app.now_us();
    let saved = app.db.shop_write(&actor, "save business", async move |tx: &mut ShopTx| -> Result<Saved, DbError> {
        stored::lock(tx).await?;
        let now = stored::load(tx).await?;
        // A first sale between the form and here holds the currency fast.
        let is_other = now.business.currency != business.currency;
        let refused = is_other && !now.may_take_currency(business.exponent);
        if refused || !stored::save(tx, seen, &business, now_us).await? {
            return Ok(Saved::Stale(Box::new(now)));
        }
        Ok(Saved::Done)
    });
    saved.await
}

/// `POST /configuracion/negocio/pais/`: brings a country's money, zone, taxes and ways
/// to pay, as far as nothing on record forbids it.
///
/// # Errors
/// A body that cannot be read, or a database that fails.
pub async fn choose_country(State(app): State<App>, page: ShopPage, Body(body): Body) -> Result<Response, AppError> {
    let options: Vec<_> = PRESETS.iter().map(|each| (each.country, each)).collect();
    let mut form = FormReader::new(&body, &page.format)?;
    let preset = form.choice("pais", &options);
    let preset = match form.finish(|| preset) {
        Ok((preset, _)) => preset,
        Err(country_draft) => {
            let shop = stored::load(&mut app.db.shop(&page.actor).await?).await?;
            let draft = business_form::holding(&shop, &page.format);
            return page.show(&BusinessPage { country_draft, ..BusinessPage::new(&page, &shop, draft) });
        }
    };
    let ids = move_country::Ids { tax_sets: app.new_ids(), methods: app.new_ids() };
    let (actor, now_us, chosen) = (page.actor, app.now_us(), *preset);
    let moved = app.db.shop_write(&actor, "move country", async move |tx: &mut ShopTx| -> Result<Moved, DbError> {
        move_country::move_to(tx, actor, &chosen, &ids, now_us).await
    });
    let t = Texts(page.lang);
    let name = country_name(t, preset.country);
    let said = match moved.await? {
        Moved::Whole => Flash::new(Tone::Ok, t.country_set(name)),
        Moved::ButMoney => Flash::new(Tone::Warn, t.country_set_but_money(name)),
    };
    Ok((said.cookie(page.secure), Redirect::to(HERE)).into_response())
}

/// The preset of a stored country, for what the form offers.
pub(super) fn preset_of(shop: &StoredShop) -> Option<&'static preset::Preset> {
    preset::of(&shop.country)
}
