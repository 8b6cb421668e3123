//! `inventario routes`: every address the server answers.

use crate::cli::Failure;
use app::router;
use clap::Args;
use std::io::{self, Write};
use web::{Access, route::RouteInfo};

/// List every route: method, path, and who may call it.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  inventario routes --json")]
pub struct Routes {
    /// One JSON list of objects with method, path and who.
    #[arg(long)]
    json: bool,
}

impl Routes {
    /// Lists them by path.
    pub fn run(self) -> Result<(), Failure> {
        let routes = router::routes();
        let mut routes: Vec<&RouteInfo> = routes.list().collect();
        routes.sort_by_key(|route| (route.path, route.method.to_string()));
        let mut out = io::stdout().lock();
        if self.json {
            let list: Vec<serde_json::Value> = routes
                .iter()
                .map(|route| {
                    serde_json::json!({ "method": route.method.as_str(), "path": route.path, "who": who(route.access) })
                })
                .collect();
            writeln!(out, "{}", serde_json::Value::from(list))?;
        } else {
            let width = routes.iter().map(|route| route.path.len()).max().unwrap_or(0);
            for route in routes {
                writeln!(out, "{:<6} {:<width$} {}", route.method.as_str(), route.path, who(route.access))?;
            }
        }
        Ok(())
    }
}

/// The words of an access: a permission by its name, everything else by its own.
fn who(access: Access) -> String {
    match access {
        Access::Public => "anybody".to_owned(),
        Access::SignedIn => "signed_in".to_owned(),
        Access::Member => "member".to_owned(),
        Access::Superuser => "superuser".to_owned(),
        Access::Device => "device".to_owned(),
        Access::ApiKey => "api_key".to_owned(),
        Access::Permission(permission) => match serde_json::to_value(permission) {
            Ok(serde_json::Value::String(name)) => name,
            _ => format!("{permission:?}"),
        },
    }
}
