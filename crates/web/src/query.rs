//! A request's query: read by name, and written again with something changed.
//!
//! Every filter of a list is in the address; links of chips, heads and pages are the
//! present query with one thing different.

use crate::error::AppError;
use crate::urlencoded;

/// The query of a request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query {
    pairs: Vec<(String, String)>,
}

impl Query {
    /// Reads what stands behind the `?`.
    ///
    /// # Errors
    /// [`AppError::BadRequest`] for what is not UTF-8.
    pub fn parse(text: Option<&str>) -> Result<Self, AppError> {
        let pairs = urlencoded::parse(text.unwrap_or_default().as_bytes()).map_err(AppError::malformed)?;
        Ok(Self { pairs })
    }

    /// The first value of a name, unless it is empty.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(key, value)| key == name && !value.is_empty()).map(|(_, value)| value.as_str())
    }

    /// The same query with one value changed or added; `""` takes it out. Where the
    /// page stands (`page`, `cursor`) belongs to the old filters and is forgotten.
    #[must_use]
    pub fn with(&self, name: &str, value: &str) -> Self {
        let mut pairs: Vec<_> =
            self.pairs.iter().filter(|(key, _)| key != name && key != "page" && key != "cursor").cloned().collect();
        if !value.is_empty() {
            pairs.push((name.to_owned(), value.to_owned()));
        }
        Self { pairs }
    }

    /// The query as a link has it: `?a=1&b=2`, or `?` alone, which is the page without.
    #[must_use]
    pub fn href(&self) -> String {
        let parts: Vec<String> = self
            .pairs
            .iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| format!("{}={}", urlencoded::encode(name), urlencoded::encode(value)))
            .collect();
        format!("?{}", parts.join("&"))
    }

    /// The pairs, for the hidden fields of a form that keeps other filters.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_filter_forgets_the_page() {
        let query = Query::parse(Some("q=leche&page=7&orden=precio")).unwrap();
        assert_eq!(query.with("orden", "-precio").href(), "?q=leche&orden=-precio");
        assert_eq!(query.with("q", "").href(), "?orden=precio");
        assert_eq!(query.get("page"), Some("7"));
        assert_eq!(query.get("nada"), None);
    }
}
