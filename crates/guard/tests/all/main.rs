//! What the crate promises, one file a promise. Functions named `sNNN_…` prove an item of
//! the security page; the numbers follow the page's own order, as the specification groups
//! them: S1–S18 keys, S19–S27 CSRF, S28–S36 sessions, S37–S46 passwords, S47–S55 and
//! S99–S103 https and headers, S56–S70 guessing.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod csrf_requests;
mod headers_everywhere;
mod hosts_and_proxies;
mod keys_and_signing;
mod passwords;
mod rate_limits;
mod session_life;
mod testkit;
