//! The listener: connections in, requests to the application, an orderly end.
//!
//! **Invariant:** a slow or silent client holds nothing but its own connection:
//! headers must arrive within ten seconds, and connections are bounded. An unsafe
//! request that was read is carried out whatever its connection does.

use axum::{Router, body::Body, extract::Request, response::Response};
use guard::proxy::{Peer, Scheme};
use hyper::{body::Incoming, server::conn::http1};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
};
use std::{convert::Infallible, future::Future, net::SocketAddr, sync::Arc, time::Duration};
use tokio::{net::TcpListener, sync::Semaphore};
use tower::ServiceExt;

/// How long a client may take to send its headers.
const HEADERS_TIME_MAX: Duration = Duration::from_secs(10);
/// How many connections are open at once; more wait in the kernel's queue.
const CONNECTIONS_MAX: usize = 4_096;
/// How long a stop waits for requests that are under way.
const STOP_TIME_MAX: Duration = Duration::from_secs(20);
/// How long to wait before accepting again when the system has no more files.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Serves until `stop` is ready, then lets the requests under way end.
pub async fn serve(listener: TcpListener, router: Router, stop: impl Future<Output = ()>) {
    let graceful = GracefulShutdown::new();
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    tokio::pin!(stop);
    loop {
        let place = tokio::select! {
            place = Arc::clone(&places).acquire_owned() => place.expect("nobody closes the semaphore"),
            () = &mut stop => break,
        };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut stop => break,
        };
        let (stream, address) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        // Answers are small and whole: waiting for more to send only delays them.
        let _ = stream.set_nodelay(true);
        let router = router.clone();
        let service = hyper::service::service_fn(move |request: hyper::Request<Incoming>| {
            answer(router.clone(), address, request.map(Body::new))
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEADERS_TIME_MAX)
            .serve_connection(TokioIo::new(stream), service);
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            // Clients break off as they like; that is no event of ours.
            let _ = connection.await;
            drop(place);
        });
    }
    drop(listener);
    tokio::select! {
        () = graceful.shutdown() => {}
        () = tokio::time::sleep(STOP_TIME_MAX) => tracing::warn!("requests still under way were cut off"),
    }
}

async fn answer(router: Router, address: SocketAddr, mut request: Request) -> Result<Response, Infallible> {
    request.extensions_mut().insert(Peer { address, transport: Scheme::Http });
    if request.method().is_safe() {
        return router.oneshot(request).await;
    }
    match tokio::spawn(router.oneshot(request)).await {
        Ok(answered) => answered,
        Err(error) => {
            tracing::error!(%error, "a request's handler panicked");
            let mut response = Response::new(Body::empty());
            *response.status_mut() = axum::http::StatusCode::INTERNAL_SERVER_ERROR;
            Ok(response)
        }
    }
}

/// Ready when the system asks the process to end (SIGTERM, SIGINT).
pub async fn asked_to_stop() {
    let mut terminate = match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        Ok(signal) => signal,
        Err(error) => {
            tracing::warn!(%error, "SIGTERM cannot be heard; Ctrl-C still stops the server");
            let _ = tokio::signal::ctrl_c().await;
            return;
        }
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}
