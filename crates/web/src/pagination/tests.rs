//! A list of 60 numbers, walked forwards, back, and by number.

use super::{At, Count, Cursor, Key, NUMBER_MAX, Order, PageRequest, Pages};
use crate::page::tests::page;
use crate::query::Query;

const ORDER: Order = Order { column: "nombre", descending: false };

/// Answers a query over 1..=60 as a feature's statement would, 25 a page.
fn list(query: &str) -> (Vec<i64>, Pages) {
    let query = Query::parse(Some(query.trim_start_matches('?'))).unwrap();
    let request = PageRequest::read(&query, ORDER).unwrap();
    let limit = usize::try_from(request.limit()).unwrap();
    let place = |keys: &[Key]| match keys {
        [Key::Int(n)] => *n,
        other => panic!("{other:?}"),
    };
    let rows: Vec<i64> = match &request.at {
        At::Offset(rows) => (1..=60).skip(usize::try_from(*rows).unwrap()).take(limit).collect(),
        At::After(keys) => (place(keys) + 1..=60).take(limit).collect(),
        At::Before(keys) => (1..place(keys)).rev().take(limit).collect(),
    };
    Pages::of(&request, rows, Count::Exactly(60), &query, |n| vec![Key::Int(*n)])
}

#[test]
fn links_walk_forwards_and_back_over_the_same_pages() {
    let (first, pages) = list("q=x");
    assert_eq!((first[0], first.len(), pages.number), (1, 25, 1));
    assert_eq!(pages.previous_href(), None);
    let (second, pages) = list(pages.next_href().unwrap());
    assert_eq!((second[0], second.len(), pages.number), (26, 25, 2));
    assert_eq!(pages.previous_href(), Some("?q=x"));
    let (third, pages) = list(pages.next_href().unwrap());
    assert_eq!((third[0], third.len(), pages.number), (51, 10, 3));
    assert_eq!(pages.next_href(), None);
    let (back, pages) = list(pages.previous_href().unwrap());
    assert_eq!((back[0], back[24], pages.number), (26, 50, 2));
    assert!(pages.next_href().is_some());
}

#[test]
fn pages_by_number_end_at_two_hundred() {
    assert_eq!(list("page=3").0[0], 51);
    for bad in ["0", "-1", "x", "201", "99999999999999999999"] {
        let query = Query::parse(Some(&format!("page={bad}"))).unwrap();
        assert!(PageRequest::read(&query, ORDER).is_err(), "{bad}");
    }
    assert_eq!(NUMBER_MAX, 200);
}

#[test]
fn a_cursor_of_another_order_or_a_broken_one_starts_from_the_beginning() {
    let cursor =
        Cursor { backwards: false, number: 2, keys: vec![Key::Int(25), Key::Text("ñ".into()), Key::Id([7; 16])] };
    let text = cursor.encode(ORDER);
    assert_eq!(Cursor::decode(&text, ORDER), Some(cursor));
    assert_eq!(Cursor::decode(&text, Order { descending: true, ..ORDER }), None);
    for cut in 0..text.len() {
        // Cutting between keys leaves fewer keys; anywhere else it is no cursor.
        let _ = Cursor::decode(&text[..cut], ORDER);
    }
    assert_eq!(list("cursor=AAAA").0[0], 1);
    assert_eq!(list("cursor=%25%25").0[0], 1);
}

#[test]
fn the_foot_says_which_rows_of_how_many() {
    let (_, mut pages) = list("page=2");
    assert_eq!(pages.range(&page()), "26–50 de 60");
    pages.count = Count::AtLeast(1_000);
    assert_eq!(pages.range(&page()), "26–50 de 1.000+");
    assert_eq!(pages.num_pages(), None);
    pages.count = Count::Unknown;
    assert_eq!(pages.range(&page()), "26–50");
}

#[test]
fn page_numbers_have_gaps_and_one_page_has_none() {
    let numbers = |number, rows| {
        let (_, mut pages) = list("");
        pages.number = number;
        pages.count = Count::Exactly(rows);
        pages.numbers().into_iter().map(|n| n.map_or("…".to_owned(), |n| n.to_string())).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(numbers(1, 1_248), "1 2 3 … 50");
    assert_eq!(numbers(25, 1_248), "1 … 24 25 26 … 50");
    assert_eq!(numbers(50, 1_248), "1 … 49 50");
    assert_eq!(numbers(1, 25), "");
    assert_eq!(numbers(1, 26), "1 2");
    assert_eq!(numbers(1, 0), "");
}

#[test]
fn a_head_sorts_and_pressed_again_reverses() {
    let query = Query::parse(Some("q=x&orden=precio&page=4")).unwrap();
    let order = Order::read(&query, &["nombre", "precio"]);
    assert_eq!(order, Order { column: "precio", descending: false });
    let head = order.head(&query, "precio");
    assert_eq!((head.href(), head.aria()), ("?q=x&orden=-precio", Some("ascending")));
    let other = order.head(&query, "nombre");
    assert_eq!((other.href(), other.aria()), ("?q=x&orden=nombre", None));
    assert_eq!(Order::read(&Query::parse(Some("orden=secreto")).unwrap(), &["nombre"]).column, "nombre");
}
