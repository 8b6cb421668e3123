//! Content-Security-Policy and Permissions-Policy, one text a profile, made once.
//!
//! No inline script or style exists in any profile. See CSP Level 3 and the Trusted Types
//! specification of the W3C.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::HeaderValue;

use crate::source::{Random, random_bytes};

/// What an answer may do in a browser. A handler puts one into the response's extensions;
/// without it, [`Profile::Page`] holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Profile {
    /// Everything from the own origin, no device.
    #[default]
    Page,
    /// A page that may also ask for camera, USB and serial devices.
    Devices,
    /// The same, and WebAssembly may be compiled.
    DevicesAndWasm,
    /// A file that people uploaded: it is shown and can do nothing at all.
    Sandbox,
    /// A page with one inline element that carries this nonce.
    WithNonce(Nonce),
}

/// A value that only this answer knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nonce(Arc<str>);

impl Nonce {
    /// Draws 128 bits.
    #[must_use]
    pub fn draw(random: &(impl Random + ?Sized)) -> Self {
        let bytes: [u8; 16] = random_bytes(random);
        Self(URL_SAFE_NO_PAD.encode(bytes).into())
    }

    /// The text for the `nonce` attribute.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What of the policy an application may choose.
#[derive(Debug, Clone)]
pub struct CspOptions {
    /// Where browsers report what they blocked; a path of the own origin.
    pub report_path: Option<String>,
    /// The only Trusted Types policies that scripts may make.
    pub trusted_types: Vec<String>,
}

impl Default for CspOptions {
    fn default() -> Self {
        Self { report_path: None, trusted_types: vec!["swap".to_owned(), "urls".to_owned()] }
    }
}

/// A part of an option that cannot stand in a header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadCspOption(pub String);

#[derive(Debug, Clone)]
pub(crate) struct Csp {
    page: HeaderValue,
    wasm: HeaderValue,
    sandbox: HeaderValue,
    no_device: HeaderValue,
    devices: HeaderValue,
    tail: String,
    pub(crate) reporting: Option<HeaderValue>,
}

impl Csp {
    pub(crate) fn new(options: &CspOptions) -> Result<Self, BadCspOption> {
        let plain = |text: &String| {
            let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"/-_.{}".contains(&byte);
            if text.bytes().all(allowed) { Ok(()) } else { Err(BadCspOption(text.clone())) }
        };
        options.report_path.iter().chain(&options.trusted_types).try_for_each(plain)?;
        let trusted_types =
            if options.trusted_types.is_empty() { "'none'".to_owned() } else { options.trusted_types.join(" ") };
        let report =
            options.report_path.as_ref().map_or_else(String::new, |path| format!("; report-uri {path}; report-to csp"));
        let tail = format!(
            "; img-src 'self'; font-src 'self'; connect-src 'self'; manifest-src 'self'; \
             worker-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; \
             frame-ancestors 'none'; require-trusted-types-for 'script'; \
             trusted-types {trusted_types}{report}"
        );
        let sandbox = format!(
            "default-src 'none'; base-uri 'none'; form-action 'none'; \
             frame-ancestors 'none'; sandbox{report}"
        );
        Ok(Self {
            page: page_policy("", "", &tail),
            wasm: page_policy(" 'wasm-unsafe-eval'", "", &tail),
            sandbox: header(&sandbox),
            no_device: header(&permissions("()")),
            devices: header(&permissions("(self)")),
            tail,
            reporting: options.report_path.as_ref().map(|path| header(&format!("csp=\"{path}\""))),
        })
    }

    pub(crate) fn policy(&self, profile: &Profile) -> HeaderValue {
        match profile {
            Profile::Page | Profile::Devices => self.page.clone(),
            Profile::DevicesAndWasm => self.wasm.clone(),
            Profile::Sandbox => self.sandbox.clone(),
            Profile::WithNonce(nonce) => {
                let source = format!(" 'nonce-{}'", nonce.as_str());
                page_policy(&source, &source, &self.tail)
            }
        }
    }

    pub(crate) fn permissions(&self, profile: &Profile) -> HeaderValue {
        match profile {
            Profile::Devices | Profile::DevicesAndWasm => self.devices.clone(),
            Profile::Page | Profile::Sandbox | Profile::WithNonce(_) => self.no_device.clone(),
        }
    }
}

fn page_policy(script_extra: &str, style_extra: &str, tail: &str) -> HeaderValue {
    header(&format!("default-src 'none'; script-src 'self'{script_extra}; style-src 'self'{style_extra}{tail}"))
}

/// Everything that a page does not use, switched off; `devices` is the allow-list of the
/// three that some pages do.
fn permissions(devices: &str) -> String {
    const OFF: &str = "accelerometer=(), autoplay=(), browsing-topics=(), \
        display-capture=(), encrypted-media=(), fullscreen=(), gamepad=(), geolocation=(), \
        gyroscope=(), hid=(), idle-detection=(), local-fonts=(), magnetometer=(), \
        microphone=(), midi=(), payment=(), picture-in-picture=(), screen-wake-lock=(), \
        xr-spatial-tracking=()";
    format!("{OFF}, camera={devices}, serial={devices}, usb={devices}")
}

fn header(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).expect("its parts were checked to be plain text")
}
