//! The commands as an operator meets them: what goes in, what comes out, exit codes.

use std::{
    io::Write,
    path::Path,
    process::{Command, Output, Stdio},
};

/// A password that keeps the rules.
const GOOD: &str = "lluvia sobre tejados\n";

fn run(folder: &Path, arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_inventario"))
        .args(arguments)
        .env_clear()
        .env("DEBUG", "True")
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary is built");
    // A command that refuses its flags reads nothing, and the pipe is then closed.
    let _ = child.stdin.take().expect("it was piped").write_all(input.as_bytes());
    child.wait_with_output().expect("the command ends")
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("the system gives a folder")
}

#[test]
fn a_new_installation_gets_its_schema_and_its_people_by_commands_alone() {
    let folder = folder();
    let person = |name: &'static str| ["--username", name, "--password-stdin"];
    let steps: [(&str, Vec<&str>, &str, i32, &str); 13] = [
        ("migrate", vec!["--check"], "", 1, "missing: 1, 2"),
        ("mailbox", vec![], "", 1, "inventario migrate"),
        ("migrate", vec![], "", 0, "applied: 1, 2"),
        ("migrate", vec!["--check"], "", 0, "up to date"),
        ("mailbox", vec!["--json"], "", 0, ""),
        ("createsuperuser", person("raiz").to_vec(), GOOD, 0, "raiz"),
        ("createsuperuser", person("Raiz").to_vec(), GOOD, 1, "--username"),
        ("createshop", [&["--name", "La Esquina"][..], &person("marta")].concat(), "12345678\n", 1, "password"),
        ("createshop", [&["--name", "La Esquina"][..], &person("marta")].concat(), GOOD, 0, "-"),
        (
            "createmember",
            [&["--shop", "La Esquina", "--role", "vendedor"][..], &person("yuliana")].concat(),
            GOOD,
            0,
            "yuliana",
        ),
        ("createmember", [&["--shop", "Otra", "--role", "admin"][..], &person("ana")].concat(), GOOD, 1, "--shop"),
        ("changepassword", person("yuliana").to_vec(), "tejados bajo lluvia\n", 0, "yuliana"),
        ("changepassword", person("nadie").to_vec(), GOOD, 1, "--username"),
    ];
    for (command, more, input, code, said) in steps {
        let arguments = [&[command][..], &more].concat();
        let output = run(folder.path(), &arguments, input);
        let words = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {words}");
        assert!(words.contains(said), "{arguments:?}: {words}");
        assert!(!words.contains(GOOD.trim_end()), "{arguments:?} repeats the password");
    }
}

#[test]
fn a_command_called_wrongly_exits_with_two() {
    let folder = folder();
    for arguments in [
        &["createmember", "--username", "x"][..],
        &["createmember", "--shop", "x", "--role", "dueño", "--username", "x"],
        &["changepassword", "--password-stdin"],
        &["mailbox", "--count", "0"],
        &["demo", "--bind", "nowhere"],
        &["no-such-command"],
    ] {
        assert_eq!(run(folder.path(), arguments, "").status.code(), Some(2), "{arguments:?}");
    }
}

#[test]
fn a_password_is_asked_for_on_standard_input_only() {
    let output = run(folder().path(), &["createsuperuser", "--username", "raiz"], GOOD);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("--password-stdin"));
}

#[test]
fn what_would_listen_unencrypted_is_refused() {
    for tls in ["files", "acme", "local"] {
        let output = run(folder().path(), &["serve", "--bind", "127.0.0.1:0", "--tls", tls], "");
        let words = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{tls}: {words}");
        assert!(words.contains("TLS=off"), "{tls}: {words}");
    }
}

#[test]
fn routes_are_listed_with_who_may_call_them() {
    let output = run(folder().path(), &["routes", "--json"], "");
    let list: serde_json::Value = serde_json::from_slice(&output.stdout).expect("it is JSON");
    let home = serde_json::json!({ "method": "GET", "path": "/", "who": "anybody" });
    assert!(list.as_array().is_some_and(|list| list.contains(&home)), "{list}");
}

#[test]
fn the_demonstration_leaves_data_alone_that_is_there() {
    let folder = folder();
    assert_eq!(run(folder.path(), &["migrate"], "").status.code(), Some(0));
    let output = run(folder.path(), &["demo", "--dir", "data", "--bind", "127.0.0.1:0"], "");
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("choose an empty folder"));
}

#[test]
fn every_command_shows_an_example() {
    let folder = folder();
    let help = run(folder.path(), &["--help"], "");
    let help = String::from_utf8_lossy(&help.stdout).into_owned();
    let commands: Vec<&str> = help
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.split_whitespace().next())
        .filter(|command| *command != "help")
        .collect();
    assert!(commands.len() >= 14, "{commands:?}");
    for command in commands {
        let output = run(folder.path(), &[command, "--help"], "");
        assert!(String::from_utf8_lossy(&output.stdout).contains("inventario "), "{command}");
        assert!(String::from_utf8_lossy(&output.stdout).contains("Example"), "{command}");
    }
}
