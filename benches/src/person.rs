//! Somebody who signs in with a password and keeps a session, as a browser would.

use crate::{client::Wire, world};
use std::{collections::BTreeMap, net::SocketAddr};

/// A person with a session.
#[derive(Clone, Debug)]
pub struct Person {
    host: String,
    cookies: BTreeMap<String, String>,
    csrf: String,
}

impl Person {
    /// Signs in through the form.
    ///
    /// # Errors
    /// A sentence of what was answered instead.
    pub async fn sign_in(address: SocketAddr, username: &str) -> Result<Person, String> {
        let mut person = Person { host: address.to_string(), cookies: BTreeMap::new(), csrf: String::new() };
        let broken = |error: std::io::Error| format!("the connection broke while signing in: {error}");
        let mut wire = Wire::connect(address).await.map_err(broken)?;
        let form = wire.ask(&person.get("/login/")).await.map_err(broken)?;
        let token = hidden(&form.text(), "csrfmiddlewaretoken").ok_or("the sign-in page has no token")?;
        person.keep(&form.head());
        let password = world::PASSWORD.replace(' ', "+");
        let body = format!("csrfmiddlewaretoken={token}&username={username}&password={password}&next=");
        let entered = wire.ask(&person.post_form("/login/", &body)).await.map_err(broken)?;
        if entered.status != 303 {
            return Err(format!("signing in as {username} was answered {}", entered.status));
        }
        person.keep(&entered.head());
        let session = wire.ask(&person.get("/api/v1/till/session")).await.map_err(broken)?;
        let answer: serde_json::Value = serde_json::from_slice(session.body)
            .map_err(|_| format!("the session's address was answered {}", session.status))?;
        person.csrf = answer["data"]["csrf"].as_str().ok_or("the session has no token")?.to_owned();
        Ok(person)
    }

    fn keep(&mut self, head: &str) {
        let lines = head.lines().filter_map(|line| line.split_once(": "));
        for (_, cookie) in lines.filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie")) {
            let pair = cookie.split(';').next().and_then(|pair| pair.split_once('='));
            if let Some((name, value)) = pair {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }

    fn head(&self, method: &str, path: &str) -> String {
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let host = &self.host;
        let mut head = format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\nAccept-Language: es\r\n");
        if !cookies.is_empty() {
            head += &format!("Cookie: {}\r\n", cookies.join("; "));
        }
        head
    }

    /// A request for a page or an answer in JSON.
    pub fn get(&self, path: &str) -> Vec<u8> {
        format!("{}\r\n", self.head("GET", path)).into_bytes()
    }

    fn post(&self, path: &str, content_type: &str, body: &str) -> Vec<u8> {
        let (head, host, length, csrf) = (self.head("POST", path), &self.host, body.len(), &self.csrf);
        let token = if csrf.is_empty() { String::new() } else { format!("X-CSRFToken: {csrf}\r\n") };
        format!(
            "{head}Origin: http://{host}\r\n{token}Content-Type: {content_type}\r\nContent-Length: {length}\r\n\r\n{body}"
        )
        .into_bytes()
    }

    /// A form that is sent.
    pub fn post_form(&self, path: &str, body: &str) -> Vec<u8> {
        self.post(path, "application/x-www-form-urlencoded", body)
    }

    /// A document that is sent.
    pub fn post_json(&self, path: &str, body: &str) -> Vec<u8> {
        self.post(path, "application/json", body)
    }
}

/// The value of a hidden field.
fn hidden(page: &str, name: &str) -> Option<String> {
    let (_, after) = page.split_once(&format!("name=\"{name}\" value=\""))?;
    Some(after.split('"').next()?.to_owned())
}
