//! A till's device at the whole application: its requests are signed for real.

use crate::{
    actor::Actor,
    features::sync::{
        device::{TIME_HEADER, signed_text},
        enrol::{self, NewDevice},
    },
    testkit::{
        TestShop,
        browser::{Answer, answer_of, app},
        shop::NOON_US,
    },
};
use axum::{Router, body::Body, extract::ConnectInfo};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use db::{DbError, ShopTx};
use domain::ids::DeviceId;
use http::{Method, Request, StatusCode, header};
use p256::ecdsa::{Signature, SigningKey, signature::Signer};
use serde_json::{Value, json};
use std::net::{Ipv4Addr, SocketAddr};
use uuid::Uuid;

/// A device bound to the shop's till.
pub struct TestDevice {
    router: Router,
    id: DeviceId,
    key: SigningKey,
}

impl TestDevice {
    /// Binds one to the shop's till.
    pub async fn enrol(shop: &TestShop) -> TestDevice {
        let key = SigningKey::from_slice(&[7; 32]).expect("any 32 bytes below the order are a key");
        let device = NewDevice {
            id: DeviceId(shop.ids.next()),
            register: shop.till,
            name: "Caja de prueba".to_owned(),
            public_key: key.verifying_key().to_sec1_point(false).as_bytes().to_vec(),
            person: shop.admin.user,
            now_us: NOON_US,
        };
        let (id, admin) = (device.id, shop.admin);
        shop.db
            .shop_write(&admin, "enrol test device", async move |tx: &mut ShopTx| -> Result<(), DbError> {
                enrol::insert(tx, &device).await
            })
            .await
            .expect("the till has no device yet");
        let (_, router) = app(&shop.db);
        TestDevice { router, id, key }
    }

    /// Asks, signed.
    pub async fn ask(&self, method: Method, target: &str, body: &str) -> Answer {
        let time = NOON_US.to_string();
        let text = signed_text(method.as_str(), target, body.as_bytes(), &time);
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
        answer_of(&self.router, request).await
    }

    /// Delivers one item and answers its result.
    pub async fn deliver(&self, item: &Value) -> Value {
        let answer = self.ask(Method::POST, "/api/v1/till/batch", &json!({ "items": [item] }).to_string()).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        answer.json()["data"]["results"][0].clone()
    }

    /// The whole catalogue, as the till pulls it first.
    pub async fn catalog(&self) -> Value {
        let answer = self.ask(Method::GET, "/api/v1/till/catalog?since=0", "").await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        answer.json()["data"].clone()
    }

    /// Leases numbers and answers the first.
    pub async fn lease(&self, id: Uuid) -> i64 {
        let answer = self.ask(Method::POST, "/api/v1/till/lease", &json!({ "id": id, "above": 0 }).to_string()).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        answer.json()["data"]["from"].as_i64().expect("a lease begins with a number")
    }
}

/// An item of a batch, done now by somebody.
pub fn item(id: Uuid, kind: &str, person: Actor, offline: bool, content: &Value) -> Value {
    json!({ "id": id, "kind": kind, "at": NOON_US, "offline": offline, "person": person.user, "content": content })
}
