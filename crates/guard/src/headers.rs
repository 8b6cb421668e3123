//! The headers of every answer, errors and files included.
//!
//! **Invariant:** they are written over whatever a handler set; the only choice that an
//! answer has is its [`Profile`].

use http::header::{
    CONTENT_SECURITY_POLICY, REFERRER_POLICY, SERVER, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::csp::{BadCspOption, Csp, CspOptions, Profile};
use crate::https::Hsts;

const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");
const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
const REPORTING_ENDPOINTS: HeaderName = HeaderName::from_static("reporting-endpoints");
const POWERED_BY: HeaderName = HeaderName::from_static("x-powered-by");

/// The prepared values.
#[derive(Debug, Clone)]
pub struct HeaderPolicy {
    csp: Csp,
    hsts: Option<HeaderValue>,
}

/// Whether the answer tells the browser to come back over https only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SendHsts {
    /// Over https and to a name.
    Yes,
    /// Over http, to an address or to `localhost`.
    No,
}

impl HeaderPolicy {
    /// Prepares all values.
    ///
    /// # Errors
    /// When an option cannot stand in a header.
    pub fn new(options: &CspOptions, hsts: Option<Hsts>) -> Result<Self, BadCspOption> {
        let hsts = hsts.map(|hsts| HeaderValue::from_str(&hsts.header_text()).expect("digits and fixed words"));
        Ok(Self { csp: Csp::new(options)?, hsts })
    }

    /// Writes the headers.
    pub fn apply(&self, headers: &mut HeaderMap, profile: &Profile, send_hsts: SendHsts) {
        let fixed = HeaderValue::from_static;
        headers.insert(CONTENT_SECURITY_POLICY, self.csp.policy(profile));
        headers.insert(PERMISSIONS_POLICY, self.csp.permissions(profile));
        headers.insert(X_FRAME_OPTIONS, fixed("DENY"));
        headers.insert(X_CONTENT_TYPE_OPTIONS, fixed("nosniff"));
        headers.insert(REFERRER_POLICY, fixed("same-origin"));
        headers.insert(OPENER_POLICY, fixed("same-origin"));
        headers.insert(RESOURCE_POLICY, fixed("same-origin"));
        if let Some(reporting) = &self.csp.reporting {
            headers.insert(REPORTING_ENDPOINTS, reporting.clone());
        }
        headers.remove(STRICT_TRANSPORT_SECURITY);
        if let (SendHsts::Yes, Some(hsts)) = (send_hsts, &self.hsts) {
            headers.insert(STRICT_TRANSPORT_SECURITY, hsts.clone());
        }
        // Nothing tells a stranger which program answers.
        headers.remove(SERVER);
        headers.remove(POWERED_BY);
    }
}
