//! What a browser calls itself, as its owner would.
//!
//! It decides nothing: the words help somebody to tell their own devices apart. What
//! is not known is shown as it came.

use crate::texts::accounts::Texts;

/// Looked for in this order: most browsers also claim to be others.
const BROWSERS: [(&str, &str); 7] = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
];

/// Android also says Linux, an iPhone also says Mac OS X.
const SYSTEMS: [(&str, &str); 7] = [
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "Mac"),
    ("Linux", "Linux"),
];

/// `Chrome en Android` of a `User-Agent` header.
pub fn words(agent: &str, t: Texts) -> String {
    let first = |names: &[(&str, &'static str)]| names.iter().find(|(mark, _)| agent.contains(mark)).map(|name| name.1);
    match (first(&BROWSERS), first(&SYSTEMS)) {
        (Some(browser), Some(system)) => t.profile_agent(browser, system),
        _ => agent.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use web::Lang;

    #[test]
    fn a_device_is_called_as_its_owner_calls_it() {
        let chrome = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0";
        for (agent, said) in [
            (format!("Mozilla/5.0 (Linux; Android 10; K) {chrome} Mobile Safari/537.36"), "Chrome en Android"),
            (format!("Mozilla/5.0 (Windows NT 10.0; Win64; x64) {chrome} Safari/537.36 Edg/143.0"), "Edge en Windows"),
            ("Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0".to_owned(), "Firefox en Linux"),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 Version/18.6 Mobile/15E148 Safari/604.1".to_owned(),
                "Safari en iPhone",
            ),
            ("curl/8.5.0".to_owned(), "curl/8.5.0"),
            (String::new(), ""),
        ] {
            assert_eq!(words(&agent, Texts(Lang::Es)), said);
        }
    }
}
