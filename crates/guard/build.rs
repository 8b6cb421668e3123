//! Turns the word lists into one sorted table of 40-bit fingerprints.

use std::path::Path;
use std::{env, fs};

#[path = "src/fingerprint.rs"]
mod fingerprint;

const LISTS: [&str; 4] = ["seclists-100k.txt", "django.txt", "zxcvbn-ts.txt", "zxcvbn-ts-es.txt"];

fn main() {
    println!("cargo::rerun-if-changed=wordlists");
    println!("cargo::rerun-if-changed=src/fingerprint.rs");
    let mut prints = Vec::new();
    for list in LISTS {
        let text = fs::read_to_string(Path::new("wordlists").join(list))
            .unwrap_or_else(|problem| panic!("wordlists/{list}: {problem}"));
        prints.extend(text.lines().map(|word| fingerprint::fingerprint(word.chars())));
    }
    prints.sort_unstable();
    prints.dedup();
    let table: Vec<u8> = prints.iter().flat_map(|print| print.to_be_bytes()[3..].to_vec()).collect();
    let target = Path::new(&env::var_os("OUT_DIR").expect("cargo sets it")).join("common.bin");
    fs::write(&target, table).expect("the build folder can be written");
}
