//! Tables of figures and times as they must look.

use domain::decimal::Locale;
use jiff::tz::TimeZone;

use super::{Currency, Format};
use crate::lang::Lang;

/// 25 November 2026, 14:05:09 in Bogotá.
const NOW_US: i64 = 1_795_633_509_000_000;
const HOUR_US: i64 = 3_600_000_000;

fn format(lang: Lang) -> Format {
    Format {
        lang,
        currency: Currency::cop(),
        numbers: Locale { decimal: ',', group: '.' },
        zone: TimeZone::get("America/Bogota").unwrap(),
        now_us: NOW_US,
    }
}

#[test]
fn money_has_its_sign_its_marks_and_only_decimals_that_count() {
    let colombia = format(Lang::Es);
    let table = [
        (3_329_000, "$\u{a0}33.290"),
        (0, "$\u{a0}0"),
        (-1_650_000, "−\u{a0}$\u{a0}16.500"),
        (1_234_550, "$\u{a0}12.345,50"),
        (12_846_000_000, "$\u{a0}128.460.000"),
        (i64::MIN, "−\u{a0}$\u{a0}92.233.720.368.547.758,08"),
    ];
    for (minor, expected) in table {
        assert_eq!(colombia.money(minor), expected);
    }
    assert_eq!(colombia.amount(-165_000), "−\u{a0}1.650");
    let mexico = Format {
        currency: Currency { code: "MXN".into(), sign: "$".into(), decimals: 2, decimals_shown: 2 },
        numbers: Locale { decimal: '.', group: ',' },
        ..format(Lang::Es)
    };
    assert_eq!(mexico.money(123_456_700), "$\u{a0}1,234,567.00");
    let chile = Format {
        currency: Currency { code: "CLP".into(), sign: "$".into(), decimals: 0, decimals_shown: 0 },
        ..format(Lang::Es)
    };
    assert_eq!(chile.money(12_000), "$\u{a0}12.000");
}

#[test]
fn quantities_and_rates_read_as_in_the_shop() {
    let shop = format(Lang::Es);
    assert_eq!(shop.quantity(184_000), "184");
    assert_eq!(shop.quantity(755), "0,755");
    assert_eq!(shop.quantity(-2_000), "−\u{a0}2");
    assert_eq!(shop.weight(18_400, "kg"), "18,400\u{a0}kg");
    assert_eq!(shop.percent(190_000), "19\u{a0}%");
    assert_eq!(shop.percent(47_500), "4,75\u{a0}%");
    assert_eq!(shop.percent(0), "0\u{a0}%");
    assert_eq!(shop.percent_e6(10_000_000), "10\u{a0}%");
    assert_eq!(shop.percent_e6(333_333), "0,333333\u{a0}%");
    assert_eq!(format(Lang::En).percent(190_000), "19%");
    assert_eq!(shop.count(1_248), "1.248");
}

#[test]
fn an_instant_is_said_as_people_say_it_in_the_shops_zone() {
    let table = [
        (NOW_US, "hoy 14:05", "today 14:05", "hoje 14:05"),
        (NOW_US - 14 * HOUR_US, "hoy 00:05", "today 00:05", "hoje 00:05"),
        (NOW_US - 15 * HOUR_US, "ayer 23:05", "yesterday 23:05", "ontem 23:05"),
        (NOW_US + 10 * HOUR_US, "mañana 00:05", "tomorrow 00:05", "amanhã 00:05"),
        (NOW_US - 72 * HOUR_US, "22 nov, 14:05", "22 Nov, 14:05", "22 nov, 14:05"),
        (NOW_US - 8_760 * HOUR_US, "25 nov 2025, 14:05", "25 Nov 2025, 14:05", "25 nov 2025, 14:05"),
    ];
    for (instant, es, en, pt) in table {
        assert_eq!(format(Lang::Es).when(instant), es);
        assert_eq!(format(Lang::En).when(instant), en);
        assert_eq!(format(Lang::Pt).when(instant), pt);
    }
    assert_eq!(format(Lang::Es).exact(NOW_US), "2026-11-25 14:05:09 -05:00");
    assert_eq!(format(Lang::Es).machine(NOW_US), "2026-11-25T19:05:09Z");
    assert_eq!(format(Lang::Es).when(i64::MAX), "sin dato");
}

#[test]
fn business_dates_are_said_long_short_and_on_an_axis() {
    let shop = format(Lang::Es);
    assert_eq!(shop.date(20_261_125), "hoy");
    assert_eq!(shop.date(20_261_118), "18 nov");
    assert_eq!(shop.date(20_261_399), "sin dato");
    assert_eq!(shop.date_long(20_261_124), "martes 24 de noviembre");
    assert_eq!(format(Lang::En).date_long(20_261_124), "Tuesday, 24 November");
    assert_eq!(format(Lang::Pt).date_long(20_261_124), "terça-feira, 24 de novembro");
    assert_eq!(shop.date_axis(20_261_118), "mié 18");
    assert_eq!(shop.date_field(20_261_118), "2026-11-18");
}
