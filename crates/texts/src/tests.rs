//! What a catalogue becomes, and what it is refused for.

use std::path::PathBuf;

use crate::{generate, generate_ts};

/// A catalogue in a directory of its own, which lives as long as the first value.
fn catalogue(es: &str, en: &str, pt: &str) -> (tempfile::TempDir, PathBuf) {
    let root = tempfile::tempdir().expect("a temporary directory can be made");
    let directory = root.path().join("shelf");
    std::fs::create_dir(&directory).expect("the directory is new");
    for (language, text) in [("es", es), ("en", en), ("pt", pt)] {
        std::fs::write(directory.join(format!("{language}.toml")), text).expect("the file is new");
    }
    (root, directory)
}

fn rust_of(es: &str, en: &str, pt: &str) -> Result<String, String> {
    let (root, directory) = catalogue(es, en, pt);
    let out = root.path().join("texts.rs");
    generate(&[directory], &out)?;
    Ok(std::fs::read_to_string(out).expect("generate wrote it"))
}

#[test]
fn a_text_without_placeholders_is_a_constant_function() {
    let made = rust_of("save = 'Guardar'", "save = 'Save'", "save = 'Salvar'").unwrap();
    assert!(made.contains("pub const fn save(self) -> &'static str"), "{made}");
    assert!(made.contains("Lang::Pt => \"Salvar\""), "{made}");
}

#[test]
fn arguments_come_in_the_order_of_the_spanish_text() {
    let made = rust_of(
        "[sale]\nline = '{name} a {price}'",
        "[sale]\nline = '{price} for {name}'",
        "[sale]\nline = '{name} por {price}'",
    )
    .unwrap();
    assert!(
        made.contains("sale_line(self, name: impl ::std::fmt::Display, price: impl ::std::fmt::Display)"),
        "{made}"
    );
}

#[test]
fn a_plural_takes_its_number_first_and_may_spell_one_out() {
    let es = "left.one = 'Queda una de {name}'\nleft.other = 'Quedan {n} de {name}'";
    let en = "left.one = 'One {name} left'\nleft.other = '{n} {name} left'";
    let made = rust_of(es, en, es).unwrap();
    assert!(made.contains("left(self, n: i64, name: impl ::std::fmt::Display)"), "{made}");
    assert!(made.contains("if n == 1 { format!(\"One {name} left\") }"), "{made}");
}

#[test]
fn a_catalogue_that_does_not_agree_fails_and_names_file_and_key() {
    let table = [
        ("a missing key", "save = 'x'\nkeep = 'x'", "save = 'x'", "save = 'x'\nkeep = 'x'", "en.toml: keep is missing"),
        ("an extra key", "save = 'x'", "save = 'x'", "save = 'x'\nmore = 'x'", "es.toml: more is missing"),
        (
            "another placeholder", "hi = 'Hola {name}'", "hi = 'Hi {name}'", "hi = 'Oi {nome}'",
            "pt.toml: hi names {nome}",
        ),
        ("a dropped placeholder", "hi = 'Hola {name}'", "hi = 'Hi'", "hi = 'Oi {name}'", "en.toml: hi names"),
        ("an empty text", "hi = 'Hola'", "hi = ' '", "hi = 'Oi'", "en.toml: hi is empty"),
        (
            "half a plural", "n.one = 'x'\nn.other = 'y'", "n.other = 'y'", "n.one = 'x'\nn.other = 'y'",
            "en.toml: n is a plural",
        ),
        (
            "a plural of one language",
            "n.one = 'x'\nn.other = 'y'",
            "n = 'y'",
            "n = 'y'",
            "en.toml: n is a plural in one",
        ),
        ("a lonely brace", "hi = 'a } b'", "hi = 'a'", "hi = 'a'", "es.toml: hi has a lonely"),
        ("a word of Rust", "type = 'a'", "type = 'a'", "type = 'a'", "es.toml: type is not"),
        ("broken TOML", "hi = ", "hi = 'a'", "hi = 'a'", "es.toml: TOML parse error"),
    ];
    for (case, es, en, pt, expected) in table {
        let problem = rust_of(es, en, pt).expect_err(case);
        assert!(problem.contains(expected), "{case}: {problem}");
    }
}

#[test]
fn the_till_gets_the_same_catalogue_with_typed_keys() {
    let es = "charge = 'Cobrar {amount}'\ncash = 'Vale `${uno}`'\nleft.one = '{n} línea'\nleft.other = '{n} líneas'";
    let (root, directory) =
        catalogue(&es.replace("${uno}", "$"), &es.replace("${uno}", "$"), &es.replace("${uno}", "$"));
    let out = root.path().join("gen");
    generate_ts(&directory, &out).unwrap();
    let interface = std::fs::read_to_string(out.join("texts.ts")).unwrap();
    assert!(interface.contains("readonly charge: (amount: string) => string;"), "{interface}");
    assert!(interface.contains("readonly left: (n: number) => string;"), "{interface}");
    let spanish = std::fs::read_to_string(out.join("es.ts")).unwrap();
    assert!(spanish.contains("charge: (amount: string) => `Cobrar ${amount}`,"), "{spanish}");
    assert!(spanish.contains("cash: `Vale \\`$\\``,"), "{spanish}");
    assert!(spanish.contains("n === 1 ? `${n} línea` : `${n} líneas`"), "{spanish}");
}
