//! Writes carts as JSON lines for `e2e/engines.mjs`: `generate_carts COUNT [SEED]`.
//!
//! Most carts are ones a shop could ring up; the rest are edges (limits, zeros, halves) and
//! texts that are wrong in every way the reader distinguishes. The same seed gives the same
//! carts on every machine.

use std::io::{self, Write};

fn main() -> io::Result<()> {
    let mut arguments =
        std::env::args().skip(1).map(|argument| argument.parse::<u64>().expect("COUNT and SEED are whole numbers"));
    let count = arguments.next().expect("usage: generate_carts COUNT [SEED]");
    let mut random = Random(arguments.next().unwrap_or(1));
    let mut output = io::BufWriter::new(io::stdout().lock());
    for _ in 0..count {
        let cart = write_cart(&mut random);
        let line = if random.one_in(40) { damage(&mut random, cart) } else { cart };
        // A break inside would make two lines of one.
        writeln!(output, "{}", line.replace('\n', " "))?;
    }
    output.flush()
}

/// SplitMix64 (Steele, Lea, Flood 2014): small, and the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    fn one_in(&mut self, chances: u64) -> bool {
        self.below(chances) == 0
    }

    fn pick<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        let index = self.below(choices.len() as u64);
        choices[usize::try_from(index).expect("an index below a length")]
    }

    /// A number of up to `digits_max` digits, small ones as likely as large ones.
    fn digits(&mut self, digits_max: u64) -> u64 {
        let digits = self.below(digits_max + 1);
        self.below(10_u64.pow(u32::try_from(digits).expect("at most 19 digits")))
    }
}

const WRONG_DECIMALS: [&str; 16] = [
    "", "-1", "+1", "1.", ".5", "1e3", "1,5", "٣", " 1", "1 ", "0x1", "1.00000001", "99999999999999999999",
    "999999999999999999999999", "0000000000000000000000001", "9007199254740993",
];

fn decimal(random: &mut Random, scaled: u64, decimals: u32) -> String {
    if random.one_in(400) {
        return random.pick(&WRONG_DECIMALS).to_owned();
    }
    let value = i64::try_from(scaled).expect("at most 19 digits below the limit");
    let text = if random.one_in(2) {
        domain::decimal::format(value, decimals)
    } else {
        domain::decimal::format_shortest(value, decimals)
    };
    if random.one_in(50) { format!("00{text}") } else { text }
}

fn quantity(random: &mut Random) -> String {
    let milli = match random.below(10) {
        0..=5 => (1 + random.below(20)) * 1_000,
        6..=7 => 1 + random.below(50_000),
        8 => random.digits(9),
        _ => [0, 1, 999_999_999, 1_000_000_000, 1_000_000_001][usize::try_from(random.below(5)).expect("below five")],
    };
    let milli = if milli == 0 && !random.one_in(5) { 1 } else { milli };
    decimal(random, milli, 3)
}

fn price(random: &mut Random, exponent: u32) -> String {
    let minor = match random.below(40) {
        0 => 1_000_000_000_000 - random.below(2),
        1 => 1_000_000_000_000 + random.below(2),
        2..=9 => random.below(100),
        10..=20 => random.below(2_000) * 50,
        _ => random.digits(10),
    };
    decimal(random, minor, exponent)
}

fn rate(random: &mut Random) -> String {
    match random.below(10) {
        0..=6 => random.pick(&["0", "5", "8", "10.5", "16", "18", "19", "19.00", "21", "100"]).to_owned(),
        7 => "0.0001".to_owned(),
        _ => {
            let ppm = random.below(1_000_100);
            decimal(random, ppm, 4)
        }
    }
}

fn tax_list(random: &mut Random) -> String {
    let count = [0, 1, 1, 1, 1, 2, 2, 3][usize::try_from(random.below(8)).expect("below eight")];
    let taxes: Vec<String> = (0..count)
        .map(|index| {
            let usual = ["IVA", "INC", "IEPS"][index];
            let code = match random.below(30) {
                0 => "IVA",
                1 => random.pick(&["ñ", "\\ud83d\\ude00", "\u{ffee}", "", "a\\nb\\u0001\\\"", "\u{2028}", "\u{7f}"]),
                _ => usual,
            };
            format!("{{\"code\":\"{code}\",\"rate\":\"{}\"}}", rate(random))
        })
        .collect();
    format!("[{}]", taxes.join(","))
}

fn discount(random: &mut Random, exponent: u32) -> String {
    match random.below(60) {
        0 => "{}".to_owned(),
        1 => "{\"percent\":\"5\",\"amount\":\"1\"}".to_owned(),
        2 => "{\"other\":\"5\"}".to_owned(),
        3 => "null".to_owned(),
        4..=20 => {
            let amount = random.digits(7);
            format!("{{\"amount\":\"{}\"}}", decimal(random, amount, exponent))
        }
        21..=40 => format!(
            "{{\"percent\":\"{}\"}}",
            random.pick(&["0", "5", "10", "12.5", "33.333333", "50", "99.999999", "100"])
        ),
        _ => {
            let percent = random.below(100_000_100);
            format!("{{\"percent\":\"{}\"}}", decimal(random, percent, 6))
        }
    }
}

fn write_line(random: &mut Random, exponent: u32, lists: &[String]) -> String {
    let mut members = vec![
        format!("\"quantity\":\"{}\"", quantity(random)),
        format!("\"unit_price\":\"{}\"", price(random, exponent)),
    ];
    if !random.one_in(20) {
        // Lines share a few lists, so that groups have several members.
        let index = usize::try_from(random.below(lists.len() as u64)).expect("an index below a length");
        members.push(format!("\"taxes\":{}", lists[index]));
    }
    if random.one_in(4) {
        members.push(format!("\"discount\":{}", discount(random, exponent)));
    }
    format!("{{{}}}", members.join(","))
}

fn write_cart(random: &mut Random) -> String {
    let exponent = [0, 2, 2, 2, 3, 4][usize::try_from(random.below(6)).expect("below six")];
    let lists: Vec<String> = (0..=random.below(3)).map(|_| tax_list(random)).collect();
    let line_count = match random.below(20) {
        0 => random.below(40),
        1..=5 => 1,
        _ => 1 + random.below(6),
    };
    let lines: Vec<String> = (0..line_count).map(|_| write_line(random, exponent, &lists)).collect();
    let cash_step = match random.below(20) {
        0 => random.digits(13),
        1 => 1_000_000_000_000,
        _ => [0, 0, 5, 10, 50, 100][usize::try_from(random.below(6)).expect("below six")],
    };
    let mut members = vec![
        format!("\"exponent\":{exponent}"),
        format!("\"prices_include_tax\":{}", random.one_in(2)),
        format!("\"cash_step\":{cash_step}"),
        format!("\"lines\":[{}]", lines.join(",")),
    ];
    if random.one_in(3) {
        members.push(format!("\"discount\":{}", discount(random, exponent)));
    }
    format!("{{{}}}", members.join(","))
}

/// What another value might stand as, or another text in place of a piece of the cart.
const PIECES: [(&str, &[&str]); 7] = [
    (
        "\"exponent\":",
        &[
            "\"exponent\":2,\"exponent\":", "\"exponent\":-", "\"exponent\":1e", "\"exponent\":9", "\"exponent\": 0",
            "\"exp\":",
        ],
    ),
    (
        "\"cash_step\":",
        &["\"cash_step\":-", "\"cash_step\":1.", "\"cash_step\":0", "\"cash_step\":99999999999999999999"],
    ),
    ("true", &["True", "1", "\"true\"", "null", "false"]),
    ("\"taxes\":[", &["\"taxes\":null,\"x\":[", "\"taxes\":[[],", "\"taxes\":[ ", "\"taxes\":[null,"]),
    (
        "\"quantity\":\"",
        &[
            "\"quantity\":\"1\",\"quantity\":\"",
            "\"quantity\":1,\"x\":\"",
            "\"quantity\":\"\\u0031",
            "\"quantity\":\"\\ud800",
        ],
    ),
    (
        "{",
        &[
            "[",
            "{ ",
            "{\"name\":\"\\ud83d\\ude00\",",
            "{\"name\":\"\\udc00\",",
            "{\"name\":null,",
            "\u{feff}{",
            "{\"name\":\"\t\",",
        ],
    ),
    ("}", &["]", "} ", "},", "}\r", ",}", ""]),
];

/// Spoils a cart so that it may no longer be one.
fn damage(random: &mut Random, cart: String) -> String {
    match random.below(4) {
        0 => {
            // Cut anywhere, at a character's edge.
            let at = usize::try_from(random.below(cart.len() as u64 + 1)).expect("an index in memory");
            cart.chars().take(at).collect()
        }
        1 => {
            let at = usize::try_from(random.below(cart.len() as u64)).expect("an index in memory");
            let with = random.pick(&["\"", "{", "}", "[", "]", ",", ":", "0", "-", ".", "e", "\\", " ", "\u{a0}", "x"]);
            cart.chars()
                .enumerate()
                .map(|(index, character)| if index == at { with.to_owned() } else { character.to_string() })
                .collect()
        }
        _ => {
            let (piece, others) =
                PIECES[usize::try_from(random.below(PIECES.len() as u64)).expect("an index below a length")];
            cart.replacen(piece, random.pick(others), 1)
        }
    }
}
