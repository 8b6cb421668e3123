//! What a message may hold, and what it looks like on its way.

use super::super::{MailAddress, Mailer, Message, MessageError, NewMessage, Sender};
use super::{from, message, new_message};

#[test]
fn an_address_is_one_plain_address() {
    for text in ["ana@example.com", "a+b@tienda.com.co", "ana@señal.co", "o'brien@example.com"] {
        assert!(text.parse::<MailAddress>().is_ok(), "{text}");
    }
    let long = format!("{}@example.com", "a".repeat(65));
    let bad = [
        "",
        "ana",
        "@example.com",
        "ana@",
        "ana@@example.com",
        "ana@example.com\r\nBcc: eva@example.com",
        "ana@example.com, eva@example.com",
        "Ana <ana@example.com>",
        "ana @example.com",
        "\"a b\"@example.com",
        "ana@exam\u{0}ple.com",
        "ana@-example.com",
        "ana\u{85}@example.com",
        "maría@example.com",
        &long,
    ];
    for text in bad {
        assert_eq!(text.parse::<MailAddress>(), Err(MessageError::Address), "{text:?}");
    }
}

#[test]
fn a_sender_has_a_name_or_not() {
    for text in ["caja@tienda.co", "Caja <caja@tienda.co>", "\"Caja, S.A.\" <caja@tienda.co>"] {
        assert!(text.parse::<Sender>().is_ok(), "{text}");
    }
    for text in ["", "Caja", "Caja <caja>", "Caja\r\nBcc: x@y.co <caja@tienda.co>"] {
        assert_eq!(text.parse::<Sender>(), Err(MessageError::Sender), "{text:?}");
    }
}

#[test]
fn a_message_that_could_add_a_header_is_refused() {
    let long = "a".repeat(251);
    for subject in ["", "  ", "Hola\r\nBcc: eva@example.com", "Hola\nX: y", "Hola\rX", "Hola\u{0}", &long] {
        let new = NewMessage { subject: subject.into(), ..new_message() };
        assert_eq!(Message::new(new), Err(MessageError::Subject), "{subject:?}");
    }
    let new = NewMessage { text: "a".repeat(1024 * 1024 + 1), ..new_message() };
    assert_eq!(Message::new(new), Err(MessageError::Body));
    let new = NewMessage { at_us: -1, ..new_message() };
    assert_eq!(Message::new(new), Err(MessageError::Time));
}

/// The header lines of a message, folded ones joined.
fn headers(eml: &str) -> Vec<String> {
    let (head, _) = eml.split_once("\r\n\r\n").unwrap();
    head.replace("\r\n ", " ").split("\r\n").map(str::to_owned).collect()
}

#[tokio::test]
async fn a_file_holds_the_message_and_is_replaced_by_its_repetition() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("correo");
    let url = url::Url::from_file_path(&folder).unwrap();
    let mailer = Mailer::from_url(url.as_str(), from()).unwrap();
    mailer.send(&message()).await.unwrap();
    mailer.send(&message()).await.unwrap();
    let files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|file| file.unwrap().path()).collect();
    assert_eq!(files, [folder.join("00000000-0000-0000-0000-000000000007.eml")]);
    let eml = std::fs::read_to_string(&files[0]).unwrap();
    let headers = headers(&eml);
    for wanted in [
        "To: ana@example.com",
        "Message-ID: <00000000-0000-0000-0000-000000000007@tienda.co>",
        "Date: Mon, 21 Sep 2026 14:13:20 +0000",
        "Auto-Submitted: auto-generated",
    ] {
        assert!(headers.iter().any(|header| header == wanted), "{wanted} in {headers:#?}");
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&folder), mode(&files[0])), (0o700, 0o600));
    }
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_is_tried_again() {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("file");
    std::fs::write(&file, "").unwrap();
    let error = Mailer::files(file.join("below"), from()).send(&message()).await.unwrap_err();
    assert!(error.retry, "{error}");
}

#[test]
fn a_page_travels_beside_its_text() {
    let new = NewMessage { html: Some("<p>Señal".into()), ..new_message() };
    let eml = Message::new(new).unwrap().to_lettre(&from(), Some("X-Key")).unwrap().formatted();
    let eml = String::from_utf8(eml).unwrap();
    let headers = headers(&eml);
    assert!(headers.iter().any(|header| header.starts_with("Content-Type: multipart/alternative;")), "{headers:#?}");
    assert!(headers.contains(&"X-Key: 00000000-0000-0000-0000-000000000007".to_owned()), "{headers:#?}");
    assert!(eml.is_ascii(), "old servers take nothing else");
    assert_eq!(eml.matches("\r\nContent-Type: text/").count(), 2);
}
