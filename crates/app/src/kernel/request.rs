//! What a handler may ask for: the page, the person, the actor, the body.
//!
//! **Invariant:** an [`Actor`] exists only where the route's declared access let
//! the request through, because only `enforce` puts an [`Asker`] into it.

use crate::{
    actor::Actor,
    features::accounts::asker::Asker,
    kernel::{nav, state::App},
};
use axum::{
    body::Bytes,
    extract::{FromRef, FromRequest, FromRequestParts, Request},
};
use domain::decimal::Locale;
use guard::{Current, layers::RequestId};
use http::{HeaderMap, header, request::Parts};
use jiff::tz::TimeZone;
use std::{ops::Deref, sync::Arc};
use web::{
    AppError, Format, Lang, PageContext,
    flash::{self, Flash},
    format::Currency,
    page::{Theme, Viewer, initials},
};

/// Longest body of a form or a JSON document; routes that take files say otherwise.
pub const BODY_BYTES_MAX: usize = 1024 * 1024;

impl FromRequestParts<App> for Asker {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, AppError> {
        parts.extensions.get::<Arc<Asker>>().map(|asker| Asker::clone(asker)).ok_or(AppError::SignInNeeded)
    }
}

impl FromRequestParts<App> for Actor {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, AppError> {
        let asker = parts.extensions.get::<Arc<Asker>>().ok_or(AppError::SignInNeeded)?;
        asker.membership.as_ref().map(|membership| membership.actor).ok_or(AppError::PermissionDenied)
    }
}

/// The page of somebody who acts in a shop.
pub struct ShopPage {
    /// The page.
    pub page: PageContext,
    /// Who asks, for the data layer.
    pub actor: Actor,
}

impl FromRequestParts<App> for ShopPage {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, AppError> {
        let actor = Actor::from_request_parts(parts, app).await?;
        Ok(ShopPage { page: page_of(app, parts), actor })
    }
}

impl Deref for ShopPage {
    type Target = PageContext;
    fn deref(&self) -> &PageContext {
        &self.page
    }
}

/// The page of anybody, signed in or not.
pub struct PersonPage {
    /// The page.
    pub page: PageContext,
    /// Who asks, where somebody is signed in.
    pub asker: Option<Arc<Asker>>,
}

impl FromRequestParts<App> for PersonPage {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, AppError> {
        Ok(PersonPage { page: page_of(app, parts), asker: parts.extensions.get::<Arc<Asker>>().cloned() })
    }
}

impl Deref for PersonPage {
    type Target = PageContext;
    fn deref(&self) -> &PageContext {
        &self.page
    }
}

/// A whole body of at most [`BODY_BYTES_MAX`].
pub struct Body(pub Bytes);

impl<S: Send + Sync> FromRequest<S> for Body
where
    App: FromRef<S>,
{
    type Rejection = AppError;

    async fn from_request(request: Request, _: &S) -> Result<Self, AppError> {
        whole(request.into_body(), BODY_BYTES_MAX).await.map(Body)
    }
}

/// Reads a body up to a limit.
///
/// # Errors
/// [`AppError::TooLarge`], or [`AppError::BadRequest`] where it breaks off.
pub async fn whole(body: axum::body::Body, bytes_max: usize) -> Result<Bytes, AppError> {
    match axum::body::to_bytes(body, bytes_max).await {
        Ok(bytes) => Ok(bytes),
        Err(error) => {
            let source = std::error::Error::source(&error);
            if source.is_some_and(|source| source.to_string().contains("length limit")) {
                return Err(AppError::TooLarge);
            }
            Err(AppError::BadRequest { why: format!("the body broke off: {error}") })
        }
    }
}

/// The page context of a request; cheap where no form is shown.
pub fn page_of(app: &App, parts: &Parts) -> PageContext {
    let asker = parts.extensions.get::<Arc<Asker>>().map(|asker| &**asker);
    let current = parts.extensions.get::<Current>();
    context(
        app,
        &parts.headers,
        &Asked {
            path: parts.uri.path(),
            request_id: parts.extensions.get::<RequestId>().map(|id| id.0.to_string()).unwrap_or_default(),
            csrf: current.map(Current::csrf_token).unwrap_or_default(),
            asker,
        },
    )
}

/// What a page context is made of besides the headers.
pub struct Asked<'a> {
    /// The path.
    pub path: &'a str,
    /// The request's id.
    pub request_id: String,
    /// A masked token.
    pub csrf: String,
    /// Who asks.
    pub asker: Option<&'a Asker>,
}

/// Builds a page context.
pub fn context(app: &App, headers: &HeaderMap, asked: &Asked<'_>) -> PageContext {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let cookies = text(header::COOKIE).unwrap_or_default();
    let person = asked.asker.and_then(|asker| asker.lang);
    // A shop that has a language has it for whoever chose none, whatever the browser's is.
    let shop = asked.asker.and_then(|asker| asker.membership.as_ref()).and_then(|membership| membership.lang);
    let accept = text(header::ACCEPT_LANGUAGE).filter(|_| shop.is_none());
    let lang = Lang::choose(person, cookie(cookies, "idioma"), accept, shop.unwrap_or(Lang::Es));
    PageContext {
        lang,
        theme: Theme::parse(cookie(cookies, Theme::COOKIE)),
        csrf: asked.csrf.clone(),
        who: asked.asker.map(viewer),
        nav: asked.asker.map(|asker| nav::nav_of(asker, lang)).unwrap_or_default(),
        path: asked.path.to_owned(),
        request_id: asked.request_id.clone(),
        debug: app.settings.debug,
        secure: app.settings.secure_cookies,
        flash: cookie(cookies, flash::COOKIE).and_then(Flash::read),
        format: format_of(asked.asker, lang, app.now_us()),
    }
}

fn cookie<'a>(cookies: &'a str, name: &str) -> Option<&'a str> {
    cookies
        .split(';')
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value)
}

fn viewer(asker: &Asker) -> Viewer {
    let membership = asker.membership.as_ref();
    Viewer {
        name: asker.name.clone(),
        initials: initials(&asker.name),
        shop_name: membership.map(|membership| membership.shop_name.clone()).unwrap_or_default(),
        role: membership.map(|membership| membership.actor.role),
    }
}

fn format_of(asker: Option<&Asker>, lang: Lang, now_us: i64) -> Format {
    let membership = asker.and_then(|asker| asker.membership.as_ref());
    match membership {
        Some(membership) => Format {
            lang,
            currency: membership.currency.clone(),
            numbers: membership.numbers,
            zone: TimeZone::get(&membership.time_zone).unwrap_or(TimeZone::UTC),
            now_us,
        },
        None => shopless_format(lang, now_us),
    }
}

/// How figures look to somebody who is in no shop.
pub fn shopless_format(lang: Lang, now_us: i64) -> Format {
    Format {
        lang,
        currency: Currency::cop(),
        numbers: Locale { decimal: ',', group: '.' },
        zone: TimeZone::get("America/Bogota").unwrap_or(TimeZone::UTC),
        now_us,
    }
}

/// A path of this site that a reader may be led to; anything that could lead
/// elsewhere is none.
pub fn own_path(text: &str) -> Option<&str> {
    let is_path = text.starts_with('/') && !text.starts_with("//") && !text.contains('\\');
    (is_path && !text.chars().any(char::is_control)).then_some(text)
}
