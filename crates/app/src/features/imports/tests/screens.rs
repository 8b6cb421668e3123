//! The screens, through every layer that a browser's request passes.

use super::{products, tools};
use crate::{
    features::imports::{apply, columns::Kind},
    testkit::{
        TestShop,
        browser::{Answer, Browser},
        on_both,
    },
};
use http::StatusCode;

const HOME: &str = "/configuracion/datos/importar/";

async fn upload(browser: &Browser, kind: &str, file: &str) -> Answer {
    let field =
        |name: &str, value: &str| format!("--B\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
    let body = format!(
        "{}{}--B\r\nContent-Disposition: form-data; name=\"archivo\"; filename=\"C:\\\\datos\\\\lista.csv\"\r\n\
         Content-Type: text/csv\r\n\r\n{file}\r\n--B--\r\n",
        field("tipo", kind),
        field("impuesto", ""),
    );
    browser.post_as(HOME, "multipart/form-data; boundary=B", &body).await
}

fn leads_to(answer: &Answer) -> String {
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    answer.location.clone().expect("a redirect says where to")
}

#[tokio::test]
async fn a_file_goes_from_upload_over_columns_and_review_to_the_report() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let browser = Browser::sign_in(&shop.db, shop.admin).await;
        assert_eq!(browser.get(HOME).await.status, StatusCode::OK);
        let columns = leads_to(&upload(&browser, "products", "Título;Cosa;PVP\nArroz;A1;2.000\nSal;A2;x\n").await);
        let page = browser.get(&columns).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.text.contains("Arroz · Sal"), "examples are shown");
        assert!(page.text.contains("decimales_precio"), "2.000 can be read in two ways");

        let unanswered = [("columna_0", "nombre"), ("columna_1", "sku"), ("columna_2", "precio")];
        let again = browser.post(&columns, &unanswered).await;
        assert_eq!(again.status, StatusCode::OK);
        assert!(again.text.contains("En la fila 2"), "the question is asked again");
        let twice = [("columna_0", "nombre"), ("columna_1", "nombre"), ("columna_2", "precio")];
        assert!(browser.post(&columns, &twice).await.text.contains("Dos columnas"));
        let lacking = browser.post(&columns, &[("columna_0", "nombre")]).await;
        assert!(lacking.text.contains("Falta indicar"), "{}", lacking.text);

        let answered = [unanswered.as_slice(), &[("decimales_precio", "comma")]].concat();
        let run = leads_to(&browser.post(&columns, &answered).await);
        let review = browser.get(&run).await.text;
        assert!(review.contains("Arroz") && review.contains("C3") && review.contains("No es un número."), "{review}");
        assert!(review.contains("lista.csv") && !review.contains("C:"), "a name without its folders");
        assert_eq!(products(&shop).await, [], "nothing is written before the person says so");

        leads_to(&browser.post(&format!("{run}aplicar/"), &[]).await);
        leads_to(&browser.post(&format!("{run}aplicar/"), &[]).await);
        assert!(browser.get(&run).await.text.contains("<progress"));
        let id = run.trim_end_matches('/').rsplit('/').next().expect("an id").parse().expect("an id");
        apply::apply(&shop.db, shop.admin, id, &tools(), &|_| {}).await.expect("the job's work");
        let report = browser.get(&run).await.text;
        assert!(report.contains("/productos/") && !report.contains("aplicar"), "{report}");
        assert_eq!(products(&shop).await[0].2, 200_000);
        let file = browser.get(&format!("{run}rechazadas.csv")).await;
        assert_eq!(file.text, "\u{feff}Fila;Celda;Por qué\r\n3;C3;\"No es un número.\"\r\n");
        assert!(browser.get(HOME).await.text.contains("lista.csv"));
    })
    .await;
}

#[tokio::test]
async fn bad_uploads_are_answered_with_what_to_do() {
    on_both(async |db| {
        let shop = TestShop::create(db, 1).await;
        let browser = Browser::sign_in(&shop.db, shop.admin).await;
        for (kind, file, said) in [
            ("products", "", "Elige un archivo."),
            ("products", "\n\n", "vacío"),
            ("products", "PK\u{3}\u{4} and no more", "dañado"),
        ] {
            let answer = upload(&browser, kind, file).await;
            assert_eq!(answer.status, StatusCode::OK);
            assert!(answer.text.contains(said), "{file:?}: {}", answer.text);
        }
        assert_eq!(upload(&browser, "nada", "a;b\n1;2\n").await.status, StatusCode::OK);
        for (content_type, body) in
            [("text/plain", "x"), ("multipart/form-data; boundary=B", "no parts"), ("application/json", "{}")]
        {
            let answer = browser.post_as(HOME, content_type, body).await;
            assert!(answer.status.is_client_error(), "{content_type}: {}", answer.status);
        }
    })
    .await;
}

#[tokio::test]
async fn another_shops_files_and_runs_are_not_there() {
    on_both(async |db| {
        let shop = TestShop::create(db.clone(), 1).await;
        let other = TestShop::create(db, 2).await;
        let browser = Browser::sign_in(&shop.db, shop.admin).await;
        let stranger = Browser::sign_in(&shop.db, other.admin).await;
        let columns = leads_to(&upload(&browser, Kind::Products.as_str(), "Nombre;Precio\nArroz;1,5\n").await);
        let run = leads_to(&browser.post(&columns, &[("columna_0", "nombre"), ("columna_1", "precio")]).await);
        for path in [columns.clone(), run.clone(), format!("{run}rechazadas.csv"), format!("{HOME}x/")] {
            assert_eq!(stranger.get(&path).await.status, StatusCode::NOT_FOUND, "{path}");
        }
        for path in [columns, format!("{run}aplicar/"), format!("{run}descartar/")] {
            assert_eq!(stranger.post(&path, &[]).await.status, StatusCode::NOT_FOUND, "{path}");
        }
        leads_to(&browser.post(&format!("{run}descartar/"), &[]).await);
        let gone = browser.post(&format!("{run}descartar/"), &[]).await;
        assert_eq!(gone.status, StatusCode::NOT_FOUND);
    })
    .await;
}
