//! What the account pages promise, asked over HTTP.

use crate::{
    actor::Actor,
    features::accounts::{
        by_operator::{self, Wanted},
        credentials,
        session_store::DbSessions,
    },
    kernel::finish,
    testkit::{
        Browser, TestShop,
        browser::{self, Answer},
        on_both,
    },
};
use axum::{Router, middleware, routing::get};
use db::{Db, DbError, SystemTx, params};
use domain::{ids::UserId, permission::Role};
use guard::session::SessionStore;
use http::{Method, StatusCode};
use tower::ServiceExt;

const PASSWORD: &str = "lluvia sobre tejados";
const OTHER_PASSWORD: &str = "montaña tras montaña";

db::statements! {
    system MAILS = "test_accounts.mails", "SELECT COUNT(*) FROM job WHERE kind = 'operator.send_mail'";
    system UNVERIFY = "test_accounts.unverify", "UPDATE app_user SET email_verified = FALSE WHERE id = $1";
    system ELSEWHERE = "test_accounts.elsewhere",
        "INSERT INTO member (shop_id, user_id, role, created_at, updated_at) VALUES ($1, $2, 'vendedor', 0, 0)";
}

async fn count_mails(db: &Db) -> i64 {
    let mut read = db.system("count mails").await.expect("the database answers");
    read.one(&MAILS, params![]).await.expect("the statement runs").take().expect("a count")
}

/// A person with a shop of their own, made as the operator would.
async fn marta(db: &Db) -> UserId {
    let (app, _) = browser::app(db);
    let wanted = Wanted {
        username: "marta".to_owned(),
        email: Some("marta@ejemplo.co".to_owned()),
        password: PASSWORD.to_owned(),
        must_change_password: false,
    };
    by_operator::create_shop(&app, "La Esquina", &wanted).await.expect("nobody has that name");
    credentials::find(db, "marta").await.expect("the database answers").expect("she is there").user
}

async fn sign_in(db: &Db, name: &str, password: &str) -> Answer {
    Browser::nobody(db).post("/login/", &[("username", name), ("password", password)]).await
}

#[tokio::test]
async fn a_changed_password_ends_every_session_but_the_one_that_changed_it() {
    on_both(async |db| {
        let user = marta(&db).await;
        let shop = credentials::first_shop(&db, user).await.expect("the database answers").expect("hers");
        let who = Actor { shop: domain::ids::ShopId(shop), user, role: Role::Admin };
        let (here, elsewhere) = (Browser::sign_in(&db, who).await, Browser::sign_in(&db, who).await);
        let fields = [("old_password", PASSWORD), ("new_password1", OTHER_PASSWORD), ("new_password2", OTHER_PASSWORD)];
        let changed = here.post("/cambiar-password/", &fields).await;
        assert_eq!(changed.status, StatusCode::SEE_OTHER, "{}", changed.text);
        let refused = elsewhere.get("/dashboard/").await;
        assert_eq!(refused.location.as_deref(), Some("/login/?next=%2Fdashboard%2F"));
        assert_eq!(DbSessions::new(db.clone()).list(user.0).await.expect("the database answers").len(), 1);
        assert_eq!(sign_in(&db, "marta", OTHER_PASSWORD).await.location.as_deref(), Some("/dashboard/"));
    })
    .await;
}

#[tokio::test]
async fn guesses_at_one_person_are_one_count_by_name_and_by_address() {
    on_both(async |db| {
        marta(&db).await;
        for name in ["marta", "marta@ejemplo.co", "MARTA", "Marta@Ejemplo.co", "marta"] {
            assert_eq!(sign_in(&db, name, "no es esta").await.status, StatusCode::OK);
        }
        let waiting = sign_in(&db, "marta@ejemplo.co", PASSWORD).await;
        assert_eq!(waiting.status, StatusCode::TOO_MANY_REQUESTS);
    })
    .await;
}

#[tokio::test]
async fn one_mailbox_gets_so_many_links_an_hour_and_the_answer_stays_the_same() {
    on_both(async |db| {
        let user = marta(&db).await;
        db.system_exec("unverify", &UNVERIFY, params![user.0]).await.expect("she is there");
        let first = sign_in(&db, "marta", PASSWORD).await;
        for _ in 0..8 {
            let again = sign_in(&db, "marta", PASSWORD).await;
            assert_eq!((again.status, again.text.len()), (first.status, first.text.len()));
        }
        assert_eq!(count_mails(&db).await, 5);
    })
    .await;
}

#[tokio::test]
async fn an_address_that_an_admin_typed_proves_nothing_and_the_seller_signs_in_nevertheless() {
    on_both(async |db| {
        let shop = TestShop::create(db.clone(), 1).await;
        let admin = Browser::sign_in(&db, shop.admin).await;
        let fields = [("nombre", "Yuliana"), ("username", "yuliana"), ("email", "yuliana@ejemplo.co")];
        let made = admin.post("/usuarios/nuevo/", &fields).await;
        assert_eq!(made.status, StatusCode::OK, "{}", made.text);
        let found = credentials::find(&db, "yuliana").await.expect("the database answers").expect("she is there");
        assert!(!found.email_verified && found.is_vouched_for);
        let (app, _) = browser::app(&db);
        by_operator::change_password(&app, "yuliana", PASSWORD, credentials::ChosenBy::Themselves).await.expect("good");
        assert_eq!(sign_in(&db, "yuliana", PASSWORD).await.location.as_deref(), Some("/ventas/nueva/"));
    })
    .await;
}

#[tokio::test]
async fn no_user_name_can_look_like_an_address() {
    on_both(async |db| {
        for username in ["ana@x.co", "ana＠x.co", "ana﹫x.co"] {
            let fields = [
                ("username", username),
                ("email", "ana@ejemplo.co"),
                ("nombre_negocio", "Tienda"),
                ("password1", PASSWORD),
                ("password2", PASSWORD),
            ];
            let refused = Browser::nobody(&db).post("/registro/", &fields).await;
            assert!(refused.text.contains("id=\"username-e\""), "{username}: {}", refused.text);
        }
        assert!(credentials::find(&db, "ana@ejemplo.co").await.expect("the database answers").is_none());
    })
    .await;
}

#[tokio::test]
async fn whoever_must_change_their_password_reaches_no_public_page_either() {
    on_both(async |db| {
        let (app, _) = browser::app(&db);
        let user = marta(&db).await;
        by_operator::change_password(&app, "marta", OTHER_PASSWORD, credentials::ChosenBy::SomebodyElse)
            .await
            .expect("good");
        let shop = credentials::first_shop(&db, user).await.expect("the database answers").expect("hers");
        let who = Actor { shop: domain::ids::ShopId(shop), user, role: Role::Admin };
        let browser = Browser::sign_in(&db, who).await;
        for path in ["/", "/registro/", "/dashboard/"] {
            assert_eq!(browser.get(path).await.location.as_deref(), Some("/cambiar-password/"), "{path}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_deactivated_seller_is_out_of_this_shop_and_goes_on_in_another() {
    on_both(async |db| {
        let (here, there) = (TestShop::create(db.clone(), 1).await, TestShop::create(db.clone(), 2).await);
        let seller = here.seller().await;
        let elsewhere = Actor { shop: there.admin.shop, ..seller };
        db.system_write("second shop", async move |tx: &mut SystemTx| -> Result<(), DbError> {
            tx.exec_one(&ELSEWHERE, params![elsewhere.shop.0, elsewhere.user.0]).await
        })
        .await
        .expect("she is in one shop so far");
        let (out, on) = (Browser::sign_in(&db, seller).await, Browser::sign_in(&db, elsewhere).await);
        let admin = Browser::sign_in(&db, here.admin).await;
        admin.post(&format!("/usuarios/{}/desactivar/", seller.user), &[]).await;
        assert_eq!(out.get("/ventas/").await.location.as_deref(), Some("/login/?next=%2Fventas%2F"));
        assert_eq!(on.get("/ventas/").await.status, StatusCode::OK);
    })
    .await;
}

#[tokio::test]
async fn a_handler_that_panics_is_answered_like_any_mistake_of_ours() {
    on_both(async |db| {
        let (app, _) = browser::app(&db);
        let panics = get(async || -> &'static str { panic!("a mistake in a handler") });
        let router: Router = Router::new()
            .route("/", panics)
            .layer(middleware::from_fn_with_state(app.clone(), finish::finish))
            .with_state(app);
        let request = http::Request::builder().method(Method::GET).uri("/").body(axum::body::Body::empty());
        let response = router.oneshot(request.expect("well formed")).await.expect("a router always answers");
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let page = axum::body::to_bytes(response.into_body(), usize::MAX).await.expect("the body is whole");
        assert!(String::from_utf8_lossy(&page).contains("<html"), "the answer is a page");
    })
    .await;
}
