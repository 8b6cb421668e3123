//! Finds the CSRF token in a form's body without spoiling the body for the handler.
//!
//! A urlencoded form is read whole, up to a limit. Of a multipart form only the first
//! part is read, and the token must be there, so that an upload streams on untouched.
//! Reading it in the layer, rather than in each handler, is what cannot be forgotten.

use axum::body::{Body, BodyDataStream};
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt as _;
use http::HeaderMap;
use http::header::CONTENT_TYPE;

use crate::csrf::{TOKEN_FIELD, TOKEN_LENGTH};

/// The most that is read of a multipart body: a boundary (70 characters, RFC 2046), the
/// part's headers, the token, and the next boundary fit many times over.
const MULTIPART_HEAD_BYTES: usize = 4096;

/// Why a body cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BodyProblem {
    /// Longer than the limit.
    TooLarge,
    /// The connection broke.
    Broken,
}

/// The token, if the form has one, and the body as it came.
pub(crate) async fn read_form_token(
    headers: &HeaderMap,
    body: Body,
    form_bytes_max: usize,
) -> Result<(Option<String>, Body), BodyProblem> {
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let Some(content_type) = content_type else {
        return Ok((None, body));
    };
    let (kind, parameters) = content_type.split_once(';').unwrap_or((content_type, ""));
    let kind = kind.trim();
    if kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        let whole = read_whole(body, form_bytes_max).await?;
        return Ok((urlencoded_token(&whole).map(str::to_owned), Body::from(whole)));
    }
    if kind.eq_ignore_ascii_case("multipart/form-data")
        && let Some(boundary) = boundary(parameters)
    {
        return read_multipart_head(body, boundary).await;
    }
    Ok((None, body))
}

async fn read_whole(body: Body, bytes_max: usize) -> Result<Bytes, BodyProblem> {
    let mut frames = body.into_data_stream();
    let mut whole = BytesMut::new();
    while let Some(frame) = frames.next().await {
        let frame = frame.map_err(|_| BodyProblem::Broken)?;
        if whole.len() + frame.len() > bytes_max {
            return Err(BodyProblem::TooLarge);
        }
        whole.extend_from_slice(&frame);
    }
    Ok(whole.freeze())
}

/// The field's name and the token's alphabet are never percent-encoded by a browser, so
/// that the raw text is compared.
fn urlencoded_token(form: &[u8]) -> Option<&str> {
    form.split(|byte| *byte == b'&')
        .filter_map(|pair| pair.strip_prefix(TOKEN_FIELD.as_bytes())?.strip_prefix(b"="))
        .next()
        .and_then(|value| std::str::from_utf8(value).ok())
}

async fn read_multipart_head(body: Body, boundary: &str) -> Result<(Option<String>, Body), BodyProblem> {
    let mut frames = body.into_data_stream();
    let mut head = BytesMut::new();
    let token = loop {
        match first_part_token(&head, boundary) {
            FirstPart::Token(token) => break Some(token),
            FirstPart::Other => break None,
            FirstPart::Unfinished if head.len() >= MULTIPART_HEAD_BYTES => break None,
            FirstPart::Unfinished => {}
        }
        match frames.next().await {
            Some(Ok(frame)) => head.extend_from_slice(&frame),
            Some(Err(_)) => return Err(BodyProblem::Broken),
            None => break None,
        }
    };
    Ok((token, rejoin(head.freeze(), frames)))
}

fn rejoin(head: Bytes, rest: BodyDataStream) -> Body {
    let head = futures_util::stream::once(std::future::ready(Ok::<_, axum::Error>(head)));
    Body::from_stream(head.chain(rest))
}

enum FirstPart {
    Token(String),
    Other,
    Unfinished,
}

fn first_part_token(head: &[u8], boundary: &str) -> FirstPart {
    let Some(headers_end) = find(head, b"\r\n\r\n") else {
        return FirstPart::Unfinished;
    };
    let Ok(part_headers) = std::str::from_utf8(&head[..headers_end]) else {
        return FirstPart::Other;
    };
    let mut lines = part_headers.split("\r\n");
    let opens = lines.next().and_then(|line| line.strip_prefix("--")) == Some(boundary);
    if !opens || !lines.any(names_the_token) {
        return FirstPart::Other;
    }
    let value = &head[headers_end + 4..];
    let Some(value_end) = find(value, b"\r\n") else {
        let may_grow = value.len() <= TOKEN_LENGTH + 1;
        return if may_grow { FirstPart::Unfinished } else { FirstPart::Other };
    };
    match std::str::from_utf8(&value[..value_end]) {
        Ok(token) => FirstPart::Token(token.to_owned()),
        Err(_) => FirstPart::Other,
    }
}

fn names_the_token(line: &str) -> bool {
    let Some((name, value)) = line.split_once(':') else {
        return false;
    };
    name.eq_ignore_ascii_case("content-disposition")
        && value.split(';').any(|parameter| {
            parameter.trim().strip_prefix("name=").map(|name| name.trim_matches('"')) == Some(TOKEN_FIELD)
        })
}

fn boundary(parameters: &str) -> Option<&str> {
    parameters
        .split(';')
        .filter_map(|parameter| parameter.trim().split_once('='))
        .find(|(name, _)| name.eq_ignore_ascii_case("boundary"))
        .map(|(_, value)| value.trim_matches('"'))
        .filter(|boundary| !boundary.is_empty() && boundary.len() <= 70)
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|window| window == wanted)
}
