//! A message that outlives one redirect: "Leche Alquería 1 L, desactivada. Deshacer".
//!
//! It travels in a cookie of a minute and is shown once. It is only ever shown, escaped;
//! its undo leads to an own address, by POST with the form's token.

use axum::response::{IntoResponseParts, ResponseParts};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{HeaderValue, header};
use serde::{Deserialize, Serialize};

/// The cookie's name.
pub const COOKIE: &str = "aviso";

/// The longest encoded message, so that no cookie outgrows the header limits.
const ENCODED_MAX: usize = 2_000;

/// What a message means; never told by colour alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tone {
    /// It worked.
    Ok,
    /// Look out.
    Warn,
    /// It did not work.
    Bad,
    /// To know.
    Info,
}

impl Tone {
    /// The value of `data-tone`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Bad => "bad",
            Self::Info => "info",
        }
    }

    /// The symbol that goes with it.
    #[must_use]
    pub const fn icon(self) -> crate::Icon {
        match self {
            Self::Ok => crate::Icon::Ok,
            Self::Warn => crate::Icon::Warn,
            Self::Bad => crate::Icon::Bad,
            Self::Info => crate::Icon::Info,
        }
    }
}

/// A message to show on the next page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flash {
    /// What it means.
    pub tone: Tone,
    /// The sentence, in the reader's language.
    pub text: String,
    /// The own address that undoes what was done, by POST.
    pub undo: Option<String>,
}

impl Flash {
    /// A message without undo.
    #[must_use]
    pub fn new(tone: Tone, text: impl Into<String>) -> Self {
        Self { tone, text: text.into(), undo: None }
    }

    /// What was done can be undone at this address.
    #[must_use]
    pub fn with_undo(self, action: impl Into<String>) -> Self {
        Self { undo: Some(action.into()), ..self }
    }

    /// The cookie that carries it: put it before the redirect in a response tuple.
    #[must_use]
    pub fn cookie(&self, secure: bool) -> FlashCookie {
        let json = serde_json::to_vec(self).unwrap_or_default();
        let encoded = URL_SAFE_NO_PAD.encode(json);
        let value = if encoded.len() <= ENCODED_MAX { encoded } else { String::new() };
        FlashCookie { value, life_s: 60, secure }
    }

    /// Reads the cookie; anything odd is no message.
    #[must_use]
    pub fn read(cookie: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(cookie.get(..ENCODED_MAX).unwrap_or(cookie)).ok()?;
        let flash: Self = serde_json::from_slice(&bytes).ok()?;
        let undo_is_ours = flash.undo.as_deref().is_none_or(|action| {
            action.starts_with('/') && !action.starts_with("//") && !action.contains(['\\', '\n', '\r', '\t'])
        });
        undo_is_ours.then_some(flash)
    }
}

/// The `Set-Cookie` of a message, or of its end.
#[derive(Debug, Clone)]
pub struct FlashCookie {
    value: String,
    life_s: u32,
    secure: bool,
}

impl FlashCookie {
    /// Takes the message back once it was shown.
    #[must_use]
    pub fn shown(secure: bool) -> Self {
        Self { value: String::new(), life_s: 0, secure }
    }
}

impl IntoResponseParts for FlashCookie {
    type Error = std::convert::Infallible;

    fn into_response_parts(self, mut parts: ResponseParts) -> Result<ResponseParts, Self::Error> {
        let secure = if self.secure { "; Secure" } else { "" };
        let text = format!("{COOKIE}={}; Path=/; Max-Age={}; HttpOnly; SameSite=Lax{secure}", self.value, self.life_s);
        // Base64 and our own words are always a header value.
        if let Ok(value) = HeaderValue::try_from(text) {
            parts.headers_mut().append(header::SET_COOKIE, value);
        }
        Ok(parts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_comes_back_from_its_cookie() {
        let flash = Flash::new(Tone::Ok, "Leche Alquería 1 L, desactivada").with_undo("/productos/1/activar/");
        assert_eq!(Flash::read(&flash.cookie(true).value), Some(flash));
    }

    #[test]
    fn an_undo_that_leads_elsewhere_is_no_message() {
        for action in ["https://example.com/", "//example.com/", "/\\example.com", "productos/"] {
            let flash = Flash::new(Tone::Ok, "x").with_undo(action);
            assert_eq!(Flash::read(&flash.cookie(true).value), None, "{action}");
        }
        assert_eq!(Flash::read("%%%"), None);
        assert_eq!(Flash::read(""), None);
    }

    #[test]
    fn a_message_too_long_for_a_cookie_is_left_out() {
        assert_eq!(Flash::new(Tone::Ok, "x".repeat(5_000)).cookie(true).value, "");
    }
}
