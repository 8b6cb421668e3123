//! From figures to what the page says: words, bars, rankings. Pure.

use super::{
    figures::{ByStep, CategorySum, Sums, TopProduct},
    period::{Kind, Period, Step},
};
use crate::texts::dashboard::Texts;
use domain::{business_date::BusinessDate, rounding::divide_half_away};
use web::{
    Format, PageContext,
    chart::{Bar, BarChart, HeatMap},
    page::Link,
};

/// Weeks that the heat map sums up.
pub const HEAT_WEEKS: i64 = 8;
/// Hours shown where nothing was ever sold.
const HOURS_OF_AN_EMPTY_SHOP: std::ops::RangeInclusive<usize> = 8..=20;
/// Categories shown before the rest is one bar.
const CATEGORIES_SHOWN: usize = 5;

/// How a figure compares with an earlier one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// `12 % más`.
    pub label: String,
    /// Whether it rose.
    pub up: bool,
    /// `ok` for better, `bad` for worse.
    pub tone: &'static str,
}

impl Change {
    /// Compares; nothing to compare with, or nothing changed, says nothing.
    pub fn of(now_minor: i64, before_minor: i64, t: Texts, format: &Format) -> Option<Self> {
        if before_minor <= 0 || now_minor == before_minor {
            return None;
        }
        let apart = i128::from(now_minor) - i128::from(before_minor);
        // A tenth of a percent is as exact as a sentence should be.
        let tenths = divide_half_away(apart.abs() * 1_000, i128::from(before_minor));
        let share = format.percent(i64::try_from(tenths * 1_000).ok()?);
        let up = apart > 0;
        let label = if up { t.change_more(share) } else { t.change_less(share) };
        Some(Self { label, up, tone: if up { "ok" } else { "bad" } })
    }
}

/// How much of a hundred one amount is of another, rounded; none where that says nothing.
pub fn of_a_hundred(part_minor: i64, whole_minor: i64) -> Option<i64> {
    if whole_minor <= 0 || part_minor < 0 {
        return None;
    }
    i64::try_from(divide_half_away(i128::from(part_minor) * 100, i128::from(whole_minor))).ok()
}

/// A bar of a ranking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ranked {
    /// Where its rows are; empty has none of its own.
    pub href: String,
    /// What it is.
    pub name: String,
    /// Beside the name: units, or a share.
    pub aside: String,
    /// Its amount.
    pub total_minor: i64,
    /// Its length, of 100, as SVG writes it.
    pub width: String,
    /// Whether it holds what has no bar of its own.
    pub is_rest: bool,
}

/// The top products with their bars.
pub fn ranked_products(top: &[TopProduct], period: &Period, t: Texts, format: &Format) -> Vec<Ranked> {
    let most = top.first().map_or(0, |product| product.total_minor);
    top.iter()
        .map(|product| Ranked {
            href: format!("/dashboard/filas/lineas/?producto={}&{}", product.id, period.query()),
            name: product.name.clone(),
            aside: quantity(product.quantity_milli, &product.unit, t, format),
            total_minor: product.total_minor,
            width: width(product.total_minor, most),
            is_rest: false,
        })
        .collect()
}

/// The categories with their bars; the smaller ones are one.
pub fn ranked_categories(sums: &[CategorySum], period: &Period, t: Texts, format: &Format) -> Vec<Ranked> {
    // One that is left over keeps its name.
    let shown = if sums.len() <= CATEGORIES_SHOWN + 1 { sums.len() } else { CATEGORIES_SHOWN };
    categories_with_bars(sums, shown, period, (t, format))
}

/// All categories with their bars.
pub fn all_categories(sums: &[CategorySum], period: &Period, t: Texts, format: &Format) -> Vec<Ranked> {
    categories_with_bars(sums, sums.len(), period, (t, format))
}

fn categories_with_bars(
    sums: &[CategorySum],
    shown: usize,
    period: &Period,
    (t, format): (Texts, &Format),
) -> Vec<Ranked> {
    let whole: i64 = sums.iter().map(|sum| sum.total_minor).sum();
    let share = |minor: i64| of_a_hundred(minor, whole).map(|n| format.percent(n * 10_000)).unwrap_or_default();
    let (first, rest) = sums.split_at(shown);
    let rest_minor: i64 = rest.iter().map(|sum| sum.total_minor).sum();
    let most = first.iter().map(|sum| sum.total_minor).chain([rest_minor]).max().unwrap_or(0);
    let mut ranked: Vec<Ranked> = first
        .iter()
        .map(|sum| {
            let id = sum.id.map_or_else(|| "ninguna".to_owned(), |id| id.to_string());
            Ranked {
                href: format!("/dashboard/filas/productos/?categoria={id}&{}", period.query()),
                name: sum.name.clone().unwrap_or_else(|| t.without_category().to_owned()),
                aside: share(sum.total_minor),
                total_minor: sum.total_minor,
                width: width(sum.total_minor, most),
                is_rest: false,
            }
        })
        .collect();
    if !rest.is_empty() {
        ranked.push(Ranked {
            href: format!("/dashboard/filas/productos/?por=categoria&{}", period.query()),
            name: t.other_categories(i64::try_from(rest.len()).unwrap_or(i64::MAX)),
            aside: share(rest_minor),
            total_minor: rest_minor,
            width: width(rest_minor, most),
            is_rest: true,
        });
    }
    ranked
}

/// The length of a bar of 100, to a tenth.
fn width(minor: i64, most_minor: i64) -> String {
    if most_minor <= 0 || minor <= 0 {
        return "0".to_owned();
    }
    let tenths = divide_half_away(i128::from(minor) * 1_000, i128::from(most_minor));
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// Units sold: `61 unidades`, `58,340 kg`.
pub fn quantity(milli: i64, unit: &str, t: Texts, format: &Format) -> String {
    if unit == "unidad" {
        let figure = format.quantity(milli);
        return if milli == 1_000 { t.unit_one(figure) } else { t.unit_many(figure) };
    }
    format.weight(milli, unit)
}

/// The bars of a period against the ones of the period before.
pub fn bar_chart(period: &Period, now: &ByStep, before: &ByStep, t: Texts, format: &Format) -> BarChart {
    let last = period.last_shown();
    let sold = |sums: &ByStep, key: i64| sums.get(&key).map_or(0, Sums::sold_minor);
    let bars = match period.step() {
        Step::Day => {
            let befores = period.before_first.days_to(BusinessDate::max(period.before_last, period.before_first));
            let befores: Vec<BusinessDate> = befores.collect();
            let bar = |(index, day): (usize, BusinessDate)| Bar {
                label: if day == period.today { t.today().to_owned() } else { format.date_axis(day.as_i64()) },
                label_short: match (period.kind, day == period.today) {
                    (_, true) => t.today().to_owned(),
                    (Kind::Week, false) => format.weekday(usize::try_from(day.weekday() - 1).unwrap_or(0)).to_owned(),
                    _ => day.day().to_string(),
                },
                now_minor: sold(now, day.as_i64()),
                before_minor: befores.get(index).map(|day| sold(before, day.as_i64())),
                is_today: day == period.today,
            };
            period.first.days_to(last).enumerate().map(bar).collect()
        }
        Step::Month => {
            let bar = |first: BusinessDate| {
                let key = first.month_key();
                // Only a year lies month by month beside the one before, if there was one.
                let is_beside = period.kind == Kind::Year && !before.is_empty();
                let earlier = first.plus_months(-12).ok().filter(|_| is_beside);
                Bar {
                    label: match period.kind {
                        Kind::Year => format.month_short(key).to_owned(),
                        _ => format!("{} {:02}", format.month_short(key), first.year() % 100),
                    },
                    label_short: format.month_short(key).to_owned(),
                    now_minor: sold(now, key),
                    before_minor: earlier.map(|first| sold(before, first.month_key())),
                    is_today: key == period.today.month_key(),
                }
            };
            months(period.first, last).map(bar).collect()
        }
    };
    BarChart { title: t.chart_title(heading(period, t, format)), bars, note: t.chart_note().to_owned() }
}

fn months(first: BusinessDate, last: BusinessDate) -> impl Iterator<Item = BusinessDate> {
    let next = |month: &BusinessDate| month.plus_months(1).ok();
    std::iter::successors(Some(first.month_start()), next).take_while(move |month| *month <= last)
}

/// The period's name.
pub fn heading(period: &Period, t: Texts, format: &Format) -> String {
    match period.kind {
        Kind::Week => t.last_seven_days().to_owned(),
        Kind::Month if period.first == period.today.month_start() => t.this_month().to_owned(),
        Kind::Month => format.month(period.first.month_key()),
        Kind::Year => t.this_year().to_owned(),
        Kind::Range if period.first == period.last => format.date(period.first.as_i64()),
        Kind::Range => t.from_to(format.date(period.first.as_i64()), format.date(period.last.as_i64())),
    }
}

/// What it is compared with: "que los 7 anteriores".
pub fn compared_with(period: &Period, t: Texts) -> String {
    match period.kind {
        Kind::Week => t.than_seven_days().to_owned(),
        Kind::Month if period.first == period.today.month_start() => t.than_last_month().to_owned(),
        Kind::Month => t.than_month_before().to_owned(),
        Kind::Year => t.than_last_year().to_owned(),
        Kind::Range => {
            let days = period.first.days_to(period.last).count();
            t.than_days_before(i64::try_from(days).unwrap_or(i64::MAX))
        }
    }
}

/// The ways to another period.
pub fn segments(period: &Period, t: Texts) -> Vec<Link> {
    let is_this_month = period.kind == Kind::Month && period.first == period.today.month_start();
    [
        ("?periodo=7d", t.seven_days(), period.kind == Kind::Week),
        ("?periodo=mes", t.this_month(), is_this_month),
        ("?periodo=anio", t.year(), period.kind == Kind::Year),
    ]
    .into_iter()
    .map(|(href, label, current)| Link {
        href: format!("/dashboard/{href}"),
        label: label.to_owned(),
        current,
        count: String::new(),
    })
    .collect()
}

/// The heat map of the hours in which something was sold, and a sentence about its peak.
pub fn heat_map(cells: &[[i64; 24]; 7], t: Texts, page: &PageContext) -> (HeatMap, String) {
    let sells = |hour: &usize| cells.iter().any(|day| day[*hour] != 0);
    let first = (0..24).find(sells).unwrap_or(*HOURS_OF_AN_EMPTY_SHOP.start());
    let last = (0..24).rfind(sells).unwrap_or(*HOURS_OF_AN_EMPTY_SHOP.end());
    let rows = cells.iter().map(|day| day[first..=last].to_vec()).collect();
    let places = (0..7).flat_map(|day| (0..24).map(move |hour| (day, hour)));
    let peak = places.max_by_key(|(day, hour)| (cells[*day][*hour], std::cmp::Reverse((*day, *hour))));
    let caption = match peak {
        Some((day, hour)) if cells[day][hour] > 0 => t.heat_peak(
            page.format.weekday(day),
            hour.to_string(),
            (hour + 1).to_string(),
            page.format.money(cells[day][hour]),
        ),
        _ => t.heat_empty().to_owned(),
    };
    (HeatMap { title: format!("{}. {caption}", t.heat_title()), first_hour: first, rows }, caption)
}
