//! What the operator makes at the command line, and how it is refused.

use crate::{
    features::accounts::{
        by_operator::{self, Wanted},
        credentials::{self, ChosenBy},
    },
    testkit::{browser, on_both},
};
use domain::permission::Role;

fn wanted(username: &str, email: &str) -> Wanted {
    Wanted {
        username: username.to_owned(),
        email: Some(email.to_owned()).filter(|email| !email.is_empty()),
        password: "lluvia sobre tejados".to_owned(),
        must_change_password: false,
    }
}

#[tokio::test]
async fn a_person_of_the_operator_may_sign_in_at_once() {
    on_both(async |db| {
        let (app, _) = browser::app(&db);
        by_operator::create_superuser(&app, &wanted("raiz", "raiz@ejemplo.co")).await.expect("nobody has that name");
        by_operator::create_shop(&app, "La Esquina", &wanted("marta", "marta@ejemplo.co")).await.expect("it is new");
        let yuliana = Wanted { must_change_password: true, ..wanted("yuliana", "") };
        by_operator::create_member(&app, "La Esquina", Role::Seller, &yuliana).await.expect("the shop is there");
        for (name, superuser, must_change, in_a_shop) in
            [("raiz", true, false, false), ("MARTA@ejemplo.co", false, false, true), ("yuliana", false, true, true)]
        {
            let found = credentials::find(&db, name).await.expect("the database answers").expect(name);
            assert!(found.active && found.email_verified, "{name}");
            assert_eq!((found.superuser, found.must_change_password), (superuser, must_change), "{name}");
            assert!(found.password_hash.is_some_and(|hash| hash.starts_with("$argon2id$")), "{name}");
            let shop = credentials::first_shop(&db, found.user).await.expect("the database answers");
            assert_eq!(shop.is_some(), in_a_shop, "{name}");
        }
    })
    .await;
}

#[tokio::test]
async fn what_is_wrong_with_a_person_is_said_with_the_flag() {
    on_both(async |db| {
        let (app, _) = browser::app(&db);
        by_operator::create_shop(&app, "La Esquina", &wanted("marta", "marta@ejemplo.co")).await.expect("it is new");
        by_operator::create_shop(&app, "Dos", &wanted("ana", "")).await.expect("it is new");
        by_operator::create_shop(&app, "Dos", &wanted("eva", "")).await.expect("it is new");
        let weak = Wanted { password: "12345678".to_owned(), ..wanted("otra", "") };
        let cases = [
            ("La Esquina", wanted("", ""), "--username"),
            ("La Esquina", wanted("a@b", ""), "--username"),
            ("La Esquina", wanted("otra", "nada"), "--email"),
            ("La Esquina", wanted("Marta", ""), "--username"),
            ("La Esquina", wanted("otra", "MARTA@ejemplo.co"), "--email"),
            ("La Esquina", weak, "The password"),
            ("Nada", wanted("otra", ""), "there is no shop"),
            ("Dos", wanted("otra", ""), "several shops"),
        ];
        for (shop, person, expected) in cases {
            let refused = by_operator::create_member(&app, shop, Role::Admin, &person).await.expect_err(expected);
            assert!(refused.0.contains(expected), "{expected}: {}", refused.0);
        }
        assert!(credentials::find(&db, "otra").await.expect("the database answers").is_none());
    })
    .await;
}

#[tokio::test]
async fn a_new_password_keeps_the_rules_and_replaces_the_old_one() {
    on_both(async |db| {
        let (app, _) = browser::app(&db);
        by_operator::create_superuser(&app, &wanted("raiz", "")).await.expect("nobody has that name");
        let before = credentials::find(&db, "raiz").await.expect("the database answers").expect("raiz").password_hash;
        for (name, password) in [("raiz", "corto"), ("nadie", "montaña tras montaña")] {
            by_operator::change_password(&app, name, password, ChosenBy::Themselves).await.expect_err(name);
        }
        let same = credentials::find(&db, "raiz").await.expect("the database answers").expect("raiz").password_hash;
        assert_eq!(same, before);
        by_operator::change_password(&app, "raiz", "montaña tras montaña", ChosenBy::SomebodyElse)
            .await
            .expect("it is good");
        let after = credentials::find(&db, "raiz").await.expect("the database answers").expect("raiz");
        assert_ne!(after.password_hash, before);
        assert!(after.must_change_password);
    })
    .await;
}
