//! `GET /api/v1/till/session`: who sells here, and by which rules.

use crate::{
    features::{
        accounts::asker::Asker,
        settings::{country, shop},
    },
    kernel::{App, ShopPage},
};
use axum::{extract::State, response::Response};
use db::{DbError, ShopRead, params};
use domain::{
    decimal,
    permission::{Permission, SellerRights},
};
use serde::Serialize;
use uuid::Uuid;
use web::{AppError, json};

db::statements! {
    REGISTERS = "sync.registers",
        "SELECT register.id, register.name, device.id, cash_session.id, cash_session.opened_at,
                cash_session.opening_minor
         FROM register
         LEFT JOIN device ON device.shop_id = register.shop_id AND device.register_id = register.id
                         AND device.state = 'active'
         LEFT JOIN cash_session ON cash_session.shop_id = register.shop_id
                               AND cash_session.register_id = register.id AND cash_session.state = 'open'
         WHERE register.shop_id = $1 AND register.kind = 'till' AND register.active
         ORDER BY register.created_at, register.id";
}

#[derive(Serialize)]
struct SessionAnswer<'a> {
    user: User<'a>,
    rights: Rights,
    csrf: &'a str,
    server_time: i64,
    shop: Shop,
    registers: Vec<Register>,
    may_enrol: bool,
}

#[derive(Serialize)]
struct User<'a> {
    id: Uuid,
    name: &'a str,
    role: &'static str,
}

/// The limits under which somebody sells, as they travel.
#[derive(Serialize)]
pub struct Rights {
    max_discount_percent: String,
    price_change: bool,
    refund: bool,
    void: bool,
    open_drawer: bool,
    give_credit: bool,
    create_product: bool,
}

impl From<SellerRights> for Rights {
    fn from(rights: SellerRights) -> Self {
        Rights {
            max_discount_percent: decimal::format_shortest(rights.max_discount_percent_e6, 6),
            price_change: rights.change_price,
            refund: rights.refund,
            void: rights.void,
            open_drawer: rights.open_drawer,
            // House accounts are not there yet, so nobody may give credit.
            give_credit: false,
            create_product: rights.create_product,
        }
    }
}

#[derive(Serialize)]
struct Shop {
    id: Uuid,
    name: String,
    country: String,
    currency: String,
    exponent: u32,
    display_decimals: u32,
    locale: String,
    time_zone: String,
    prices_include_tax: bool,
    cash_step: String,
    cash_mode: &'static str,
    receipt: Receipt,
    scale_codes: Vec<ScaleCode>,
}

#[derive(Serialize)]
struct Receipt {
    header: String,
    footer: String,
    legal_name: String,
    tax_id: String,
    address: String,
    phone: String,
    paper: &'static str,
    notice: String,
}

/// How scales of the country print weight into an in-store code.
#[derive(Serialize)]
struct ScaleCode {
    prefix: &'static str,
    holds: &'static str,
    item_digits: u32,
    value_digits: u32,
    value_decimals: u32,
}

#[derive(Serialize)]
struct Register {
    id: Uuid,
    name: String,
    device_id: Option<Uuid>,
    session: Option<OpenDrawer>,
}

#[derive(Serialize)]
struct OpenDrawer {
    id: Uuid,
    opened_at: i64,
    opening: String,
}

/// Answers.
pub async fn show(State(app): State<App>, asker: Asker, page: ShopPage) -> Result<Response, AppError> {
    let mut read = app.db.shop(&page.actor).await?;
    let profile = shop::load_profile(&mut read).await?;
    let registers = load_registers(&mut read, profile.exponent).await?;
    json::data(&SessionAnswer {
        user: User { id: asker.user.0, name: &asker.name, role: page.actor.role.as_str() },
        rights: page.actor.rights().into(),
        csrf: &page.csrf,
        server_time: app.now_us(),
        shop: shop_of(page.actor.shop.0, profile),
        registers,
        may_enrol: page.actor.may(Permission::ManageSettings),
    })
}

async fn load_registers(read: &mut ShopRead, exponent: u32) -> Result<Vec<Register>, DbError> {
    let mut registers = Vec::new();
    for mut row in read.rows(&REGISTERS, params![]).await? {
        let (id, name, device_id) = (row.take()?, row.take()?, row.take()?);
        let (session, opened_at, opening): (Option<Uuid>, Option<i64>, Option<i64>) =
            (row.take()?, row.take()?, row.take()?);
        let session = match (session, opened_at, opening) {
            (Some(id), Some(opened_at), Some(minor)) => {
                Some(OpenDrawer { id, opened_at, opening: decimal::format(minor, exponent) })
            }
            _ => None,
        };
        registers.push(Register { id, name, device_id, session });
    }
    Ok(registers)
}

fn shop_of(id: Uuid, profile: shop::ShopProfile) -> Shop {
    let notice = match profile.country.as_str() {
        "CO" => "Comprobante de venta, no es factura electrónica",
        _ => "",
    };
    let words = profile.receipt;
    Shop {
        id,
        locale: format!("es-{}", profile.country),
        cash_step: decimal::format(profile.cash.step_minor, profile.exponent),
        cash_mode: profile.cash.mode.code(),
        receipt: Receipt {
            header: if words.header.is_empty() { profile.name.clone() } else { words.header },
            footer: words.footer,
            legal_name: if words.legal_name.is_empty() { profile.name.clone() } else { words.legal_name },
            tax_id: words.tax_id,
            address: words.address,
            phone: words.phone,
            paper: "80",
            notice: notice.to_owned(),
        },
        scale_codes: vec![ScaleCode {
            prefix: country::SCALE_PREFIX,
            holds: "weight",
            item_digits: 5,
            value_digits: 5,
            value_decimals: 3,
        }],
        name: profile.name,
        country: profile.country,
        currency: profile.currency,
        exponent: profile.exponent,
        display_decimals: profile.display_decimals,
        time_zone: profile.time_zone,
        prices_include_tax: profile.prices_include_tax,
    }
}
