//! Tables of fields, typed well and badly.

use domain::decimal::Locale;
use jiff::tz::TimeZone;

use super::{Draft, FormReader, Problem, Text};
use crate::error::AppError;
use crate::format::{Currency, Format};
use crate::lang::Lang;
use crate::urlencoded::encode;

fn shop() -> Format {
    Format {
        lang: Lang::Es,
        currency: Currency::cop(),
        numbers: Locale { decimal: ',', group: '.' },
        zone: TimeZone::UTC,
        now_us: 0,
    }
}

/// Reads one field typed so, and gives what came of it or the sentence beside it.
fn read<T>(typed: &str, take: impl FnOnce(&mut FormReader<'_>) -> Option<T>) -> Result<T, String> {
    let shop = shop();
    let body = format!("campo={}", encode(typed));
    let mut form = FormReader::new(body.as_bytes(), &shop).unwrap();
    let value = take(&mut form);
    form.finish(|| value).map(|(value, _)| value).map_err(|draft| draft.error("campo", Lang::Es).unwrap())
}

#[test]
fn amounts_are_read_as_the_shop_writes_them() {
    let table = [
        ("4.200", Ok(420_000)),
        ("4200", Ok(420_000)),
        ("$ 4.200,50", Ok(420_050)),
        (" 0 ", Ok(0)),
        ("4.2OO", Err("Escribe solo cifras, por ejemplo 4.200.")),
        ("-5", Err("Escribe solo cifras, por ejemplo 4.200.")),
        ("1e5", Err("Escribe solo cifras, por ejemplo 4.200.")),
        ("1,234", Err("Usa como máximo 2 decimales.")),
        ("", Err("Escribe este dato.")),
        ("99999999999999999999", Err("Escribe solo cifras, por ejemplo 4.200.")),
    ];
    for (typed, expected) in table {
        let expected = expected.map_err(str::to_owned);
        assert_eq!(read(typed, |form| form.amount("campo")), expected, "{typed}");
    }
}

#[test]
fn quantities_that_two_people_read_differently_are_asked_again() {
    assert_eq!(read("0,755", |form| form.quantity("campo")), Ok(755));
    assert_eq!(read("12", |form| form.quantity("campo")), Ok(12_000));
    let refusal = read("1.234", |form| form.quantity("campo")).unwrap_err();
    assert!(refusal.starts_with("No se entiende 1.234."), "{refusal}");
}

#[test]
fn percentages_end_at_a_hundred() {
    assert_eq!(read("19", |form| form.rate_ppm("campo")), Ok(190_000));
    assert_eq!(read("4,75", |form| form.rate_ppm("campo")), Ok(47_500));
    assert_eq!(read("10", |form| form.percent_e6("campo")), Ok(10_000_000));
    assert_eq!(
        read("100,0001", |form| form.rate_ppm("campo")),
        Err("Es muy grande: lo más que se puede es 100\u{a0}%.".into())
    );
}

#[test]
fn texts_are_counted_in_characters_and_control_characters_refused() {
    let rules = Text::required(5);
    assert_eq!(read("  Ñandú ", |form| form.text("campo", rules)), Ok("Ñandú".to_owned()));
    assert_eq!(read("Ñandúes", |form| form.text("campo", rules)), Err("Es muy largo: caben 5 caracteres.".into()));
    assert_eq!(read("   ", |form| form.text("campo", rules)), Err("Escribe este dato.".into()));
    assert_eq!(read("", |form| form.text("campo", Text::optional(5))), Ok(String::new()));
    assert!(read("a\0b", |form| form.text("campo", rules)).is_err());
    assert!(read("a\nb", |form| form.text("campo", rules)).is_err());
    assert_eq!(read("a\r\nb", |form| form.text("campo", rules.many_lines())), Ok("a\nb".to_owned()));
}

#[test]
fn the_rest_of_the_fields_read_what_they_say() {
    let sizes = [("58", 58), ("80", 80)];
    assert_eq!(read("80", |form| form.choice("campo", &sizes)), Ok(80));
    assert_eq!(read("99", |form| form.choice("campo", &sizes)), Err("Elige una de las opciones.".into()));
    assert_eq!(read("1.000", |form| form.whole("campo", 0..=2_000)), Ok(1_000));
    assert_eq!(
        read("2001", |form| form.whole("campo", 0..=2_000)),
        Err("Es muy grande: lo más que se puede es 2.000.".into())
    );
    assert_eq!(read("1,5", |form| form.whole("campo", 0..=9)), Err("Escribe un número entero.".into()));
    assert_eq!(read("7", |form| form.id::<u32>("campo")), Ok(7));
    assert_eq!(read("x", |form| form.id::<u32>("campo")), Err("Elige uno de la lista.".into()));
    assert_eq!(read("", |form| form.id_or_none::<u32>("campo")), Ok(None));
    assert_eq!(read("2026-02-28", |form| form.date("campo")), Ok(20_260_228));
    assert!(read("2026-02-30", |form| form.date("campo")).is_err());
    for (typed, good) in [("a@b.co", true), ("a@b", false), ("a b@c.co", false), ("@b.co", false), ("a@b@c.co", false)]
    {
        assert_eq!(read(typed, |form| form.email("campo", Text::required(254))).is_ok(), good, "{typed}");
    }
    assert_eq!(read("on", |form| Some(form.flag("campo"))), Ok(true));
    assert_eq!(read("False", |form| Some(form.flag("campo"))), Ok(false));
}

#[test]
fn all_mistakes_come_at_once_and_what_was_typed_is_kept() {
    let shop = shop();
    let mut form = FormReader::new(b"nombre=&precio=x&stock=7&otro=1", &shop).unwrap();
    let name = form.text("nombre", Text::required(100));
    let price = form.amount("precio");
    let stock = form.quantity("stock");
    let draft = form.finish(|| Some((name?, price?, stock?))).unwrap_err();
    assert_eq!(draft.wrong_count(), 2);
    assert_eq!(draft.wrong().map(|(name, _)| name).collect::<Vec<_>>(), ["nombre", "precio"]);
    assert_eq!(draft.value("precio"), "x");
    assert_eq!(draft.value("stock"), "7");
    assert_eq!(draft.error("stock", Lang::Es), None);
}

#[test]
fn a_secret_is_read_as_typed_and_never_shown_again() {
    let shop = shop();
    let mut form = FormReader::new(b"clave=+s+&nombre=", &shop).unwrap();
    assert_eq!(form.secret("clave").as_deref(), Some(" s "));
    form.text("nombre", Text::required(9));
    let draft = form.finish(|| None::<()>).unwrap_err();
    assert_eq!(draft.value("clave"), "");
    assert!(!format!("{draft:?}").contains(" s "));
}

#[test]
fn broken_utf8_is_a_bad_request() {
    assert!(matches!(FormReader::new(b"a=%ff", &shop()), Err(AppError::BadRequest { .. })));
}

#[test]
fn a_problem_found_later_stands_beside_its_field() {
    let mut draft = Draft::holding([("nombre", "Leche")]);
    draft.refuse("nombre", Problem::Taken);
    assert_eq!(draft.error("nombre", Lang::En).as_deref(), Some("There is one like this already. Write another."));
    assert_eq!(draft.value("nombre"), "Leche");
}
