//! A notebook behind the guard: sign in, write, read, sign out. Kept in memory.
//!
//! `cargo run -p guard --example notes`, then open <http://127.0.0.1:8000/>.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::extract::{Form, State};
use axum::response::{Html, Redirect};
use axum::{Router, routing::get, routing::post};
use guard::guard::{SecondFactor, SignIn};
use guard::keys::{SecretKeys, generate_secret_key};
use guard::memory::MemorySessions;
use guard::source::SystemRandom;
use guard::{Current, Guard, GuardConfig};

#[derive(Clone)]
struct App {
    guard: Guard<MemorySessions>,
    notes: Arc<Mutex<Vec<String>>>,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let keys = SecretKeys::new::<&str>(&generate_secret_key(&SystemRandom), &[]).expect("a generated key is strong");
    let config = GuardConfig::development(keys);
    let guard = Guard::new(config, Arc::new(MemorySessions::default())).expect("the names are right");
    let app = App { guard: guard.clone(), notes: Arc::default() };
    let routes =
        Router::new().route("/", get(show).post(write)).route("/enter", post(enter)).route("/leave", post(leave));
    let router = guard.outside(guard.inside(routes)).with_state(app);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:8000").await?;
    axum::serve(listener, router.into_make_service_with_connect_info::<SocketAddr>()).await?;
    Ok(())
}

async fn show(State(app): State<App>, current: Current) -> Html<String> {
    let form = |action: &str, inside: &str| {
        let token = current.csrf_token();
        format!(
            "<form method=post action={action}>\
             <input type=hidden name=csrfmiddlewaretoken value={token}>{inside}<button>{action}</button></form>"
        )
    };
    if current.session().is_none() {
        return Html(form("/enter", ""));
    }
    let notes = app.notes.lock().expect("nothing panics under this lock").join("\n");
    let notes = notes.replace('&', "&amp;").replace('<', "&lt;");
    Html(format!("<pre>{notes}</pre>{}{}", form("/", "<input name=text>"), form("/leave", "")))
}

async fn enter(State(app): State<App>, current: Current) -> Result<Redirect, String> {
    // A real application looks at a password first: see `PasswordPool` and `admit_sign_in`.
    let who = SignIn {
        user_id: uuid::Uuid::from_u128(1),
        shop_id: None,
        second_factor: SecondFactor::NotShown,
        known_device: None,
    };
    app.guard.sign_in(&current, who).await.map_err(|problem| problem.to_string())?;
    Ok(Redirect::to("/"))
}

async fn write(State(app): State<App>, current: Current, Form(form): Form<Vec<(String, String)>>) -> Redirect {
    if current.session().is_some() {
        let texts = form.into_iter().filter(|(name, _)| name == "text").map(|(_, text)| text);
        app.notes.lock().expect("nothing panics under this lock").extend(texts);
    }
    Redirect::to("/")
}

async fn leave(State(app): State<App>, current: Current) -> Result<Redirect, String> {
    app.guard.sign_out(&current).await.map_err(|problem| problem.to_string())?;
    Ok(Redirect::to("/"))
}
