//! Photos of products by HTTP, on both engines: sent, shown, refused, cleared away.

use super::{PLAIN, first_product, with};
use crate::{
    actor::Actor,
    features::{
        accounts::{limit_store::DbLimits, session_store::DbSessions},
        catalog::{photos::MEDIA, sweep_photos::SweepPhotos},
        operator::send_mail::JobContext,
    },
    testkit::{
        Browser, TestShop,
        browser::Answer,
        on_both,
        shop::{FixedClock, NOON_US},
    },
};
use db::Db;
use guard::{session::SessionPolicy, source::DAY_US};
use http::{StatusCode, header};
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use jobs::{Registry, Runner, RunnerParts, RunnerSettings};
use outside::files::{FileKey, Files};
use std::{io::Cursor, sync::Arc};
use uuid::Uuid;

/// A photo of one colour.
fn photo(red: u8) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let pixels = DynamicImage::ImageRgb8(RgbImage::from_pixel(64, 48, Rgb([red, 90, 30])));
    pixels.write_to(&mut bytes, ImageFormat::Png).expect("memory takes it");
    bytes.into_inner()
}

/// A form with a file, as a browser sends it.
async fn send(browser: &Browser, path: &str, fields: &[(&str, &str)], name: &str, file: &[u8]) -> Answer {
    let mut body = Vec::new();
    for (field, value) in fields {
        body.extend(format!("--B\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n").bytes());
    }
    let head = format!("--B\r\nContent-Disposition: form-data; name=\"foto_archivo\"; filename=\"{name}\"\r\n");
    body.extend(head.bytes());
    body.extend(b"Content-Type: image/jpeg\r\n\r\n");
    body.extend(file);
    body.extend(b"\r\n--B--\r\n");
    browser.post_as(path, "multipart/form-data; boundary=B", body).await
}

/// The name of the photo that a form holds; empty where it holds none.
fn held(page: &Answer) -> String {
    let at = page.text.split("name=\"foto\" value=\"").nth(1).expect("the form names a photo");
    at.split('"').next().expect("the value ends").to_owned()
}

fn small(name: &str) -> String {
    format!("{MEDIA}{name}-s.jpg")
}

struct Scene {
    shop: TestShop,
    files: Files,
    admin: Browser,
}

async fn scene(db: Db) -> Scene {
    let shop = TestShop::create(db, 1).await;
    let files = Files::memory();
    let admin = Browser::sign_in_with(&shop.db, files.clone(), shop.admin).await;
    Scene { shop, files, admin }
}

impl Scene {
    /// Creates the product of [`PLAIN`] with a photo; answers its address and the photo's name.
    async fn with_photo(&self, red: u8) -> (String, String) {
        let created = send(&self.admin, "/productos/nuevo/", &PLAIN, "leche.png", &photo(red)).await;
        assert_eq!(created.status, StatusCode::SEE_OTHER, "{}", created.text);
        let path = first_product(&self.admin).await;
        let name = held(&self.admin.get(&path).await);
        (path, name)
    }

    async fn kept(&self) -> usize {
        self.files.list(self.shop.admin.shop.0).await.expect("memory answers").len()
    }

    async fn person(&self, who: Actor) -> Browser {
        Browser::sign_in_with(&self.shop.db, self.files.clone(), who).await
    }
}

#[tokio::test]
async fn a_photo_sent_with_a_new_product_is_shown_to_the_shop_and_to_nobody_else() {
    on_both(async |db| {
        let scene = scene(db.clone()).await;
        let (path, name) = scene.with_photo(200).await;
        assert_eq!(name.len(), 32);
        for page in ["/productos/", path.as_str()] {
            assert!(scene.admin.get(page).await.text.contains(&format!("src=\"{}\"", small(&name))), "{page}");
        }
        let shown = scene.admin.get(&small(&name)).await;
        assert_eq!((shown.status, shown.content_type.as_str()), (StatusCode::OK, "image/jpeg"));
        assert_eq!(image::guess_format(&shown.bytes).expect("it is a picture"), ImageFormat::Jpeg);
        let said = |name: header::HeaderName| shown.headers[name].to_str().expect("it is plain").to_owned();
        assert_eq!(said(header::CACHE_CONTROL), "private, max-age=31536000, immutable");
        assert_eq!(said(header::X_CONTENT_TYPE_OPTIONS), "nosniff");
        assert!(said(header::CONTENT_SECURITY_POLICY).contains("default-src 'none'"));
        assert!(said(header::CONTENT_SECURITY_POLICY).contains("sandbox"));
        let large = scene.admin.get(&format!("{MEDIA}{name}-l.jpg")).await;
        assert_eq!(large.status, StatusCode::OK);

        let seller = scene.person(scene.shop.seller().await).await;
        assert_eq!(seller.get(&small(&name)).await.status, StatusCode::OK);
        assert!(seller.get("/productos/").await.text.contains(&small(&name)));
        let nobody = Browser::nobody(&db).get(&small(&name)).await;
        assert!(nobody.location.is_some_and(|leads| leads.starts_with("/login/")));
        let stranger = TestShop::create(db, 2).await;
        let stranger = scene.person(stranger.admin).await;
        assert_eq!(stranger.get(&small(&name)).await.status, StatusCode::NOT_FOUND);
    })
    .await;
}

#[tokio::test]
async fn an_address_that_names_no_photo_is_not_found() {
    on_both(async |db| {
        let scene = scene(db).await;
        let (_, name) = scene.with_photo(200).await;
        let secret = FileKey::new(scene.shop.admin.shop.0, "secreto.jpg").expect("it is plain");
        scene.files.put(&secret, b"x".to_vec(), 0).await.expect("memory takes it");
        for file in [
            "secreto.jpg".to_owned(),
            format!("{name}-x.jpg"),
            format!("{name}-s.svg"),
            format!("{}-s.jpg", name.to_uppercase()),
            "..%2F..%2Fdb.sqlite3".to_owned(),
            "%00".to_owned(),
        ] {
            assert_eq!(scene.admin.get(&format!("{MEDIA}{file}")).await.status, StatusCode::NOT_FOUND, "{file}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_file_that_is_no_photo_is_an_error_in_words_beside_its_field() {
    on_both(async |db| {
        let scene = scene(db).await;
        let whole = photo(10);
        let long = vec![0xFF; pictures::BYTES_MAX + 1];
        let polyglot = [&b"\xFF\xD8\xFF\xE0"[..], b"<html><script>alert(1)</script>"].concat();
        let mut bomb = whole.clone();
        // The sides stand behind the signature, the length and the name of the first chunk.
        bomb[16..24].copy_from_slice(&[0x7F, 0xFF, 0xFF, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF]);
        for (file, words) in [
            (&b"hola"[..], "no es una foto"),
            (b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>", "no es una foto"),
            (&whole[..whole.len() / 2], "incompleta"),
            (&polyglot, "incompleta"),
            (&bomb, "La foto es"),
            (&long, "5 MB"),
        ] {
            let typed = with(&[("precio", "4.2OO")]);
            let answer = send(&scene.admin, "/productos/nuevo/", &typed, "foto.jpg", file).await;
            assert_eq!(answer.status, StatusCode::OK, "{words}");
            for shown in ["id=\"foto_archivo-e\"", "id=\"precio-e\"", words, "4.2OO", "7702177008474"] {
                assert!(answer.text.contains(shown), "{words}: the page lacks {shown}");
            }
        }
        assert_eq!(scene.kept().await, 0);
        assert!(scene.admin.get("/productos/").await.text.contains("Aún no tienes productos"));
    })
    .await;
}

#[tokio::test]
async fn a_form_that_cannot_be_read_is_refused_and_no_failure_of_ours() {
    on_both(async |db| {
        let scene = scene(db).await;
        for (content_type, body) in [
            (
                "multipart/form-data; boundary=B",
                &b"--B\r\nContent-Disposition: form-data; name=\"nombre\"\r\n\r\nA"[..],
            ),
            (
                "multipart/form-data; boundary=B",
                b"--B\r\nContent-Disposition: form-data; name=\"nombre\"\r\n\r\n\xFF\r\n--B--",
            ),
            ("multipart/form-data; boundary=B", b""),
            ("multipart/form-data; boundary=B", b"hola"),
        ] {
            let answer = scene.admin.post_as("/productos/nuevo/", content_type, body).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body:?}");
        }
        let long = "x".repeat(1024 * 1024 + 1);
        let answer = send(&scene.admin, "/productos/nuevo/", &[("nombre", &long)], "", b"").await;
        assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    })
    .await;
}

#[tokio::test]
async fn a_photo_stays_with_a_form_that_is_shown_again() {
    on_both(async |db| {
        let scene = scene(db).await;
        let wrong = with(&[("precio", "")]);
        let answer = send(&scene.admin, "/productos/nuevo/", &wrong, "leche.png", &photo(7)).await;
        assert_eq!(answer.status, StatusCode::OK);
        let name = held(&answer);
        assert!(answer.text.contains(&format!("src=\"{}\"", small(&name))));
        let more =
            send(&scene.admin, "/productos/nuevo/", &with(&[("mas_codigos", "1"), ("foto", &name)]), "", b"").await;
        assert_eq!(held(&more), name);
        let created = send(&scene.admin, "/productos/nuevo/", &with(&[("foto", &name)]), "", b"").await;
        assert_eq!(created.status, StatusCode::SEE_OTHER, "{}", created.text);
        assert!(scene.admin.get("/productos/").await.text.contains(&small(&name)));
    })
    .await;
}

#[tokio::test]
async fn a_photo_that_the_shop_does_not_have_cannot_be_named() {
    on_both(async |db| {
        let scene = scene(db.clone()).await;
        let (_, name) = scene.with_photo(1).await;
        let other = TestShop::create(db, 2).await;
        let stranger = scene.person(other.admin).await;
        for named in [name.as_str(), "no", "0123456789abcdef0123456789abcdef"] {
            let answer = stranger.post("/productos/nuevo/", &with(&[("foto", named)])).await;
            assert_eq!(answer.status, StatusCode::OK, "{named}");
            assert!(answer.text.contains("Esa foto ya no está"), "{named}");
        }
        assert!(!stranger.get("/productos/").await.text.contains("Leche"));
    })
    .await;
}

#[tokio::test]
async fn a_photo_is_replaced_and_taken_away() {
    on_both(async |db| {
        let scene = scene(db).await;
        let (path, first) = scene.with_photo(1).await;
        let replaced = send(&scene.admin, &path, &with(&[("foto", &first)]), "otra.png", &photo(250)).await;
        assert_eq!(replaced.status, StatusCode::SEE_OTHER, "{}", replaced.text);
        let second = held(&scene.admin.get(&path).await);
        assert_ne!(first, second);
        // A program that knows nothing of photos changes a price and no more.
        let plain = scene.admin.post(&path, &with(&[("precio", "5.000")])).await;
        assert_eq!((plain.status, held(&scene.admin.get(&path).await)), (StatusCode::SEE_OTHER, second.clone()));
        let removed = send(&scene.admin, &path, &with(&[("foto", &second), ("quitar_foto", "1")]), "", b"").await;
        assert_eq!((removed.status, held(&scene.admin.get(&path).await)), (StatusCode::SEE_OTHER, String::new()));
        assert!(!scene.admin.get("/productos/").await.text.contains(MEDIA));
    })
    .await;
}

#[tokio::test]
async fn two_people_with_two_photos_are_told_of_each_other() {
    on_both(async |db| {
        let scene = scene(db).await;
        let (path, first) = scene.with_photo(1).await;
        let mine = with(&[("foto", &first), ("quitar_foto", "1"), ("version", "1")]);
        assert_eq!(send(&scene.admin, &path, &mine, "", b"").await.status, StatusCode::SEE_OTHER);
        let theirs = with(&[("foto", &first), ("version", "1")]);
        let stale = send(&scene.admin, &path, &theirs, "otra.png", &photo(99)).await;
        assert_eq!(stale.status, StatusCode::OK);
        assert!(stale.text.contains("ahora dice «sin foto», tú escribiste «con foto»"), "{}", stale.text);
        let second = held(&stale);
        let again = with(&[("foto", &second), ("version", "2")]);
        assert_eq!(send(&scene.admin, &path, &again, "", b"").await.status, StatusCode::SEE_OTHER);
        assert_eq!(held(&scene.admin.get(&path).await), second);
    })
    .await;
}

#[tokio::test]
async fn the_same_photo_sent_twice_is_kept_once_and_a_form_with_it_creates_one_product() {
    on_both(async |db| {
        let scene = scene(db).await;
        let form = with(&[("id", "01900000-0000-7000-8000-000000000001")]);
        for _ in 0..2 {
            let sent = send(&scene.admin, "/productos/nuevo/", &form, "leche.png", &photo(4)).await;
            assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text);
        }
        assert!(scene.admin.get("/productos/").await.text.contains("1 producto activo"));
        assert_eq!(scene.kept().await, 2, "a small and a large one");
        let other = send(&scene.admin, "/productos/nuevo/", &form, "otra.png", &photo(5)).await;
        assert_eq!(other.status, StatusCode::CONFLICT, "another photo is another form");
    })
    .await;
}

#[tokio::test]
async fn a_disk_that_is_full_keeps_neither_photo_nor_product() {
    on_both(async |db| {
        let scene = scene(db).await;
        let Files::Memory(memory) = &scene.files else { panic!("the scene's files are in memory") };
        memory.fill_up();
        let answer = send(&scene.admin, "/productos/nuevo/", &PLAIN, "leche.png", &photo(4)).await;
        assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
        assert!(scene.admin.get("/productos/").await.text.contains("Aún no tienes productos"));
    })
    .await;
}

async fn sweep(scene: &Scene, now_us: i64) {
    let db = &scene.shop.db;
    let runner = Runner::new(RunnerParts {
        db: db.clone(),
        registry: Registry::default().with_periodic(SweepPhotos::every(), &SweepPhotos::default()),
        context: Arc::new(JobContext {
            db: db.clone(),
            mailer: None,
            sessions: DbSessions::new(db.clone()),
            session_policy: SessionPolicy::default(),
            limits: DbLimits::new(db.clone(), Arc::new(FixedClock)),
            files: scene.files.clone(),
        }),
        clock: Arc::new(move || now_us),
        random: Arc::new(|| 7),
        settings: RunnerSettings::default(),
    });
    runner.enqueue_periodic().await.expect("the database answers");
    let summary = runner.run_due_once().await.expect("the database answers");
    assert_eq!((summary.done, summary.failed), (1, 0));
}

#[tokio::test]
async fn photos_that_no_product_has_are_cleared_away_after_a_day_and_no_others() {
    on_both(async |db| {
        let scene = scene(db).await;
        let (path, used) = scene.with_photo(1).await;
        let given_up = send(&scene.admin, "/productos/nuevo/", &with(&[("nombre", "")]), "a.png", &photo(2)).await;
        let given_up = held(&given_up);
        let elsewhere = FileKey::new(Uuid::from_u128(9), &format!("{used}-s.jpg")).expect("it is plain");
        let foreign = FileKey::new(scene.shop.admin.shop.0, "leeme.txt").expect("it is plain");
        for key in [&elsewhere, &foreign] {
            scene.files.put(key, vec![1], 0).await.expect("memory takes it");
        }
        sweep(&scene, NOON_US + DAY_US).await;
        assert_eq!(scene.kept().await, 5, "whoever is still typing keeps their photo for a day");
        sweep(&scene, NOON_US + 2 * DAY_US).await;
        assert_eq!(scene.admin.get(&small(&given_up)).await.status, StatusCode::NOT_FOUND);
        assert_eq!(scene.admin.get(&small(&used)).await.status, StatusCode::OK);
        assert_eq!(scene.kept().await, 3, "the used photo, and what is no photo");
        assert!(scene.files.get(&elsewhere).await.expect("memory answers").is_some(), "of a shop nobody knows here");
        let removed = with(&[("foto", &used), ("quitar_foto", "1")]);
        assert_eq!(send(&scene.admin, &path, &removed, "", b"").await.status, StatusCode::SEE_OTHER);
        sweep(&scene, NOON_US + 3 * DAY_US).await;
        assert_eq!(scene.kept().await, 1);
    })
    .await;
}
