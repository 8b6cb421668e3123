//! The living page of all components in all their states, for `/admin/componentes/`.
//!
//! The app routes to it under DEBUG only, and the tests photograph it. Its words are
//! specimens for whoever builds the screens, not screens: they stay in Spanish and out of
//! the catalogues.

use askama::Template;
use axum::response::Response;

use crate::chart::{Bar, BarChart, HeatMap};
use crate::error::AppError;
use crate::form::{Choice, Draft, Problem};
use crate::page::{Link, PageContext};
use crate::pagination::{Count, Order, PageRequest, Pages, Sort};
use crate::query::Query;

#[derive(Template)]
#[template(path = "components.html")]
struct Components<'a> {
    page: &'a PageContext,
    draft: Draft,
    categories: Vec<Choice>,
    taxes: Vec<Choice>,
    policies: Vec<Choice>,
    periods: Vec<Link>,
    filters: Vec<Link>,
    parts: Vec<Link>,
    rows: Vec<Row>,
    sort: Sort,
    other_sort: Sort,
    pages: Pages,
    chart: BarChart,
    heat: HeatMap,
    yesterday_us: i64,
}

/// A row of the specimen table.
struct Row {
    name: &'static str,
    code: &'static str,
    stock_milli: i64,
    tone: &'static str,
    signal: &'static str,
    rate_ppm: i64,
    price_minor: i64,
}

/// Writes the page.
///
/// # Errors
/// [`AppError::Internal`] when the template fails.
pub fn show(page: &PageContext, query: &Query) -> Result<Response, AppError> {
    let order = Order::read(query, &["nombre", "precio"]);
    let request = PageRequest::read(query, order)?;
    let (_, pages) = Pages::of(&request, vec![(); 26], Count::AtLeast(1_000), query, |()| Vec::new());
    page.show(&Components {
        page,
        draft: draft(),
        categories: vec![
            Choice::new("1", "Lácteos y huevos").with_hint("86"),
            Choice::new("2", "Enlatados").with_hint("41"),
            Choice::new("3", "Granos").with_hint("112"),
        ],
        taxes: vec![Choice::new("0", "Excluido"), Choice::new("5", "IVA 5 %"), Choice::new("19", "IVA 19 %")],
        policies: vec![
            Choice::new("alertar", "Vender y avisar").with_hint("Queda negativo hasta que lo cuentes"),
            Choice::new("bloquear", "No dejar vender"),
        ],
        periods: links(&["7 días", "Este mes", "Año"]),
        filters: filters(),
        parts: links(&["Detalle", "Pagos", "Devoluciones", "Historia"]),
        rows: rows(),
        sort: order.head(query, "nombre"),
        other_sort: order.head(query, "precio"),
        pages,
        chart: chart(page),
        heat: heat(),
        yesterday_us: page.format.now_us - 26 * 3_600_000_000,
    })
}

/// A form with something right, something wrong and something chosen.
fn draft() -> Draft {
    let mut draft = Draft::holding([
        ("nombre", "Panela redonda 500 g"),
        ("precio", "4.2OO"),
        ("peso", "0,755"),
        ("descuento", "10"),
        ("impuesto", "19"),
        ("politica", "alertar"),
        ("activo", "1"),
        ("categoria", "Lácteos y huevos"),
    ]);
    draft.refuse("precio", Problem::NotAnAmount { example: "4.200".to_owned() });
    draft.refuse("clave", Problem::Required);
    draft.labelled(&[("precio", "Precio"), ("clave", "Contraseña")])
}

fn links(labels: &[&str]) -> Vec<Link> {
    let link = |(index, label): (usize, &&str)| Link {
        href: format!("?vista={index}"),
        label: (*label).to_owned(),
        current: index == 0,
        count: String::new(),
    };
    labels.iter().enumerate().map(link).collect()
}

fn filters() -> Vec<Link> {
    let mut filters = links(&["Todos", "Por agotarse", "Granos"]);
    filters[1].count = "12".to_owned();
    filters
}

fn rows() -> Vec<Row> {
    vec![
        Row {
            name: "Arroz Diana 500 g",
            code: "7702511000014",
            stock_milli: 184_000,
            tone: "",
            signal: "",
            rate_ppm: 230_000,
            price_minor: 290_000,
        },
        Row {
            name: "Azúcar Manuelita 1 kg",
            code: "7702406000112",
            stock_milli: 6_000,
            tone: "warn",
            signal: "6, mín. 12",
            rate_ppm: 190_000,
            price_minor: 490_000,
        },
        Row {
            name: "Gaseosa Postobón manzana 1,5 L",
            code: "7702090029062",
            stock_milli: -2_000,
            tone: "bad",
            signal: "− 2, contar",
            rate_ppm: 280_000,
            price_minor: 520_000,
        },
        Row {
            name: "Queso campesino",
            code: "2000415",
            stock_milli: 7_245,
            tone: "",
            signal: "",
            rate_ppm: 250_000,
            price_minor: 1_290_000,
        },
    ]
}

fn chart(page: &PageContext) -> BarChart {
    let days = [
        (20_261_119, 141_230_000, 129_850_000),
        (20_261_120, 135_680_000, 140_210_000),
        (20_261_121, 168_840_000, 154_100_000),
        (20_261_122, 210_490_000, 196_030_000),
        (20_261_123, 187_120_000, 190_260_000),
        (20_261_124, 110_270_000, 103_420_000),
        (20_261_125, 128_460_000, 119_870_000),
    ];
    let bars = days.into_iter().enumerate().map(|(index, (date, now_minor, before))| {
        let axis = page.format.date_axis(date);
        Bar {
            label_short: axis.split(' ').next().unwrap_or_default().to_owned(),
            label: if index == 6 { page.texts().time_today().to_owned() } else { axis },
            now_minor,
            before_minor: Some(before),
            is_today: index == 6,
        }
    });
    BarChart {
        title: "Ventas por día: últimos 7 días y, con una raya, el mismo día de la semana anterior.".to_owned(),
        bars: bars.collect(),
        note: "la raya, 7 días antes".to_owned(),
    }
}

fn heat() -> HeatMap {
    // A plausible week: mornings and evenings, most on Saturday evening.
    let hour = |day: i64, hour: i64| (if !(2..=9).contains(&hour) { 5 } else { 2 } + day / 2 + hour % 3) * 1_000_000;
    HeatMap {
        title: "Mapa de ventas por día y hora, de 7 de la mañana a 9 de la noche.".to_owned(),
        first_hour: 7,
        rows: (0..7).map(|day| (0..15).map(|at| hour(day, at)).collect()).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang;
    use crate::page::tests::page;
    use http_body_util::BodyExt;

    async fn html(lang: lang::Lang) -> String {
        let mut page = page();
        page.lang = lang;
        page.format.lang = lang;
        let response = show(&page, &Query::default()).unwrap();
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        String::from_utf8(bytes.to_vec()).unwrap()
    }

    #[tokio::test]
    async fn no_component_has_an_inline_style_script_or_handler() {
        let html = html(lang::Lang::Es).await;
        for forbidden in [" style=", "<style", " onclick", " onload", " onchange", "javascript:"] {
            assert!(!html.contains(forbidden), "{forbidden}");
        }
        for script in html.split("<script").skip(1) {
            assert!(script.contains("src=\"/static/") && script.contains("></script>"), "{script:.80}");
        }
    }

    #[tokio::test]
    async fn every_posting_form_has_the_token() {
        let html = html(lang::Lang::Es).await;
        let forms = html.split("<form method=\"post\"").skip(1);
        for form in forms {
            let form = form.split("</form>").next().unwrap();
            assert!(form.contains("name=\"csrfmiddlewaretoken\" value=\"token\""), "{form}");
        }
    }

    #[tokio::test]
    async fn ids_are_given_once_and_those_referred_to_exist() {
        let html = html(lang::Lang::Es).await;
        let mut ids: Vec<&str> = html.split(" id=\"").skip(1).filter_map(|part| part.split('"').next()).collect();
        ids.sort_unstable();
        let count = ids.len();
        ids.dedup();
        assert_eq!(ids.len(), count, "an id is given twice");
        for attribute in ["for", "aria-describedby", "aria-controls", "aria-labelledby"] {
            for names in html.split(&format!(" {attribute}=\"")).skip(1).filter_map(|part| part.split('"').next()) {
                for name in names.split(' ') {
                    assert!(ids.contains(&name), "{attribute} names {name}");
                }
            }
        }
    }

    #[tokio::test]
    async fn even_the_page_of_everything_is_under_100_kb_with_its_assets() {
        let assets: usize = ["app.css", "page.js", "figtree.woff2", "mark.svg"]
            .iter()
            .map(|name| crate::assets::find(name).unwrap().bytes_sent_min())
            .sum();
        for lang in lang::Lang::ALL {
            let html = html(lang).await;
            assert!(html.contains(&format!("<html lang=\"{}\"", lang.tag())));
            assert!(html.len() + assets < 100_000, "{} + {assets} bytes", html.len());
        }
    }
}
