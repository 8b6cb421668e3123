//! Sending to a server: what it hears, and what its answers mean.

use std::time::Duration;

use super::super::{MailError, Mailer};
use super::sink::{Answers, Sink};
use super::{from, message};

fn mailer(sink: &Sink, login: &str, query: &str) -> Mailer {
    Mailer::from_url(&format!("smtp://{login}127.0.0.1:{}{query}", sink.port), from()).unwrap()
}

#[tokio::test]
async fn a_server_hears_sender_recipient_and_the_whole_message() {
    let sink = Sink::start(Answers::default()).await;
    mailer(&sink, "ana:word@", "").send(&message()).await.unwrap();
    let heard = sink.heard();
    let wanted = [
        "EHLO tienda.co", // "\0ana\0word"
        "AUTH PLAIN AGFuYQB3b3Jk", "MAIL FROM:<caja@tienda.co>", "RCPT TO:<ana@example.com>", "DATA",
    ];
    let commands: Vec<&str> = heard.commands.iter().map(|line| line.trim_end()).collect();
    assert_eq!(commands[..5], wanted, "{commands:?}");
    let content = heard.content.unwrap();
    let (_, body) = content.split_once("\n\n").unwrap();
    // A line of one dot does not end the message early.
    assert_eq!(body, "Hola.\n.\nEntra en https://tienda.co/c/1");
}

#[tokio::test]
async fn only_a_definite_no_is_final() {
    let cases = [
        (Answers { recipient: Some("550 no such mailbox"), ..Answers::default() }, false, "no such mailbox"),
        (Answers { recipient: Some("450 mailbox busy"), ..Answers::default() }, true, "mailbox busy"),
        (Answers { content: Some("554 looks like junk"), ..Answers::default() }, false, "looks like junk"),
        (Answers { content: Some("421 shutting down"), ..Answers::default() }, true, "shutting down"),
        (Answers { sign_in: Some("535 wrong password"), ..Answers::default() }, true, "wrong password"),
    ];
    for (answers, retry, said) in cases {
        let sink = Sink::start(answers).await;
        let error = mailer(&sink, "ana:word@", "").send(&message()).await.unwrap_err();
        assert_eq!(error.retry, retry, "{error}");
        assert!(error.reason.contains(said), "{error}");
        assert!(!error.reason.contains("word@") && !error.reason.contains("AGFu"), "{error}");
    }
}

#[tokio::test]
async fn a_server_that_is_away_or_silent_is_tried_again() {
    let free = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("smtp://127.0.0.1:{}", free.local_addr().unwrap().port());
    drop(free);
    let error = Mailer::from_url(&url, from()).unwrap().send(&message()).await.unwrap_err();
    assert!(error.retry, "{error}");

    let sink = Sink::start(Answers { silent: true, ..Answers::default() }).await;
    let Mailer::Smtp(smtp) = mailer(&sink, "", "") else { panic!("smtp: is a server") };
    let error = smtp.with_limit(Duration::from_millis(50)).send(&message()).await.unwrap_err();
    let wanted = MailError { retry: true, reason: "the mail server took too long to answer".into() };
    assert_eq!(error, wanted);
}

#[tokio::test]
async fn a_server_that_cannot_encrypt_gets_neither_password_nor_mail() {
    let sink = Sink::start(Answers::default()).await;
    let error = mailer(&sink, "ana:word@", "?tls=required").send(&message()).await.unwrap_err();
    assert!(error.retry, "{error}");
    let heard = sink.heard();
    let said_too_much = |line: &String| line.starts_with("AUTH") || line.starts_with("MAIL");
    assert!(!heard.commands.iter().any(said_too_much), "{:?}", heard.commands);
    assert!(heard.content.is_none());
}

#[tokio::test]
async fn a_mailbox_in_memory_keeps_or_refuses() {
    let (mailer, mailbox) = Mailer::memory();
    let full = MailError { retry: false, reason: "full".into() };
    mailbox.refuse_next(full.clone());
    assert_eq!(mailer.send(&message()).await, Err(full));
    assert_eq!(mailer.send(&message()).await, Ok(()));
    assert_eq!(mailbox.take(), [message()]);
    assert!(mailbox.sent().is_empty());
}
