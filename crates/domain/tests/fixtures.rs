//! The shared fixtures, byte for byte: what both engines must answer.

use domain::{cost_json, quote_json};

/// The fixtures keep input and answer in one line, `{"<input>":…,"<answer>":…}`; the
/// answer is compared as text, so that the order of members counts as well.
fn split<'a>(line: &'a str, input: &str) -> (&'a str, &'a str) {
    let body =
        line.strip_prefix(&format!("{{\"{input}\":")).and_then(|rest| rest.strip_suffix('}')).expect("a fixture line");
    body.split_once(",\"expect\":").expect("a fixture has an answer")
}

#[test]
fn every_quote_fixture_is_answered_to_the_byte() {
    let fixtures = include_str!("../../../fixtures/quotes.ndjson");
    assert_eq!(fixtures.lines().count(), 200);
    for line in fixtures.lines() {
        let (cart, expected) = split(line, "cart");
        assert_eq!(quote_json::answer_line(cart), expected, "{cart}");
    }
}

#[test]
fn every_cost_fixture_is_answered_to_the_byte() {
    let fixtures = include_str!("../../../fixtures/costs.ndjson");
    assert_eq!(fixtures.lines().count(), 60);
    for line in fixtures.lines() {
        let (history, expected) = split(line, "case");
        assert_eq!(cost_json::answer_line(history), expected, "{history}");
    }
}
