//! The wall: every route of the router, asked by everybody who may not.
//!
//! A new route enters by itself. **What it proves:** nobody gets in without the
//! right, nothing of another shop answers, and no request of these ends in a 5xx.

use crate::{
    router,
    testkit::{Browser, TestShop, on_both},
};
use domain::permission::{Role, allows};
use http::{Method, StatusCode};
use web::{Access, route::RouteInfo};

/// An id that no record has.
const NOBODYS: &str = "01900000-0000-7000-8000-000000000000";

/// A path with something plausible in each of its places.
fn concrete(route: &RouteInfo) -> String {
    let parts = route.path.split('/').map(|part| match part {
        "{token}" => "not-a-token".to_owned(),
        part if part.starts_with('{') => NOBODYS.to_owned(),
        part => part.to_owned(),
    });
    parts.collect::<Vec<_>>().join("/")
}

fn is_api(route: &RouteInfo) -> bool {
    route.path.contains("/api/")
}

/// Routes that a seller may not call, and that a person's session may call at all.
fn closed_to_sellers() -> Vec<RouteInfo> {
    let routes = router::routes();
    let closed = routes.list().filter(|route| match route.access {
        Access::Permission(permission) => !allows(Role::Seller, permission),
        Access::Superuser | Access::Device | Access::ApiKey => true,
        Access::Public | Access::SignedIn | Access::Member => false,
    });
    closed.cloned().collect()
}

#[tokio::test]
async fn nobody_gets_past_the_door_without_signing_in() {
    on_both(async |db| {
        let nobody = Browser::nobody(&db);
        let mut tried = 0;
        for route in router::routes().list().filter(|route| route.access != Access::Public) {
            let answer = nobody.ask(route.method.clone(), &concrete(route)).await;
            if is_api(route) {
                assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{} {}", route.method, route.path);
            } else {
                assert_eq!(answer.status, StatusCode::SEE_OTHER, "{} {}", route.method, route.path);
                let leads = answer.location.unwrap_or_default();
                assert!(leads.starts_with("/login/"), "{} {} leads to {leads}", route.method, route.path);
            }
            tried += 1;
        }
        assert!(tried > 20, "only {tried} routes were tried");
    })
    .await;
}

#[tokio::test]
async fn a_seller_is_led_away_from_what_is_the_admins() {
    on_both(async |db| {
        let shop = TestShop::create(db.clone(), 1).await;
        let seller = Browser::sign_in(&db, shop.seller().await).await;
        let closed = closed_to_sellers();
        assert!(closed.len() > 10, "only {} routes are closed", closed.len());
        for route in closed {
            let answer = seller.ask(route.method.clone(), &concrete(&route)).await;
            if route.access == Access::Device {
                assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{} {}", route.method, route.path);
            } else if is_api(&route) {
                assert_eq!(answer.status, StatusCode::FORBIDDEN, "{} {}", route.method, route.path);
            } else {
                assert_eq!(answer.location.as_deref(), Some("/ventas/"), "{} {}", route.method, route.path);
            }
        }
    })
    .await;
}

#[tokio::test]
async fn an_id_that_no_record_has_is_not_found_and_never_a_fault() {
    on_both(async |db| {
        let shop = TestShop::create(db.clone(), 1).await;
        let admin = Browser::sign_in(&db, shop.admin).await;
        let of_a_shop = |route: &&RouteInfo| route.path.contains("{id}") && route.access != Access::Superuser;
        for route in router::routes().list().filter(of_a_shop) {
            let answer = admin.ask(route.method.clone(), &concrete(route)).await;
            let is_get = route.method == Method::GET;
            assert!(!answer.status.is_server_error(), "{} {}: {}", route.method, route.path, answer.status);
            assert!(
                !is_get || answer.status == StatusCode::NOT_FOUND,
                "{} {}: {}",
                route.method,
                route.path,
                answer.status
            );
        }
    })
    .await;
}

#[tokio::test]
async fn an_unsafe_request_without_a_token_is_refused_everywhere() {
    on_both(async |db| {
        let shop = TestShop::create(db.clone(), 1).await;
        let admin = Browser::sign_in(&db, shop.admin).await.without_token();
        let mut tried = 0;
        for route in router::routes().list().filter(|route| route.method != Method::GET) {
            let answer = admin.ask(route.method.clone(), &concrete(route)).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{} {}", route.method, route.path);
            tried += 1;
        }
        assert!(tried > 10, "only {tried} routes were tried");
    })
    .await;
}
