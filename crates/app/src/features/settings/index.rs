//! `GET /configuracion/`: everything that can be set, each with how it is set now.

use crate::{
    features::settings::{business::country_name, method_store, register_store, stored, tax_store},
    kernel::{App, ShopPage},
    texts::settings::Texts,
};
use askama::Template;
use axum::{extract::State, response::Response};
use web::{AppError, Icon, PageContext};

#[derive(Template)]
#[template(path = "settings/index.html")]
struct IndexPage<'a> {
    page: &'a PageContext,
    t: Texts,
    cards: Vec<Card>,
}

struct Card {
    href: &'static str,
    icon: Icon,
    title: &'static str,
    text: &'static str,
    now: String,
}

/// Shows the cards.
///
/// # Errors
/// A database that fails.
pub async fn show(State(app): State<App>, page: ShopPage) -> Result<Response, AppError> {
    let mut read = app.db.shop(&page.actor).await?;
    let shop = stored::load(&mut read).await?;
    let sets = tax_store::load_all(&mut read).await?;
    let tills = register_store::load_all(&mut read).await?;
    let methods = method_store::load_all(&mut read).await?;
    drop(read);
    let t = Texts(page.lang);
    let usual = sets.iter().find(|set| set.is_default).map(|set| set.fields.name.as_str());
    let included = if shop.prices_include_tax { t.prices_include() } else { t.prices_before() };
    let list = |names: Vec<&str>| names.join(", ");
    let cards = vec![
        Card {
            href: "/configuracion/negocio/",
            icon: Icon::Settings,
            title: t.business(),
            text: t.business_text(),
            now: [country_name(t, &shop.country), shop.business.currency.as_str(), shop.business.name.as_str()]
                .join(" · "),
        },
        Card {
            href: "/configuracion/impuestos/",
            icon: Icon::Report,
            title: t.taxes(),
            text: t.taxes_text(),
            now: [usual.unwrap_or_default(), included].join(" · "),
        },
        Card {
            href: "/configuracion/cajas/",
            icon: Icon::Cash,
            title: t.tills(),
            text: t.tills_text(),
            now: list(tills.iter().filter(|till| till.active).map(|till| till.name.as_str()).collect()),
        },
        Card {
            href: "/configuracion/pagos/",
            icon: Icon::Wallet,
            title: t.methods(),
            text: t.methods_text(),
            now: list(methods.iter().filter(|method| method.active).map(|method| method.name.as_str()).collect()),
        },
        Card {
            href: "/configuracion/datos/importar/",
            icon: Icon::Upload,
            title: t.data(),
            text: t.data_text(),
            now: String::new(),
        },
    ];
    page.show(&IndexPage { page: &page, t, cards })
}
