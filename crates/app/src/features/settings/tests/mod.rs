//! The settings by HTTP, on both engines: what each page changes, what it refuses and
//! what the tills learn of it.

mod business;
mod guide;
mod methods;
mod prices;
mod taxes;
mod tills;

use crate::testkit::Browser;

/// What stands in the field of a page.
fn field<'a>(page: &'a str, name: &str) -> &'a str {
    let at = page.split(&format!("name=\"{name}\"")).nth(1).unwrap_or_else(|| panic!("no field {name}"));
    let value = at.split("value=\"").nth(1).expect("the field holds something");
    value.split('"').next().expect("the value ends")
}

/// Where the row of a list leads that has this name.
async fn href_of(browser: &Browser, list: &str, name: &str) -> String {
    let page = browser.get(list).await.text;
    let before = page.split(&format!(">{name}</a>")).next().filter(|before| before.len() < page.len());
    let before = before.unwrap_or_else(|| panic!("{list} has no {name}"));
    let at = before.rsplit("href=\"").next().expect("the link begins");
    at.split('"').next().expect("the link ends").to_owned()
}
