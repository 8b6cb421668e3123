//! The same statements through pgbench, prepared and pipelined as the product does.
//!
//! pgbench cannot hand a read value to the next statement within a pipeline, so the
//! guard on a stock item's last number compares the column with itself.

use super::sale::{self, LINES, P};
use crate::{
    cluster::Cluster,
    world::{Kind, TILLS, id},
};
use std::{
    fmt::Write,
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

/// Where pgbench is, if it is anywhere.
pub fn find(project: &Path) -> Option<PathBuf> {
    let options = crate::cluster::ClusterOptions { project: project.to_owned(), ..Default::default() };
    let beside = Cluster::binaries(&options).ok().map(|folder| folder.join("pgbench"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let places = std::env::split_paths(&path).map(|folder| folder.join("pgbench"));
    beside.into_iter().chain(places).find(|place| place.is_file())
}

/// Sells for a while and answers how many sales a second were durable.
///
/// # Errors
/// A sentence, with what pgbench said.
pub fn sales_per_second(
    program: &Path,
    url: &str,
    folder: &Path,
    (products, time): (u32, Duration),
) -> Result<i64, String> {
    let file = folder.join("sale.pgbench");
    fs::write(&file, script(products)?).map_err(|error| format!("{}: {error}", file.display()))?;
    let output = Command::new(program)
        .args(["--no-vacuum", "--protocol=prepared", "--client=64", "--jobs=1", "--time"])
        .arg(time.as_secs().max(2).to_string())
        .arg("--file")
        .arg(&file)
        .arg(url)
        .output()
        .map_err(|error| format!("pgbench does not run: {error}"))?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let rate = said.lines().find_map(|line| line.strip_prefix("tps = "));
    let rate = rate.and_then(|rate| rate.split('.').next()?.parse().ok());
    match (output.status.success(), rate) {
        (true, Some(rate)) => Ok(rate),
        _ => Err(format!("pgbench failed: {}", String::from_utf8_lossy(&output.stderr))),
    }
}

fn script(products: u32) -> Result<String, String> {
    let mut script = String::new();
    let mut line = |text: &str| {
        script.push_str(text);
        script.push('\n');
    };
    line("\\set sale random(1, 140737488355327)");
    // Each line sells from a third of its own, so that none is sold twice.
    let part = products / 3;
    for at in 0..LINES {
        let from = part * u32::try_from(at).expect("three lines");
        line(&format!("\\set p{at} {from} + random_zipfian(1, {part}, 1.05) - 1"));
    }
    line(&format!("\\set till mod(:client_id, {TILLS})"));
    line("\\startpipeline");
    line("BEGIN;");
    let mut waiting = false;
    for step in sale::steps()? {
        if waiting {
            line("\\endpipeline\n\\startpipeline");
        }
        line(&format!("{};", rendered(&step.sql.replace("{lock}", "FOR NO KEY UPDATE"), &step.params)));
        waiting = step.waits;
    }
    line("\\endpipeline\nCOMMIT;");
    Ok(script)
}

/// The statement with its parameters in place, the last ones first: `$1` stands in `$12`.
fn rendered(sql: &str, params: &[P]) -> String {
    let mut text = sql.split_whitespace().collect::<Vec<_>>().join(" ");
    for (at, param) in params.iter().enumerate().rev() {
        text = text.replace(&format!("${}", at + 1), &expression(*param));
    }
    text
}

fn expression(param: P) -> String {
    // An id whose low half is a variable, of a kind and shop.
    let made = |kind: Kind, shop: u32, variable: &str| {
        let whole = id(kind, shop, 0).to_string();
        format!("('{}' || lpad(to_hex({variable}), 12, '0'))::uuid", &whole[..24])
    };
    match param {
        P::Id(id) => format!("'{id}'::uuid"),
        P::Product(line) => made(Kind::Product, 0, &format!(":p{line}::bigint")),
        P::Register => made(Kind::Till, 0, ":till::bigint"),
        P::Device => made(Kind::Device, 0, ":till::bigint"),
        P::Session => made(Kind::Document, 900, "((:till::bigint + 1) << 32)"),
        P::Sale => made(Kind::Document, 951, ":sale::bigint"),
        P::Number => ":sale::bigint".to_owned(),
        P::Int(number) => format!("{number}::bigint"),
        P::Text(text) => format!("'{}'", text.replace('\'', "''").replace(':', "' || chr(58) || '")),
        P::Flag(flag) => flag.to_string(),
        P::Digest => {
            let mut hex = String::new();
            for _ in 0..32 {
                write!(hex, "07").expect("a String takes all that is written to it");
            }
            format!("'\\x{hex}'::bytea")
        }
        P::Null => "NULL".to_owned(),
        P::LastNumber(_) => "stock_item.last_number".to_owned(),
    }
}
