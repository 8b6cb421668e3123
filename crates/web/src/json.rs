//! JSON in and out: the envelope of every answer, and strict bodies.
//!
//! Request types derive `Deserialize` with `deny_unknown_fields`; serde_json's own depth
//! limit of 128 stands, and sizes are the route's body limit.

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::AppError;
use crate::form::Problem;

/// `{"success":true,"data":…}` with status 200.
///
/// # Errors
/// [`AppError::Internal`] when the data cannot be written, which is a defect of its type.
pub fn data<T: Serialize>(data: &T) -> Result<Response, AppError> {
    with_status(StatusCode::OK, data)
}

/// The same with another status, such as 201.
///
/// # Errors
/// As [`data`].
pub fn with_status<T: Serialize>(status: StatusCode, data: &T) -> Result<Response, AppError> {
    #[derive(Serialize)]
    struct Envelope<'a, T> {
        success: bool,
        data: &'a T,
    }
    Ok(respond(status, serde_json::to_vec(&Envelope { success: true, data })?))
}

/// `{"success":false,…}`, which only [`crate::error::finish`] writes.
pub(crate) fn refused(
    status: StatusCode,
    code: &str,
    said: &str,
    fields: serde_json::Map<String, serde_json::Value>,
    request_id: &str,
) -> Response {
    let mut envelope = serde_json::Map::new();
    envelope.insert("success".to_owned(), false.into());
    envelope.insert("error".to_owned(), said.into());
    envelope.insert("code".to_owned(), code.into());
    if !fields.is_empty() {
        envelope.insert("fields".to_owned(), fields.into());
    }
    envelope.insert("request_id".to_owned(), request_id.into());
    respond(status, serde_json::Value::Object(envelope).to_string().into_bytes())
}

fn respond(status: StatusCode, body: Vec<u8>) -> Response {
    let mut response = (status, body).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Reads a body.
///
/// # Errors
/// [`AppError::BadRequest`] for what is not JSON; [`AppError::Validation`] for JSON of
/// another shape, naming the field where serde names it.
pub fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, AppError> {
    serde_json::from_slice(body).map_err(|error| {
        if !error.is_data() {
            return AppError::BadRequest { why: format!("the body is not JSON: {error}") };
        }
        let words = error.to_string();
        let field = words.split('`').nth(1).unwrap_or("body").to_owned();
        let problem = if words.starts_with("unknown field") {
            Problem::Unknown
        } else if words.starts_with("missing field") {
            Problem::Required
        } else {
            return AppError::Validation(vec![("body".to_owned(), Problem::Malformed)]);
        };
        AppError::Validation(vec![(field, problem)])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Count {
        #[allow(dead_code)]
        n: i64,
    }

    #[test]
    fn a_body_is_read_strictly_and_its_field_named() {
        assert!(parse::<Count>(b"{\"n\":1}").is_ok());
        let table: [(&[u8], &str); 4] = [
            (b"{\"n\":1,\"m\":2}", "Validation([(\"m\", Unknown)])"),
            (b"{}", "Validation([(\"n\", Required)])"),
            (b"{\"n\":1.5}", "Validation([(\"body\", Malformed)])"),
            (b"{\"n\":", "BadRequest"),
        ];
        for (body, expected) in table {
            let error = format!("{:?}", parse::<Count>(body).unwrap_err());
            assert!(error.starts_with(expected), "{error}");
        }
    }
}
