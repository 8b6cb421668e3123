//! Drawings are checked by what a reader needs of them: bars, rules, words, no holes.

use super::scale::{Scale, Unit};
use super::{Bar, BarChart, HeatMap, px};
use crate::page::tests::page;

fn chart(values: &[(i64, Option<i64>)]) -> BarChart {
    let bars = values.iter().enumerate().map(|(index, (now, before))| Bar {
        label: format!("día {index}"),
        label_short: format!("{index}"),
        now_minor: *now,
        before_minor: *before,
        is_today: index + 1 == values.len(),
    });
    BarChart { title: "Ventas <por> día".to_owned(), bars: bars.collect(), note: "la raya, antes".to_owned() }
}

#[test]
fn steps_are_round_and_few() {
    for high in [1, 3, 9, 10, 99, 128, 4_999, 210_490_000, i64::MAX / 4] {
        let scale = Scale::holding([0, high].into_iter());
        let steps = scale.steps().count();
        assert!((1..=5).contains(&steps), "{high}: {steps} of {}", scale.step);
        let digits = scale.step.to_string();
        assert!(matches!(digits.trim_end_matches('0'), "1" | "2" | "5"), "{digits}");
    }
}

#[test]
fn a_bar_begins_at_zero_and_a_loss_hangs_below_it() {
    let scale = Scale::holding([-50, 100].into_iter());
    assert_eq!(scale.height(-50, 1_500), 0);
    assert_eq!(scale.height(0, 1_500), 500);
    assert_eq!(scale.height(100, 1_500), 1_500);
    assert_eq!(Scale::holding([70, 100].into_iter()).height(0, 1_000), 0);
}

#[test]
fn figures_are_short_and_say_their_unit() {
    let format = page().format;
    assert_eq!(Unit::Millions.figure(141_230_000, &format), "1,41");
    assert_eq!(Unit::Millions.axis(200_000_000, &format), "2\u{a0}millones");
    assert_eq!(Unit::Millions.axis(100_000_000, &format), "1\u{a0}millón");
    assert_eq!(Unit::Millions.axis(150_000_000, &format), "1,5\u{a0}millones");
    assert_eq!(Unit::Thousands.axis(5_000_000, &format), "50\u{a0}miles");
    assert_eq!(Unit::Ones.axis(95_000, &format), "950");
    assert_eq!(Unit::Thousands.figure(-1_250_000, &format), "−\u{a0}12,5");
}

#[test]
fn every_bar_has_its_rule_and_its_words_are_escaped() {
    let format = page().format;
    let svg = chart(&[(141_230_000, Some(129_850_000)), (0, None), (128_460_000, Some(119_870_000))])
        .wide(&format)
        .to_string();
    assert_eq!(svg.matches("class=\"now\"").count(), 2);
    assert_eq!(svg.matches("class=\"today\"").count(), 1);
    assert_eq!(svg.matches("class=\"before\"").count(), 2);
    assert!(svg.contains("aria-label=\"Ventas &lt;por&gt; día\""));
    assert!(!svg.contains("style="));
}

#[test]
fn a_long_period_labels_some_bars_and_always_the_newest() {
    let format = page().format;
    let values: Vec<_> = (1..=31).map(|n| (n * 1_000_000, None)).collect();
    let svg = chart(&values).narrow(&format).to_string();
    assert!(svg.contains(">30</text>"), "{svg}");
    assert!(svg.matches("class=\"strong\"").count() <= 3);
    assert!(svg.matches("text-anchor=\"middle\"").count() < 14);
}

#[test]
fn an_empty_period_is_drawn_too() {
    let format = page().format;
    assert!(chart(&[]).wide(&format).to_string().ends_with("</svg>"));
    assert!(chart(&[(0, Some(0))]).wide(&format).to_string().contains("class=\"base\""));
}

#[test]
fn the_heat_map_marks_one_peak() {
    let map = HeatMap { title: "Horas".to_owned(), first_hour: 7, rows: vec![vec![0, 5, 9]; 7] };
    let svg = map.wide(&page().format).to_string();
    assert_eq!(svg.matches("class=\"cell\"").count(), 21);
    assert_eq!(svg.matches("class=\"peak\"").count(), 1);
    assert!(svg.contains(">lun</text>") && svg.contains(">9</text>"));
}

#[test]
fn tenths_are_written_shortly() {
    assert_eq!((px(0), px(105), px(-30), px(-5)), ("0".into(), "10.5".into(), "-3".into(), "-0.5".into()));
}
