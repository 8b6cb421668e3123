//! The body of a product's form, with or without a photo.
//!
//! Programs send the fields alone (`application/x-www-form-urlencoded`), the page
//! sends a photo with them (`multipart/form-data`, RFC 7578).
//!
//! **Invariant:** of a file no more is held than a photo may have, however much of it
//! comes: a photo that is too long is an error beside its field, and what was typed
//! around it is kept.

use crate::{
    features::catalog::photos::{PhotoName, TakeError},
    kernel::{App, ShopPage, request},
    texts::catalog::Texts,
};
use axum::extract::{FromRequest, Request};
use bytes::{Bytes, BytesMut};
use http::header;
use multer::{Constraints, Field, Multipart, SizeLimit};
use pictures::Refused;
use web::{
    AppError, Problem,
    form::Said,
    urlencoded::{self, FIELDS_MAX},
};

/// The field of the photo's file.
pub const FILE_FIELD: &str = "foto_archivo";
/// The field with the name of the photo that the form holds.
pub const NAME_FIELD: &str = "foto";
/// The field that says that there shall be none.
pub const REMOVE_FIELD: &str = "quitar_foto";
/// Beyond it nobody is told gently.
const BODY_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// A form as it was sent.
pub struct SentForm {
    /// Its fields, in their order.
    pub pairs: Vec<(String, String)>,
    file: SentFile,
}

/// The file of a form.
#[derive(Debug, PartialEq, Eq)]
enum SentFile {
    /// None was chosen.
    None,
    /// One was.
    Whole(Bytes),
    /// One was that is longer than a photo may be.
    TooLong,
}

impl FromRequest<App> for SentForm {
    type Rejection = AppError;

    async fn from_request(request: Request, _: &App) -> Result<Self, AppError> {
        let content_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        match content_type.and_then(|value| multer::parse_boundary(value).ok()) {
            Some(boundary) => read_parts(request, boundary).await,
            None => {
                let body = request::whole(request.into_body(), request::BODY_BYTES_MAX).await?;
                let pairs = urlencoded::parse(&body).map_err(|why| AppError::BadRequest { why: why.to_string() })?;
                Ok(SentForm { pairs, file: SentFile::None })
            }
        }
    }
}

async fn read_parts(request: Request, boundary: String) -> Result<SentForm, AppError> {
    let limit = SizeLimit::new().whole_stream(BODY_BYTES_MAX);
    let body = request.into_body().into_data_stream();
    let mut parts = Multipart::with_constraints(body, boundary, Constraints::new().size_limit(limit));
    let mut sent = SentForm { pairs: Vec::new(), file: SentFile::None };
    let mut text_bytes = 0;
    while let Some(part) = parts.next_field().await.map_err(broken)? {
        let name = part.name().unwrap_or_default().to_owned();
        if name == FILE_FIELD {
            sent.file = read_file(part).await?;
            continue;
        }
        let room = request::BODY_BYTES_MAX.saturating_sub(text_bytes);
        let text = read_at_most(part, room).await?.ok_or(AppError::TooLarge)?;
        text_bytes += text.len() + name.len();
        if sent.pairs.len() == FIELDS_MAX {
            return Err(AppError::BadRequest { why: "the form has too many fields".to_owned() });
        }
        let text = String::from_utf8(text.into()).map_err(|_| AppError::BadRequest { why: "not UTF-8".to_owned() })?;
        sent.pairs.push((name, text));
    }
    Ok(sent)
}

fn broken(error: multer::Error) -> AppError {
    match error {
        multer::Error::StreamSizeExceeded { .. } => AppError::TooLarge,
        error => AppError::BadRequest { why: format!("the form cannot be read: {error}") },
    }
}

async fn read_file(part: Field<'_>) -> Result<SentFile, AppError> {
    Ok(match read_at_most(part, pictures::BYTES_MAX).await? {
        // A browser sends an empty part where no file was chosen.
        Some(bytes) if bytes.is_empty() => SentFile::None,
        Some(bytes) => SentFile::Whole(bytes),
        None => SentFile::TooLong,
    })
}

/// A part's content; `None` where there is more, which is read and dropped.
async fn read_at_most(mut part: Field<'_>, bytes_max: usize) -> Result<Option<Bytes>, AppError> {
    let mut held = BytesMut::new();
    let mut fits = true;
    while let Some(chunk) = part.chunk().await.map_err(broken)? {
        fits = fits && held.len() + chunk.len() <= bytes_max;
        if fits {
            held.extend_from_slice(&chunk);
        } else {
            held = BytesMut::new();
        }
    }
    Ok(fits.then(|| held.freeze()))
}

/// A form whose photo is settled: taken in, kept, or refused.
pub struct SettledForm {
    /// Its fields; the one of the photo names what the form now holds.
    pub pairs: Vec<(String, String)>,
    /// The photo that the product shall have, or what is wrong with the one sent.
    pub photo: Result<Option<PhotoName>, Problem>,
}

/// Settles which photo a form means: the file that came along, none, or the one that it
/// held before. A form that says nothing leaves `current` as it is.
///
/// # Errors
/// Too many photos at once, or a place that cannot be written.
pub async fn settle(
    app: &App,
    page: &ShopPage,
    form: SentForm,
    current: Option<&PhotoName>,
) -> Result<SettledForm, AppError> {
    let SentForm { mut pairs, file } = form;
    let said = |name: &str| pairs.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str());
    let held = said(NAME_FIELD).map(str::to_owned);
    let removes = said(REMOVE_FIELD).is_some_and(|value| !matches!(value, "" | "0"));
    let photo = match file {
        SentFile::TooLong => Err(refusal(Refused::TooLong)),
        SentFile::Whole(bytes) => match app.photos.take(page.actor.shop, bytes, app.now_us()).await {
            Ok(name) => Ok(Some(name)),
            Err(TakeError::Refused(why)) => Err(refusal(why)),
            Err(TakeError::Busy) => return Err(AppError::Unavailable),
            Err(TakeError::Files(error)) => return Err(error.into()),
        },
        SentFile::None if removes => Ok(None),
        SentFile::None => held_photo(app, page, held, current).await?,
    };
    pairs.retain(|(field, _)| field != REMOVE_FIELD && (field != NAME_FIELD || photo.is_err()));
    if let Ok(photo) = &photo {
        let name = photo.as_ref().map(|photo| photo.as_str().to_owned());
        pairs.push((NAME_FIELD.to_owned(), name.unwrap_or_default()));
    }
    Ok(SettledForm { pairs, photo })
}

async fn held_photo(
    app: &App,
    page: &ShopPage,
    held: Option<String>,
    current: Option<&PhotoName>,
) -> Result<Result<Option<PhotoName>, Problem>, AppError> {
    let Some(held) = held else { return Ok(Ok(current.cloned())) };
    if held.is_empty() {
        return Ok(Ok(None));
    }
    let name = PhotoName::parse(&held);
    if name.is_some() && name.as_ref() == current {
        return Ok(Ok(name));
    }
    // A form that stood open for days may name what was cleared away meanwhile.
    match name {
        Some(name) if app.photos.hold(page.actor.shop, &name, app.now_us()).await? => Ok(Ok(Some(name))),
        _ => Ok(Err(Problem::Said(Said::new(|lang| Texts(lang).photo_gone())))),
    }
}

fn refusal(why: Refused) -> Problem {
    Problem::Said(Said::new(move |lang| {
        let t = Texts(lang);
        match why {
            Refused::TooLong => t.photo_too_long(),
            Refused::WrongKind => t.photo_wrong_kind(),
            Refused::TooManyPixels => t.photo_too_many_pixels(),
            Refused::Broken => t.photo_broken(),
        }
    }))
}
