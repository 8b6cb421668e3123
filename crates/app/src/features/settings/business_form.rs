//! What a person types about the shop.

use crate::{
    features::settings::{
        business,
        preset::{self, PRESETS},
        shop::ReceiptWords,
        stored::{Business, StoredShop},
    },
    texts::settings::Texts,
};
use domain::{business_date::ShopDay, cash::CashRounding, quote::CASH_STEP_MINOR_MAX};
use web::{
    Draft, FormReader, Format, Lang, Problem, Text,
    form::{Choice, Said},
};

/// The labels of the fields, for the notice above the form.
pub fn labels(t: Texts) -> [(&'static str, &'static str); 14] {
    [
        ("nombre", t.field_name()),
        ("moneda", t.field_currency()),
        ("decimales", t.field_decimals()),
        ("zona", t.field_zone()),
        ("dia_empieza", t.field_day_starts()),
        ("idioma", t.field_language()),
        ("redondeo", t.field_cash_step()),
        ("redondeo_modo", t.field_cash_mode()),
        ("razon_social", t.field_legal_name()),
        ("identificacion", t.field_tax_id()),
        ("direccion", t.field_address()),
        ("telefono", t.field_phone()),
        ("recibo_arriba", t.field_receipt_header()),
        ("recibo_abajo", t.field_receipt_footer()),
    ]
}

/// Reads a form: what the shop shall be, and the version that the person saw.
///
/// # Errors
/// The draft to show again, with every mistake.
pub fn read(
    pairs: Vec<(String, String)>,
    format: &Format,
    shop: &StoredShop,
) -> Result<((Business, Option<i64>), Draft), Draft> {
    let mut form = FormReader::of(pairs, format);
    let name = form.text("nombre", Text::required(100));
    let currency = currency(&mut form, shop);
    let decimals = decimals(&mut form, currency.map(|(_, exponent)| exponent));
    let time_zone = zone(&mut form);
    let day_starts = day_starts(&mut form);
    let language = language(&mut form);
    let cash_step = cash_step(&mut form, format);
    let modes = [CashRounding::HalfUp, CashRounding::HalfDown, CashRounding::Down];
    let cash_mode = form.choice("redondeo_modo", &modes.map(|mode| (mode.code(), mode.code())));
    let legal_name = form.text("razon_social", Text::optional(150));
    let tax_id = form.text("identificacion", Text::optional(30));
    let address = form.text("direccion", Text::optional(200));
    let phone = form.text("telefono", Text::optional(30));
    let header = form.text("recibo_arriba", Text::optional(300).many_lines());
    let footer = form.text("recibo_abajo", Text::optional(300).many_lines());
    let version = form.id_or_none("version");
    form.finish(|| {
        let (currency, exponent) = currency?;
        let receipt = ReceiptWords {
            legal_name: legal_name?,
            tax_id: tax_id?,
            address: address?,
            phone: phone?,
            header: header?,
            footer: footer?,
        };
        let business = Business {
            name: name?,
            currency: currency.to_owned(),
            exponent,
            display_decimals: decimals?,
            time_zone: time_zone?,
            day_starts_at_minutes: day_starts?,
            cash_step_minor: cash_step?,
            cash_mode: cash_mode?,
            language: language?,
            receipt,
        };
        Some((business, version?))
    })
}

/// The currency with its decimals. A form that leaves it out keeps it: where the shop
/// has money on record there is no such field.
fn currency<'a>(form: &mut FormReader<'_>, shop: &'a StoredShop) -> Option<(&'a str, u32)> {
    let sent = form.text("moneda", Text::optional(3))?;
    let now = &shop.business;
    if sent.is_empty() || sent == now.currency {
        return Some((now.currency.as_str(), now.exponent));
    }
    let Some(wanted) = preset::currency(&sent) else {
        form.refuse("moneda", Problem::NotAChoice);
        return None;
    };
    if !shop.may_take_currency(wanted.exponent) {
        form.refuse("moneda", Problem::Said(Said::new(|lang| Texts(lang).currency_held())));
        return None;
    }
    Some((wanted.currency, wanted.exponent))
}

fn decimals(form: &mut FormReader<'_>, exponent: Option<u32>) -> Option<u32> {
    let shown = form.whole("decimales", 0..=4)?;
    let shown = u32::try_from(shown).expect("the limits leave 0 to 4");
    // With another currency the old one's decimals may be too many; it shows all it has.
    Some(exponent.map_or(shown, |exponent| shown.min(exponent)))
}

fn zone(form: &mut FormReader<'_>) -> Option<String> {
    let sent = form.text("zona", Text::required(60))?;
    if ShopDay::new(&sent, 0).is_err() {
        form.refuse("zona", Problem::NotAChoice);
        return None;
    }
    Some(sent)
}

/// A time of day as `<input type="time">` sends it, in minutes after midnight.
fn day_starts(form: &mut FormReader<'_>) -> Option<i64> {
    let sent = form.text("dia_empieza", Text::required(8))?;
    let minutes = minutes_of(&sent);
    if minutes.is_none() {
        form.refuse("dia_empieza", Problem::Said(Said::new(|lang| Texts(lang).not_a_time())));
    }
    minutes
}

fn minutes_of(text: &str) -> Option<i64> {
    let (hours, minutes) = text.split_once(':')?;
    let part = |text: &str, end: i64| {
        let is_plain = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        let value = is_plain.then(|| text.parse::<i64>().ok()).flatten()?;
        (value < end).then_some(value)
    };
    Some(part(hours, 24)? * 60 + part(minutes, 60)?)
}

fn language(form: &mut FormReader<'_>) -> Option<String> {
    let sent = form.text("idioma", Text::optional(8))?;
    if sent.is_empty() || Lang::ALL.iter().any(|lang| lang.code() == sent) {
        return Some(sent);
    }
    form.refuse("idioma", Problem::NotAChoice);
    None
}

fn cash_step(form: &mut FormReader<'_>, format: &Format) -> Option<i64> {
    let step = form.amount_or_none("redondeo")?.unwrap_or(0);
    if step > CASH_STEP_MINOR_MAX {
        form.refuse("redondeo", Problem::TooBig { max: format.amount(CASH_STEP_MINOR_MAX) });
        return None;
    }
    Some(step)
}

/// A form that holds the shop.
pub fn holding(shop: &StoredShop, format: &Format) -> Draft {
    let now = &shop.business;
    let starts = now.day_starts_at_minutes;
    Draft::holding([
        ("nombre", now.name.clone()),
        ("moneda", now.currency.clone()),
        ("decimales", now.display_decimals.to_string()),
        ("zona", now.time_zone.clone()),
        ("dia_empieza", format!("{:02}:{:02}", starts / 60, starts % 60)),
        ("idioma", now.language.clone()),
        ("redondeo", format.typed_amount(now.cash_step_minor)),
        ("redondeo_modo", now.cash_mode.to_owned()),
        ("razon_social", now.receipt.legal_name.clone()),
        ("identificacion", now.receipt.tax_id.clone()),
        ("direccion", now.receipt.address.clone()),
        ("telefono", now.receipt.phone.clone()),
        ("recibo_arriba", now.receipt.header.clone()),
        ("recibo_abajo", now.receipt.footer.clone()),
        ("version", shop.version.to_string()),
    ])
}

/// The currencies that the shop may have: its own, and where nothing holds it the others.
pub fn currencies(shop: &StoredShop) -> Vec<Choice> {
    let now = shop.business.currency.as_str();
    let others = PRESETS.iter().filter(|each| each.currency != now && shop.may_take_currency(each.exponent));
    std::iter::once(now).chain(others.map(|each| each.currency)).map(|code| Choice::new(code, code)).collect()
}

/// The zones to choose from: the country's first, then the others, and the shop's own.
pub fn zones(shop: &StoredShop) -> Vec<Choice> {
    let now = shop.business.time_zone.as_str();
    let own = business::preset_of(shop).map_or(&[][..], |preset| preset.zones);
    let mut zones: Vec<&str> = own.to_vec();
    let others = PRESETS.iter().flat_map(|preset| preset.zones.iter().copied()).chain([now]);
    for zone in others {
        if !zones.contains(&zone) {
            zones.push(zone);
        }
    }
    zones.into_iter().map(|zone| Choice::new(zone, zone.replace('_', " "))).collect()
}

/// How cash may be rounded.
pub fn modes(t: Texts) -> Vec<Choice> {
    vec![
        Choice::new(CashRounding::HalfUp.code(), t.cash_half_up()),
        Choice::new(CashRounding::HalfDown.code(), t.cash_half_down()),
        Choice::new(CashRounding::Down.code(), t.cash_down()),
    ]
}

/// A field that two people filled differently.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The field's name.
    pub field: &'static str,
    /// Its label.
    pub label: &'static str,
    /// What is kept now.
    pub now: String,
    /// What was typed here.
    pub typed: String,
}

/// Where a form and what is kept now differ.
pub fn differences(now: &Draft, typed: &Draft, t: Texts) -> Vec<Difference> {
    let said = |field: &str, value: &str| match (field, value) {
        ("redondeo_modo", code) => {
            modes(t).into_iter().find(|mode| mode.value == code).map_or_else(String::new, |mode| mode.label)
        }
        (_, "") => t.nothing().to_owned(),
        (_, value) => value.to_owned(),
    };
    // A form without the field of the currency says nothing about it.
    let says_otherwise = |field: &str| {
        now.value(field) != typed.value(field).replace("\r\n", "\n")
            && (field != "moneda" || !typed.value(field).is_empty())
    };
    let differing = labels(t).into_iter().filter(|(field, _)| says_otherwise(field));
    differing
        .map(|(field, label)| Difference {
            field,
            label,
            now: said(field, now.value(field)),
            typed: said(field, typed.value(field)),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::minutes_of;

    #[test]
    fn only_times_of_a_day_begin_one() {
        for (typed, minutes) in
            [("00:00", Some(0)), ("04:30", Some(270)), ("23:59", Some(1439)), ("24:00", None), ("4:30", None)]
        {
            assert_eq!(minutes_of(typed), minutes, "{typed}");
        }
        for typed in ["12:60", "-1:00", "+1:00", "", "mañana", "12:30:00"] {
            assert_eq!(minutes_of(typed), None, "{typed}");
        }
    }
}
