//! How many mails somebody may have us send.
//!
//! **Invariant:** whoever may not have another mail sent is answered as if it had been:
//! the limit protects the owner of an address, and tells a stranger nothing.

use crate::{features::accounts::people::email_key, kernel::App};
use guard::{
    Current,
    rate_limit::{self, Admission, LimitKey, LimitKind},
};
use web::AppError;

/// Whether another mail may go to this address at this browser's wish: so many an hour
/// from one network address, and so many to one mailbox.
///
/// # Errors
/// When the limits cannot be kept.
pub async fn admit(app: &App, current: &Current, email: &str) -> Result<bool, AppError> {
    let address = current.client().address;
    let keys =
        vec![LimitKey::of_address(LimitKind::Mail, address), LimitKey::of_account(LimitKind::Mail, &email_key(email))];
    match rate_limit::admit(&app.limits, keys, app.now_us()).await? {
        // A mail counts whatever comes of it.
        Admission::Admitted(_ticket) => Ok(true),
        Admission::Refused { .. } => {
            tracing::warn!(%address, "a mail was not sent: too many within the hour");
            Ok(false)
        }
    }
}
