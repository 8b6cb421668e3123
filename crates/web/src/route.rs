//! Routes as data: method, path, who may, handler.
//!
//! A feature gives a [`Routes`]; the app joins them, walks [`Routes::list`] in its wall
//! test, its `routes` command and its API document, and turns them into a router with
//! one layer per route that enforces the declared [`Access`]. **Invariant:** a route
//! without a declared access cannot be written.

use axum::Router;
use axum::handler::Handler;
use axum::routing::{MethodFilter, MethodRouter};
use domain::permission::Permission;
use http::Method;

/// Who may call a route. The guard that checks it runs before the handler.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Anybody.
    Public,
    /// Anybody signed in, in a shop or not.
    SignedIn,
    /// Any active member of the current shop.
    Member,
    /// A member whose role has the right.
    Permission(Permission),
    /// The operator of the installation.
    Superuser,
    /// A till, by its signature.
    Device,
    /// A program, by its key.
    ApiKey,
}

/// What is known of a route without its handler.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouteInfo {
    /// The method; HEAD comes with GET.
    pub method: Method,
    /// The path as axum writes it: `/productos/{id}/`.
    pub path: &'static str,
    /// Who may call it.
    pub access: Access,
}

struct Route<S> {
    info: RouteInfo,
    handler: MethodRouter<S>,
}

/// The routes of a feature, or of the whole app.
pub struct Routes<S> {
    routes: Vec<Route<S>>,
}

impl<S: Clone + Send + Sync + 'static> Default for Routes<S> {
    fn default() -> Self {
        Self::new()
    }
}

impl<S: Clone + Send + Sync + 'static> Routes<S> {
    /// None yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { routes: Vec::new() }
    }

    /// Adds a page or a look-up; it answers HEAD too.
    #[must_use]
    pub fn get<H: Handler<T, S>, T: 'static>(self, path: &'static str, access: Access, handler: H) -> Self {
        self.on(Method::GET, MethodFilter::GET, path, access, handler)
    }

    /// Adds an act.
    #[must_use]
    pub fn post<H: Handler<T, S>, T: 'static>(self, path: &'static str, access: Access, handler: H) -> Self {
        self.on(Method::POST, MethodFilter::POST, path, access, handler)
    }

    /// Adds a replacement (API).
    #[must_use]
    pub fn put<H: Handler<T, S>, T: 'static>(self, path: &'static str, access: Access, handler: H) -> Self {
        self.on(Method::PUT, MethodFilter::PUT, path, access, handler)
    }

    /// Adds a partial change (API).
    #[must_use]
    pub fn patch<H: Handler<T, S>, T: 'static>(self, path: &'static str, access: Access, handler: H) -> Self {
        self.on(Method::PATCH, MethodFilter::PATCH, path, access, handler)
    }

    /// Adds a deletion (API).
    #[must_use]
    pub fn delete<H: Handler<T, S>, T: 'static>(self, path: &'static str, access: Access, handler: H) -> Self {
        self.on(Method::DELETE, MethodFilter::DELETE, path, access, handler)
    }

    fn on<H: Handler<T, S>, T: 'static>(
        mut self,
        method: Method,
        filter: MethodFilter,
        path: &'static str,
        access: Access,
        handler: H,
    ) -> Self {
        let handler = MethodRouter::new().on(filter, handler);
        self.routes.push(Route { info: RouteInfo { method, path, access }, handler });
        self
    }

    /// Joins another feature's.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        self.routes.extend(other.routes);
        self
    }

    /// Everything but the handlers, in the order of declaration.
    pub fn list(&self) -> impl Iterator<Item = &RouteInfo> {
        self.routes.iter().map(|route| &route.info)
    }

    /// The router. `enforce` wraps each handler in the guard of its declared access; it
    /// is asked once per route, so what it computes of the route is computed once. It
    /// wraps with `route_layer`, which leaves the 405 of other methods alone.
    ///
    /// # Panics
    /// When two routes have the same method and path, at start.
    pub fn into_router(self, enforce: impl Fn(&RouteInfo, MethodRouter<S>) -> MethodRouter<S>) -> Router<S> {
        self.routes.into_iter().fold(Router::new(), |router, route| {
            let guarded = enforce(&route.info, route.handler);
            router.route(route.info.path, guarded)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;
    use http::{Request, StatusCode};
    use tower::ServiceExt;

    async fn fine() -> &'static str {
        "fine"
    }

    fn routes() -> Routes<()> {
        Routes::new()
            .get("/productos/", Access::Permission(Permission::SeeProducts), fine)
            .post("/productos/", Access::Permission(Permission::ManageProducts), fine)
            .get("/", Access::Public, fine)
    }

    async fn status(router: &Router, method: &str, path: &str) -> StatusCode {
        let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
        router.clone().oneshot(request).await.unwrap().status()
    }

    #[test]
    fn routes_are_listed_with_who_may_call_them() {
        let routes = routes();
        let posts: Vec<_> = routes.list().filter(|info| info.method == Method::POST).collect();
        assert_eq!(posts.len(), 1);
        assert_eq!(posts[0].access, Access::Permission(Permission::ManageProducts));
    }

    #[tokio::test]
    async fn each_method_of_a_path_has_the_guard_of_its_own_access() {
        let router = routes().into_router(|info, handler| match info.access {
            Access::Public => handler,
            Access::Permission(Permission::SeeProducts) => handler,
            _ => handler.route_layer(axum::middleware::from_fn(
                async |_: axum::extract::Request, _: axum::middleware::Next| StatusCode::FORBIDDEN,
            )),
        });
        assert_eq!(status(&router, "GET", "/").await, StatusCode::OK);
        assert_eq!(status(&router, "GET", "/productos/").await, StatusCode::OK);
        assert_eq!(status(&router, "HEAD", "/productos/").await, StatusCode::OK);
        assert_eq!(status(&router, "POST", "/productos/").await, StatusCode::FORBIDDEN);
        assert_eq!(status(&router, "DELETE", "/productos/").await, StatusCode::METHOD_NOT_ALLOWED);
        assert_eq!(status(&router, "GET", "/nada/").await, StatusCode::NOT_FOUND);
    }
}
