//! A till as the server meets it: a device that enrols over HTTP, signs each request
//! with its own key, stamps what it did with its own clock, and delivers in batches.
//!
//! **Invariant:** whatever it knows of the server came in an answer to one of its
//! requests; a test that uses it goes through every layer and every check. It does with
//! time what the program in the browser does: its clock may be wrong, and what it
//! measured of the server's clock at its last contact is all that it corrects it by.

use crate::{
    actor::Actor,
    features::sync::device::{TIME_HEADER, signed_text},
    testkit::{
        Browser, TestShop,
        browser::{Answer, answer_of, app_by},
        shop::{NOON_US, TestClock},
    },
};
use axum::{Router, body::Body, extract::ConnectInfo};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use domain::ids::{DeviceId, RegisterId};
use http::{Method, Request, StatusCode, header};
use p256::ecdsa::{Signature, SigningKey, signature::Signer};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::atomic::{AtomicI64, Ordering},
};
use uuid::Uuid;

/// The address that takes what tills deliver.
pub const BATCH: &str = "/api/v1/till/batch";

/// A device bound to a register.
pub struct Till {
    router: Router,
    id: DeviceId,
    key: SigningKey,
    /// The server's clock, which a test sets.
    pub server: TestClock,
    /// How far its own clock is ahead of the right time.
    skew_us: i64,
    /// The server's clock less its own, as last measured.
    offset_us: AtomicI64,
}

/// The key of a device, the same in each run.
fn key_of(device: DeviceId) -> SigningKey {
    let seed = Sha256::digest(device.0.as_bytes());
    SigningKey::from_slice(&seed).expect("a hash is a key unless it is above the order, which none of these is")
}

/// What an admin's browser sends to bind a register to a device.
pub fn enrolment(device: DeviceId, register: RegisterId, take_over: bool) -> Value {
    let point = key_of(device).verifying_key().to_sec1_point(false);
    let public_key = BASE64_URL_SAFE_NO_PAD.encode(point.as_bytes());
    let name = "Caja de prueba";
    json!({ "id": device, "register_id": register, "name": name, "public_key": public_key, "take_over": take_over })
}

/// The server's time, as an answer to a till tells it.
pub fn server_time(answer: &Answer) -> Option<i64> {
    answer.headers.get("x-server-time")?.to_str().ok()?.parse().ok()
}

/// Sends an enrolment in the admin's session.
pub async fn ask_to_enrol(shop: &TestShop, asked: &Value) -> Answer {
    let admin = Browser::sign_in(&shop.db, shop.admin).await;
    admin.json(Method::POST, "/api/v1/till/devices", &asked.to_string()).await
}

impl Till {
    /// Binds a device to the shop's till.
    pub async fn enrol(shop: &TestShop) -> Till {
        Till::enrol_at(shop, shop.till, false).await
    }

    /// Takes the shop's till over from the device that has it.
    pub async fn take_over(shop: &TestShop) -> Till {
        Till::enrol_at(shop, shop.till, true).await
    }

    /// Binds a device to a register.
    pub async fn enrol_at(shop: &TestShop, register: RegisterId, take_over: bool) -> Till {
        let id = DeviceId(shop.ids.next());
        let answer = ask_to_enrol(shop, &enrolment(id, register, take_over)).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        let server = TestClock::at(NOON_US);
        let (_, router) = app_by(&shop.db, server.clone());
        Till { router, id, key: key_of(id), server, skew_us: 0, offset_us: AtomicI64::new(0) }
    }

    /// The same till with a clock that is so far ahead.
    #[must_use]
    pub fn with_skew(self, skew_us: i64) -> Till {
        Till { skew_us, ..self }
    }

    /// Its id.
    pub fn id(&self) -> DeviceId {
        self.id
    }

    /// What its own clock says, corrected by what it measured.
    pub fn stamp(&self) -> i64 {
        self.server.now() + self.skew_us + self.offset_us.load(Ordering::Relaxed)
    }

    /// A signed request; `time` is the device's, as text.
    pub fn signed(&self, method: Method, target: &str, body: &str, time: &str) -> Request<Body> {
        let text = signed_text(method.as_str(), target, body.as_bytes(), time);
        let signature: Signature = self.key.sign(text.as_bytes());
        let proof = format!("Device {}.{}", self.id, BASE64_URL_SAFE_NO_PAD.encode(signature.to_bytes()));
        let mut request = Request::builder()
            .method(method)
            .uri(target)
            .header(header::HOST, "localhost:8000")
            .header(header::AUTHORIZATION, proof)
            .header(TIME_HEADER, time)
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(body.to_owned()))
            .expect("the request is well formed");
        request.extensions_mut().insert(ConnectInfo(SocketAddr::from((Ipv4Addr::LOCALHOST, 40_000))));
        request
    }

    /// Sends a request as it is, and measures the server's clock by the answer.
    pub async fn send(&self, request: Request<Body>) -> Answer {
        let answer = answer_of(&self.router, request).await;
        if let Some(server_us) = server_time(&answer) {
            self.offset_us.store(server_us - (self.server.now() + self.skew_us), Ordering::Relaxed);
        }
        answer
    }

    /// Asks, signed.
    pub async fn ask(&self, method: Method, target: &str, body: &str) -> Answer {
        self.send(self.signed(method, target, body, &self.stamp().to_string())).await
    }

    /// The data of an answer that is expected to be one.
    async fn data(&self, method: Method, target: &str, body: &str) -> Value {
        let answer = self.ask(method, target, body).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        answer.json()["data"].clone()
    }

    /// Something that somebody did at this till now.
    pub fn item(&self, id: Uuid, kind: &str, person: Actor, offline: bool, content: &Value) -> Value {
        stamped(id, kind, person, offline, content, self.stamp())
    }

    /// Delivers items in one batch and answers their results, in their order.
    pub async fn deliver_all(&self, items: &[Value]) -> Vec<Value> {
        let body = json!({ "items": items }).to_string();
        let results = self.data(Method::POST, BATCH, &body).await["results"].clone();
        results.as_array().expect("a batch answers a list").clone()
    }

    /// Delivers one item and answers its result.
    pub async fn deliver(&self, item: &Value) -> Value {
        self.deliver_all(std::slice::from_ref(item)).await[0].clone()
    }

    /// The whole catalogue, as the till pulls it first.
    pub async fn catalog(&self) -> Value {
        self.catalog_after("since=0").await
    }

    /// A page of the catalogue.
    pub async fn catalog_after(&self, query: &str) -> Value {
        self.data(Method::GET, &format!("/api/v1/till/catalog?{query}"), "").await
    }

    /// What is on hand, product by product.
    pub async fn stock(&self) -> Value {
        self.data(Method::GET, "/api/v1/till/stock", "").await["levels"].clone()
    }

    /// Leases numbers and answers the first.
    pub async fn lease(&self, id: Uuid) -> i64 {
        self.lease_block(id).await["from"].as_i64().expect("a lease begins with a number")
    }

    /// Leases numbers and answers the whole lease.
    pub async fn lease_block(&self, id: Uuid) -> Value {
        self.data(Method::POST, "/api/v1/till/lease", &json!({ "id": id, "above": 0 }).to_string()).await
    }
}

fn stamped(id: Uuid, kind: &str, person: Actor, offline: bool, content: &Value, at: i64) -> Value {
    json!({ "id": id, "kind": kind, "at": at, "offline": offline, "person": person.user, "content": content })
}

/// An item of a batch, done at noon by somebody.
pub fn item(id: Uuid, kind: &str, person: Actor, offline: bool, content: &Value) -> Value {
    stamped(id, kind, person, offline, content, NOON_US)
}
