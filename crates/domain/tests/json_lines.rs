//! The readers of JSON lines: what is refused, and that nothing makes them fall.

use domain::{cost_json, quote_json};
use proptest::prelude::*;

const LINE: &str = r#"{"quantity":"1","unit_price":"10.00"}"#;
const NOT_A_CART: &str = r#"{"error":"invalid_cart","where":"line"}"#;

#[test]
fn a_line_that_is_not_a_cart_is_refused_as_such() {
    let whole = format!(r#"{{"exponent":2,"prices_include_tax":true,"cash_step":0,"lines":[{LINE}]}}"#);
    assert!(quote_json::answer_line(&whole).contains(r#""total":1000"#));
    let changes = [
        (r#""exponent":2"#, r#""exponent":2.0"#),
        (r#""exponent":2"#, r#""exponent":-0"#),
        (r#""exponent":2"#, r#""exponent":5"#),
        (r#""exponent":2"#, r#""exponent":2,"exponent":2"#),
        (r#""exponent":2,"#, ""),
        (r#""exponent":2"#, r#""exponent":2,"other":1"#),
        ("true", r#""true""#),
        (r#""cash_step":0"#, r#""cash_step":-1"#),
        (r#""quantity":"1""#, r#""quantity":1"#),
        (r#""quantity":"1","#, ""),
        ("10.00\"", "10.00\",\"taxes\":null"),
        ("10.00\"", "10.00\",\"discount\":{\"percent\":5}"),
        ("{\"exponent", "{\"name\":\"\\ud800\",\"exponent"),
        ("{\"exponent", "\u{feff}{\"exponent"),
    ];
    for (from, to) in changes {
        let changed = whole.replacen(from, to, 1);
        assert_ne!(changed, whole, "{from}");
        assert_eq!(quote_json::answer_line(&changed), NOT_A_CART, "{changed}");
    }
    for text in ["", "null", "[]", "{}", "[2,true,0,[]]", "nonsense"] {
        assert_eq!(quote_json::answer_line(text), NOT_A_CART, "{text}");
    }
    assert_eq!(quote_json::answer_bytes(b"\xff"), NOT_A_CART);
    assert_eq!(quote_json::answer_line(&"[".repeat(100_000)), NOT_A_CART);
}

#[test]
fn a_history_is_refused_at_the_move_that_is_wrong() {
    let cases = [
        ("nonsense", "invalid_history", "line"),
        (r#"{"moves":{}}"#, "invalid_history", "line"),
        (r#"{"moves":[{"kind":"gift"}]}"#, "invalid_history", "line"),
        (r#"{"moves":[{"kind":"sale","id":"a","quantity":1.5}]}"#, "invalid_history", "line"),
        (r#"{"moves":[{"kind":"sale","id":"a","quantity":0}]}"#, "invalid_quantity", "moves[0]"),
        (r#"{"moves":[{"kind":"refund","of":"a","quantity":1}]}"#, "unknown_sale", "moves[0]"),
        (
            r#"{"moves":[{"kind":"sale","id":"a","quantity":1},{"kind":"sale","id":"a","quantity":1}]}"#,
            "repeated_sale",
            "moves[1]",
        ),
        (
            r#"{"moves":[{"kind":"sale","id":"a","quantity":1},{"kind":"refund","of":"a","quantity":2}]}"#,
            "invalid_refund",
            "moves[1]",
        ),
        (r#"{"moves":[{"kind":"purchase","quantity":1,"value":-1}]}"#, "invalid_value", "moves[0]"),
    ];
    for (text, error, place) in cases {
        let expected = format!(r#"{{"error":"{error}","where":"{place}"}}"#);
        assert_eq!(cost_json::answer_line(text), expected, "{text}");
    }
    assert_eq!(cost_json::answer_line(r#"{"moves":[]}"#), "[]");
}

proptest! {
    #[test]
    fn no_bytes_make_a_reader_fall(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert_eq!(quote_json::answer_bytes(&bytes), NOT_A_CART);
        let _ = cost_json::answer_bytes(&bytes);
    }

    #[test]
    fn no_spoiled_fixture_makes_a_reader_fall(pick in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let both = concat!(include_str!("../../../fixtures/quotes.ndjson"), include_str!("../../../fixtures/costs.ndjson"));
        let lines: Vec<&str> = both.lines().collect();
        let (input, _) = pick.get(&lines).split_once(",\"expect\":").unwrap();
        let mut bytes = input.split_once(':').unwrap().1.as_bytes().to_vec();
        let position = at.index(bytes.len());
        bytes[position] = byte;
        prop_assert!(!quote_json::answer_bytes(&bytes).contains('\n'));
        prop_assert!(!cost_json::answer_bytes(&bytes).contains('\n'));
    }

    #[test]
    fn no_numbers_make_a_history_fall(quantities in prop::collection::vec(any::<i64>(), 1..8), values in prop::collection::vec(any::<i64>(), 8)) {
        let moves: Vec<String> = quantities.iter().zip(values).enumerate().map(|(index, (quantity, value))| match index % 3 {
            0 => format!(r#"{{"kind":"purchase","quantity":{},"value":{}}}"#, quantity.saturating_abs(), value.saturating_abs()),
            1 => format!(r#"{{"kind":"sale","id":"s{index}","quantity":{}}}"#, quantity.saturating_abs()),
            _ => format!(r#"{{"kind":"correction","line_quantity":{},"difference":{value}}}"#, quantity.saturating_abs()),
        }).collect();
        let _ = cost_json::answer_line(&format!(r#"{{"moves":[{}]}}"#, moves.join(",")));
    }
}
