//! A server of the living page alone, to look at components without a shop:
//! `cargo run -p web --example gallery`, then http://127.0.0.1:8010/admin/componentes/.
//!
//! It sends the real Content-Security-Policy, so that whatever breaks it is seen here.

use axum::Router;
use axum::extract::{RawQuery, Request};
use axum::http::{HeaderValue, Method, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Redirect, Response};
use domain::decimal::Locale;
use domain::permission::Role;
use web::error::{Asked, Ways, finish};
use web::flash::{COOKIE, Flash, Tone};
use web::format::Currency;
use web::page::{Nav, NavItem, Theme, Viewer};
use web::query::Query;
use web::{Access, AppError, Format, Icon, Lang, PageContext, Routes, Wants};

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; \
    connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; \
    require-trusted-types-for 'script'; trusted-types swap urls";

/// 25 November 2026, 14:05 in Bogotá: the specimens stand still.
const NOW_US: i64 = 1_795_633_509_000_000;

const WAYS: Ways = Ways { sign_in: "/puerta/", denied: "/admin/componentes/", change_password: "/puerta/" };

/// The page as the request would have it: its language, theme and message.
fn page(request: &Request) -> PageContext {
    let header = |name| request.headers().get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let cookies = header(header::COOKIE).unwrap_or_default();
    let cookie = |name: &str| cookies.split("; ").find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
    let lang = Lang::choose(None, cookie("lang"), header(header::ACCEPT_LANGUAGE), Lang::Es);
    let path = request.uri().path().to_owned();
    let theme = match request.uri().query() {
        Some(query) if query.contains("tema=dark") => Theme::Dark,
        _ => Theme::parse(cookie(Theme::COOKIE)),
    };
    PageContext {
        lang,
        theme,
        csrf: "the-token-of-the-session".to_owned(),
        who: (!path.starts_with("/puerta")).then(|| Viewer {
            name: "Marta Ríos".to_owned(),
            initials: "MR".to_owned(),
            shop_name: "Tienda La Esquina".to_owned(),
            role: Some(Role::Admin),
        }),
        nav: nav(),
        path,
        request_id: "0192f3a1-specimen".to_owned(),
        debug: true,
        secure: false,
        flash: cookie(COOKIE).and_then(Flash::read),
        format: Format {
            lang,
            currency: Currency::cop(),
            numbers: Locale { decimal: ',', group: '.' },
            zone: jiff::tz::TimeZone::get("America/Bogota").unwrap_or(jiff::tz::TimeZone::UTC),
            now_us: NOW_US,
        },
    }
}

fn nav() -> Nav {
    let sell = NavItem { key: Some("V"), ..NavItem::new("/ventas/nueva/", "Vender", Icon::Sell) };
    let today = NavItem::new("/dashboard/", "Resumen", Icon::Today);
    let products = NavItem { count: 12, ..NavItem::new("/productos/", "Productos", Icon::Products) };
    let more = NavItem::new("/admin/componentes/", "Más", Icon::Menu);
    Nav {
        home: Some("/admin/componentes/"),
        bottom: vec![today.clone(), sell.clone(), NavItem { count: 0, ..products.clone() }, more],
        sell: Some(sell),
        main: vec![
            today,
            NavItem::new("/ventas/", "Ventas", Icon::Sales),
            products,
            NavItem { count: 5, ..NavItem::new("/fiado/", "Fiado", Icon::Notebook) },
            NavItem::new("/clientes/", "Clientes", Icon::People),
        ],
        business: vec![
            NavItem::new("/configuracion/", "Configuración", Icon::Settings),
            NavItem::new("/admin/componentes/", "Componentes", Icon::Tag),
        ],
        profile: Some("/perfil/"),
        sign_out: Some("/logout/"),
        search: Some("/buscar/"),
    }
}

async fn components(RawQuery(query): RawQuery, request: Request) -> Result<Response, AppError> {
    let query = Query::parse(query.as_deref())?;
    web::components::show(&page(&request), &query)
}

async fn saved(request: Request) -> Response {
    let flash = Flash::new(Tone::Ok, "Leche Alquería 1 L, desactivada").with_undo("/admin/componentes/");
    let back = request.uri().path().to_owned();
    (flash.cookie(false), Redirect::to(&back)).into_response()
}

async fn broken() -> AppError {
    AppError::Internal("a specimen failure".into())
}

async fn around(request: Request, next: Next) -> Response {
    let page = page(&request);
    let (method, uri) = (request.method().clone(), request.uri().to_string());
    let wants = Wants::of(&page.path, request.headers());
    let method = if method == Method::HEAD { Method::GET } else { method };
    let response = next.run(request).await;
    let mut response = finish(response, &Asked { page: &page, method: &method, uri: &uri, wants, ways: WAYS });
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    response
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::io::Result<()> {
    let routes = Routes::new()
        .get("/admin/componentes/", Access::Superuser, components)
        .post("/admin/componentes/", Access::Superuser, saved)
        .get("/roto/", Access::Public, broken)
        .get("/static/{*file}", Access::Public, web::assets::serve);
    let router: Router = routes.into_router(|_, handler| handler).layer(middleware::from_fn(around));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:8010").await?;
    println!("http://127.0.0.1:8010/admin/componentes/");
    axum::serve(listener, router).await
}
